"""Words for people: commands, modes, owners, link targets and causes of waste."""

from __future__ import annotations

import stat
from collections.abc import Iterable, Mapping, Sequence

from explorer.model import Cause, Entry, HistoryStep, Kind, Layer
from explorer.text.dockerfile import instruction, readable
from explorer.text.printable import printable, shortened
from explorer.text.units import size

_FILE_TYPES = {
    Kind.FILE: stat.S_IFREG,
    Kind.HARDLINK: stat.S_IFREG,
    Kind.DIRECTORY: stat.S_IFDIR,
    Kind.SYMLINK: stat.S_IFLNK,
    Kind.CHARACTER_DEVICE: stat.S_IFCHR,
    Kind.BLOCK_DEVICE: stat.S_IFBLK,
    Kind.FIFO: stat.S_IFIFO,
}
UNOWNED_FILES = "unowned files"
"""The files that no package owns."""
DISPOSABLE_MARK = "◌"
"""The mark of disposable files."""
NOT_NEEDED = "that a container is not expected to need"
"""The definition of disposable: visible files, or bytes, of which this is true. All texts use these words."""
_NO_COMMAND = "(no command recorded)"
_MAX_LAYERS_NAMED = 12

CAUSES: Mapping[Cause, str] = {
    Cause.REMOVED: "deleted by a later layer, but still shipped",
    Cause.OVERWRITTEN: "replaced by a later layer",
    Cause.RECOPIED: "shipped again unchanged by a later layer",
    Cause.DUPLICATE: "twice in one layer's tar, or never visible",
}
"""The meaning of each cause of waste."""


def mode(entry: Entry) -> str:
    """Type and permissions as ``ls -l`` shows them: ``drwxr-xr-x``."""
    return stat.filemode(_FILE_TYPES[entry.kind] | entry.mode)


def owner(entry: Entry) -> str:
    """``uid:gid``."""
    return f"{entry.uid}:{entry.gid}"


def target(entry: Entry) -> str:
    """The printable target of a link or numbers of a device; otherwise empty."""
    if not entry.link:
        return ""
    arrow = "⇒ " if entry.kind is Kind.HARDLINK else "→ " if entry.kind is Kind.SYMLINK else ""
    return arrow + printable(entry.link)


def enumerated(words: Iterable[str], joiner: str) -> str:
    """A list in words, with a joiner before the last: ``a, b or c``."""
    *others, last = words
    return f"{', '.join(others)} {joiner} {last}" if others else last


def layers_named(numbers: Sequence[int]) -> str:
    """Names layers by their ascending numbers: ``layers 1, 2 and 5``.

    Many layers are only counted.
    """
    if len(numbers) > _MAX_LAYERS_NAMED:
        return f"{len(numbers):,} layers from {numbers[0]} to {numbers[-1]}"
    return f"{'layer' if len(numbers) == 1 else 'layers'} {enumerated(map(str, numbers), 'and')}"


def saved(wasted_bytes: int, disposable_bytes: int, mark: str = "") -> str:
    """Saved bytes: ``1.2 MB wasted + 3.0 MB disposable``.

    ``mark`` stands before the disposable bytes.
    """
    figures = ((wasted_bytes, "", "wasted"), (disposable_bytes, mark, "disposable"))
    return " + ".join(f"{before}{size(count)} {word}" for count, before, word in figures if count)


def hidden_by(layer: int | None, cause: Cause | None = None, *, is_short: bool = False) -> str:
    """The layer that hides some bytes: ``removed by layer 5``.

    The word is ``hidden`` if no cause is given, and ``visible`` stands for bytes that no layer hides.
    """
    if layer is None:
        return "visible"
    name = f"{layer}" if is_short else f"layer {layer}"
    if cause is Cause.DUPLICATE:
        return f"{'unseen' if is_short else 'never visible'} in {name}"
    if cause is Cause.RECOPIED and not is_short:
        return f"shipped again unchanged by {name}"
    return f"{cause.value if cause else 'hidden'} by {name}"


def layer_command(layer: Layer, max_chars: int | None = None) -> str:
    """The command of the history step that made a layer; see ``step_command``."""
    return step_command(layer.step, max_chars) if layer.step else _NO_COMMAND


def step_command(step: HistoryStep, max_chars: int | None = None) -> str:
    """The command of a history step, read up to ``max_chars`` characters."""
    if max_chars is None:
        return command(step.created_by, step.comment)
    return command(shortened(step.created_by, max_chars), shortened(step.comment, max_chars))


def command(created_by: str, comment: str = "") -> str:
    """A history step as a Dockerfile instruction, printable and on one line.

    Leaves out what does not say what the step did: the shell of RUN, the ``#(nop)`` of the old builder, the
    ``# buildkit`` of the new one, and the build arguments before a command.
    """
    step = instruction(created_by, comment)
    words = (step.keyword, *step.flags, f"… {step.arguments}" if step.origin else readable(step))
    return printable(" ".join(" ".join(words).split())) or _NO_COMMAND


def capitalized(text: str) -> str:
    """Returns a text with a capital first letter."""
    return f"{text[:1].upper()}{text[1:]}"
