"""Words for people: untrusted text made printable; sizes, modes, times and commands.

Names, link targets, commands, labels and contents come from strangers. What passes ``printable`` can be put on a
terminal: it moves no cursor, starts no escape sequence, turns no writing direction and stays on one line.
"""

from __future__ import annotations

import re
import stat
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from fractions import Fraction

from explorer.model import Cause, Entry, HistoryStep, Kind, Layer
from explorer.text.dockerfile import instruction, readable

_CONTROL = "".join(map(chr, [*range(0x20), *range(0x7F, 0xA0)]))
_DIRECTION = "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
_LINES = "\u2028\u2029"
_INVISIBLE = "\u00ad\u200b\u2060\ufeff"
_UNPRINTABLE = re.compile(
    f"[{re.escape(_CONTROL + _DIRECTION + _LINES + _INVISIBLE)}\ud800-\udfff\ufff9-\ufffb\U000e0000-\U000e007f]"
)
_SURROGATE = re.compile("[\ud800-\udfff]")
_SHORT = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}


def printable(text: str) -> str:
    """The text with all that could disturb a terminal shown escaped: ``\\x1b``, ``\\n``, ``\\u202e``, ``\\xff``."""
    if text.isascii() and text.isprintable():
        return text
    return _UNPRINTABLE.sub(_escape, text)


def without_login(address: str, text: str | None = None) -> str:
    """An address with the login in it hidden; or a ``text`` about the address, which may repeat it.

    Whom ``ssh`` logs in as is no secret, and what stands behind the @ of an image may be its digest.
    """
    scheme, _, rest = address.rpartition("://")
    login, at, host = rest.rpartition("@")
    if at and host.startswith(("sha256:", "sha512:")):
        login, at, _ = login.rpartition("@")
    text = address if text is None else text
    if not at or rest.startswith("/"):
        return text
    user, colon, _ = login.partition(":")
    shown = f"{user}:…" if scheme == "ssh" and colon else user if scheme == "ssh" else "…"
    return text.replace(f"{login}@", f"{shown}@")


def shortened(text: str, longest: int) -> str:
    """The text; of a longer one the first ``longest`` characters, and how many more there are."""
    left = len(text) - longest
    return text if left <= 0 else f"{text[:longest]}… and {counted(left, 'more character')}"


def counted(count: int, one: str, many: str = "") -> str:
    """``1 layer``, ``1,200 layers``; ``many`` is what ends in something else than an s."""
    return f"{count:,} {one if count == 1 else many or f'{one}s'}"


def enumerated(words: Iterable[str], joiner: str) -> str:
    """``a``, ``a or b``, ``a, b or c``; ``joiner`` is the word before the last of them."""
    *others, last = words
    return f"{', '.join(others)} {joiner} {last}" if others else last


def encodable(text: str) -> str:
    """The text with only those characters escaped that no encoding can hold: bytes that were not UTF-8."""
    return _SURROGATE.sub(_escape, text)


def _escape(match: re.Match[str]) -> str:
    character = match.group()
    code = ord(character)
    if character in _SHORT:
        return _SHORT[character]
    if 0xDC80 <= code <= 0xDCFF:
        return f"\\x{code - 0xDC00:02x}"
    if code < 0x100:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


_UNITS = ("kB", "MB", "GB", "TB", "PB", "EB", "ZB", "YB")


