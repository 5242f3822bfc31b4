"""The steps of two histories, in a form in which they can be compared."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from hashlib import sha256
from typing import NamedTuple

from explorer.model import HistoryStep, Image
from explorer.text.dockerfile import Instruction, instruction, readable
from explorer.text.printable import cut, shortened
from explorer.text.words import step_command

COPYING = ("COPY", "ADD")
"""The keywords of steps that bring files from outside."""
_MAX_STEP_CHARS = 20_000
"""The part of a step that is compared."""
_MAX_NAME_CHARS = 60
_IGNORED_BY_BUILDKIT = frozenset(
    ("CMD", "ENTRYPOINT", "EXPOSE", "HEALTHCHECK", "LABEL", "MAINTAINER", "ONBUILD", "STOPSIGNAL", "VOLUME")
)
"""BuildKit ignores changes of these when it looks for a step in its cache; other builders do not."""


class Step(NamedTuple):
    """A step of a history."""

    layer: int | None
    """The number of the layer that it made; None if it only changed settings."""
    instruction: Instruction
    command: str
    """The command, printable."""
    text: str
    """The step as the builder records it, shortened."""
    may_break: bool = True
    """False for settings that do not matter to the builder's cache."""
    masked_digest: bytes = b""
    """Digest of the step with its secrets, only to compare; empty if none of them is masked, or known."""

    @property
    def name(self) -> str:
        """The command for a sentence, shortened."""
        return cut(self.command, _MAX_NAME_CHARS)

    @property
    def key(self) -> Hashable:
        """The command, as all builders record it."""
        return _key(self.instruction)


def image_steps(image: Image) -> Sequence[Step]:
    """Returns the steps of the history, and one for each layer that it does not name."""
    named = {step.layer for step in image.history}
    others = [layer for layer in image.layers if layer.number not in named]
    return [
        *(
            _step(step, step.layer)._replace(masked_digest=digest)
            for step, digest in zip(image.history, _masked_digests(image), strict=True)
        ),
        *(_step(layer.step or HistoryStep(), layer.number) for layer in others),
    ]


def _masked_digests(image: Image) -> Sequence[bytes]:
    # An image that was saved has the masks alone. Only equality is asked of the secrets.
    originals = (image.original or image).history
    if len(originals) != len(image.history):
        return [b""] * len(image.history)
    pairs = zip((step.created_by for step in image.history), (step.created_by for step in originals), strict=True)
    return [_digest(original) if original != shown else b"" for shown, original in pairs]


def _digest(text: str) -> bytes:
    return sha256(text.encode(errors="replace")).digest()


def have_other_secrets(old: Step, new: Step) -> bool:
    """True if two steps look the same, but a masked value differs."""
    is_alike = old.key == new.key and old.instruction.build_arguments == new.instruction.build_arguments
    digests = {old.masked_digest, new.masked_digest}
    return is_alike and b"" not in digests and len(digests) > 1


def is_same_command(old: Step, new: Step) -> bool:
    """True if the parts of two commands that both images record are the same."""
    before, after = old.instruction, new.instruction
    if old.key == new.key or not before.keyword + before.arguments or not after.keyword + after.arguments:
        return True
    if before.keyword != after.keyword or before.flags != after.flags:
        return False
    if before.keyword == "ARG":
        names = [each.arguments.partition("=")[0].strip() for each in (before, after)]
        return names[0] == names[1] and ("=" in before.arguments) != ("=" in after.arguments)
    # Some builders do not record the sources.
    is_recorded_otherwise = before.keyword in COPYING and bool(before.origin) != bool(after.origin)
    return is_recorded_otherwise and before.arguments.split()[-1:] == after.arguments.split()[-1:]


def differ_only_in_spaces(old: Step, new: Step) -> bool:
    """True if the texts of two steps are the same but for spaces and line breaks.

    Builders compare the texts, and record them in forms of their own.
    """
    return old.text != new.text and old.text.split() == new.text.split()


def command_key(step: HistoryStep | None) -> Hashable:
    """Returns the command of a step as it is compared; None if there is none."""
    if step is None:
        return None
    key = _key(_instruction(step))
    return key if any(key) else None


def _step(step: HistoryStep, layer: int | None) -> Step:
    parsed, command = _instruction(step), step_command(step, _MAX_STEP_CHARS)
    return Step(layer, parsed, command, shortened(step.created_by, _MAX_STEP_CHARS), not _is_ignored(step, parsed))


def _is_ignored(step: HistoryStep, parsed: Instruction) -> bool:
    return parsed.keyword in _IGNORED_BY_BUILDKIT and step.comment.startswith("buildkit.")


def _instruction(step: HistoryStep) -> Instruction:
    return instruction(shortened(step.created_by, _MAX_STEP_CHARS), shortened(step.comment, _MAX_STEP_CHARS))


def _key(step: Instruction) -> tuple[str, ...]:
    """Returns keyword, flags and arguments.

    Build arguments and the digests of copied files are left out.
    """
    return (step.keyword, *step.flags, " ".join(readable(step).split()))