def size(count: int) -> str:
    """Bytes in decimal units, rounded to two or three digits: ``0 B``, ``4.5 MB``, ``167 MB``."""
    if count < 1000:
        return f"{count} B"
    unit = 1
    for name in _UNITS:
        unit *= 1000
        tenths, whole = (10 * count + unit // 2) // unit, (count + unit // 2) // unit
        if tenths < 100:
            return f"{tenths // 10}.{tenths % 10} {name}"
        if whole < 1000:
            return f"{whole} {name}"
    return f"{whole:,} {name}"


_SIZE = re.compile(r"(\d+(?:\.\d+)?|\.\d+)\s*(?:([kmgt])(i?))?b?", re.ASCII | re.IGNORECASE)
_POWERS = {"": 0, "k": 1, "m": 2, "g": 3, "t": 4}
_LONGEST_SIZE = 30
"""Characters; a longer one would be a mistake."""


def parse_size(text: str) -> int | None:
    """Bytes as people write them, None for what is no size: ``512``, ``20MB``, ``20 MB``, ``10M``, ``.5GiB``."""
    match = _SIZE.fullmatch(text.strip()) if len(text) <= _LONGEST_SIZE else None
    if match is None:
        return None
    return int(Fraction(match[1]) * (1024 if match[3] else 1000) ** _POWERS[(match[2] or "").lower()])


def percent(part: float) -> str:
    """A share from 0 to 1 as whole percent that never rounds up to 100 nor down to 0: ``69 %``."""
    if 0 < part < 0.01:
        return "<1 %"
    if 0.99 < part < 1:
        return ">99 %"
    return f"{part * 100:.0f} %"


_TYPES = {
    Kind.FILE: stat.S_IFREG,
    Kind.HARDLINK: stat.S_IFREG,
    Kind.DIRECTORY: stat.S_IFDIR,
    Kind.SYMLINK: stat.S_IFLNK,
    Kind.CHARACTER_DEVICE: stat.S_IFCHR,
    Kind.BLOCK_DEVICE: stat.S_IFBLK,
    Kind.FIFO: stat.S_IFIFO,
}


def mode(entry: Entry) -> str:
    """Type and permissions as ``ls -l`` shows them: ``drwxr-xr-x``."""
    return stat.filemode(_TYPES[entry.kind] | entry.mode)


def owner(entry: Entry) -> str:
    """``uid:gid``."""
    return f"{entry.uid}:{entry.gid}"


def target(entry: Entry) -> str:
    """Where a link points, or the numbers of a device, printable; empty for everything else."""
    if not entry.link:
        return ""
    arrow = "⇒ " if entry.kind is Kind.HARDLINK else "→ " if entry.kind is Kind.SYMLINK else ""
    return arrow + printable(entry.link)


def timestamp(rfc3339: str | None) -> str:
    """A point in time from an image's documents, to the minute: ``2026-01-31 09:00 UTC``. Odd ones as they are.

    The year 1 is how builders spell that there is no time.
    """
    if not rfc3339 or rfc3339.startswith("0001-01-01"):
        return ""
    parsed = parsed_time(rfc3339)
    return parsed.strftime("%Y-%m-%d %H:%M UTC") if parsed else printable(rfc3339)


CAUSES: Mapping[Cause, str] = {
    Cause.REMOVED: "deleted by a later layer, shipped all the same",
    Cause.OVERWRITTEN: "replaced by a later layer",
    Cause.RECOPIED: "shipped again, the same bytes, by a later layer",
    Cause.DUPLICATE: "twice in one layer's tar",
}
"""What is meant by each cause of waste."""


def fate(cause: Cause, hidden_in: int) -> str:
    """What became of wasted bytes of a layer: ``removed by layer 5``."""
    return {
        Cause.REMOVED: f"removed by layer {hidden_in}",
        Cause.OVERWRITTEN: f"overwritten by layer {hidden_in}",
        Cause.RECOPIED: f"shipped again, the same, by layer {hidden_in}",
        Cause.DUPLICATE: "twice in this layer",
    }[cause]


_NO_COMMAND = "(no command recorded)"


def layer_command(layer: Layer, longest: int | None = None) -> str:
    """The history step that made a layer, like ``command``; the history may not know of any."""
    return step_command(layer.step, longest) if layer.step else _NO_COMMAND


def step_command(step: HistoryStep, longest: int | None = None) -> str:
    """A step of the history, like ``command``; of a longer one no more than ``longest`` characters are looked at."""
    if longest is None:
        return command(step.created_by, step.comment)
    return command(shortened(step.created_by, longest), shortened(step.comment, longest))


def command(created_by: str, comment: str = "") -> str:
    """A history step as a Dockerfile instruction, printable and on one line.

    The shell prefix of RUN, the ``#(nop)`` of the old builder, the ``# buildkit`` of the new one and the build
    arguments before a command say nothing about what the step did.
    """
    found = instruction(created_by, comment)
    words = (found.keyword, *found.flags, f"… {found.arguments}" if found.origin else readable(found))
    return printable(" ".join(" ".join(words).split())) or _NO_COMMAND


def span(seconds: float) -> str:
    """A stretch of time in its largest unit: ``40 s``, ``3 min``, ``2 h``, ``41 days``, ``2 years``."""
    for unit, length in (("year", 365 * 86_400), ("day", 86_400)):
        count = int(seconds // length)
        if count:
            return counted(count, unit)
    for unit, length in (("h", 3600), ("min", 60)):
        count = int(seconds // length)
        if count:
            return f"{count} {unit}"
    return f"{int(seconds)} s"


def parsed_time(rfc3339: str | None) -> datetime | None:
    """A point in time from an image's documents; None where there is none, and for the year 1, which means the same."""
    if not rfc3339 or rfc3339.startswith("0001-01-01"):
        return None
    try:
        return datetime.fromisoformat(re.sub(r"\.(\d{6})\d+", r".\1", rfc3339)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
