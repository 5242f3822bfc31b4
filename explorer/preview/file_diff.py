"""Differences between two versions of a path: metadata, and lines or digests."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from explorer.analysis.changes import same_content
from explorer.errors import NoContents
from explorer.layers.tree import Node, Version
from explorer.model import Entry, Kind
from explorer.preview.preview import preview
from explorer.preview.text_diff import MAX_DIFF_LINES, NO_NEWLINE, unified_diff
from explorer.preview.versions import MAX_PREVIEW_BYTES, FileVersion, ImageContents
from explorer.text.printable import printable, shortened
from explorer.text.units import size, utc_time
from explorer.text.words import mode, owner

_MAX_VALUE_CHARS = 120
_MAX_BINARY_BYTES = 40
"""Bytes of an extended attribute that are shown in hexadecimal."""


@dataclass(frozen=True, slots=True)
class Property:
    """One property of both versions; empty for a version that does not have it."""

    name: str
    old: str
    new: str

    @property
    def differs(self) -> bool:
        """True if the versions differ in it."""
        return self.old != self.new


@dataclass(frozen=True, slots=True)
class ContentDiff:
    """Difference between the contents of two versions."""

    lines: Sequence[str] = ()
    """A unified diff, printable."""
    digests: Property | None = None
    """The digests, if there are no lines to compare."""
    notes: Sequence[str] = ()
    """Sentences about it, printable."""


def metadata_diff(old: Entry | None, new: Entry | None) -> list[Property]:
    """Returns the properties of two entries except for their content."""
    names = sorted({name for entry in (old, new) if entry for name, _ in entry.xattrs})
    properties = [
        Property("type", _type(old), _type(new)),
        Property("size", _size(old), _size(new)),
        Property("mode", mode(old) if old else "", mode(new) if new else ""),
        Property("owner", owner(old) if old else "", owner(new) if new else ""),
        Property("time", utc_time(old.mtime_ns) if old else "", utc_time(new.mtime_ns) if new else ""),
        Property("link", _link(old), _link(new)),
        *(Property(printable(name), _attribute(old, name), _attribute(new, name)) for name in names),
    ]
    return [row for row in properties if row.old or row.new]


def _type(entry: Entry | None) -> str:
    # A hard link is a file with another name, not another type.
    return "" if entry is None else (Kind.FILE if entry.kind is Kind.HARDLINK else entry.kind).label


def _size(entry: Entry | None) -> str:
    return f"{size(entry.size)} ({entry.size:,})" if entry is not None and entry.kind.has_content else ""


def _link(entry: Entry | None) -> str:
    if entry is None or entry.kind.has_content:
        return ""
    return printable(shortened(entry.link, _MAX_VALUE_CHARS))


def _attribute(entry: Entry | None, name: str) -> str:
    value = dict(entry.xattrs).get(name) if entry else None
    if value is None:
        return ""
    if not value.isascii():
        return value[:_MAX_BINARY_BYTES].hex()
    return printable(shortened(value.decode("ascii"), _MAX_VALUE_CHARS))


def content_diff(
    contents: ImageContents, node: Node, old: Version | None, new: Version | None, on_progress: Callable[[int], None]
) -> ContentDiff:
    """Reads and compares two versions of a path, or None. Raises ExplorerError.

    ``on_progress`` gets the number of bytes that were read; it may raise to stop the reading.
    """
    versions = old_file, new_file = _file(node, old), _file(node, new)
    if old_file is None and new_file is None:
        return ContentDiff()
    if old and new and old_file and new_file and same_content(contents.tree, old, new):
        return ContentDiff(notes=["The contents are identical."])
    try:
        return _read_diff(contents, versions, on_progress)
    except NoContents as error:
        if old_file is None or new_file is None or not all(_is_known(contents, each) for each in (old_file, new_file)):
            raise
        return ContentDiff(notes=[f"The contents differ, but {error.message}."])


def _is_known(contents: ImageContents, version: FileVersion) -> bool:
    """True if the fingerprint of a file is known."""
    return version.entry.inode in contents.tree.layers[version.layer].fingerprints


def _read_diff(
    contents: ImageContents, versions: tuple[FileVersion | None, FileVersion | None], on_progress: Callable[[int], None]
) -> ContentDiff:
    """Reads two versions, of which one is a file, and compares their lines or digests."""
    old_file, new_file = versions
    texts: list[Sequence[str]] = []
    for version in versions:
        lines = _text(contents, version, on_progress)
        if isinstance(lines, str):
            if old_file is None or new_file is None:
                lines = f"There is no {'older' if old_file is None else 'newer'} version to compare with. {lines}"
            return _digest_diff(contents, versions, lines, on_progress)
        texts.append(lines)
    lines = unified_diff(*texts)
    if not lines and old_file and new_file:
        reason = "No line differs, but line ends, the encoding or invisible bytes do."
        return _digest_diff(contents, versions, reason, on_progress)
    return ContentDiff(lines)


def _file(node: Node, version: Version | None) -> FileVersion | None:
    if version is None or version.entry is None or not version.entry.kind.has_content:
        return None
    return FileVersion(node, version.layer, version.entry)


def _text(
    contents: ImageContents, version: FileVersion | None, on_progress: Callable[[int], None]
) -> Sequence[str] | str:
    """Lines of a version, or the reason why they cannot be compared."""
    if version is None or not version.entry.size:
        return ()
    if version.entry.size > MAX_PREVIEW_BYTES:
        return f"The lines of files larger than {size(MAX_PREVIEW_BYTES)} are not shown."
    read = preview(contents.read(version, on_progress), version.entry.size)
    if read.text is None or read.is_packed:
        return f"Not text: {read.notes[0]}."
    if len(read.text) > MAX_DIFF_LINES:
        return f"More than {MAX_DIFF_LINES:,} lines are not shown."
    return read.text if read.ends_in_newline else [*read.text[:-1], read.text[-1] + NO_NEWLINE]


def _digest_diff(
    contents: ImageContents,
    versions: tuple[FileVersion | None, FileVersion | None],
    reason: str,
    on_progress: Callable[[int], None],
) -> ContentDiff:
    old, new = (contents.digest(version, on_progress) if version else "" for version in versions)
    notes = [reason]
    old_file, new_file = versions
    if old_file is not None and new_file is not None:
        before, after = (contents.read(version, on_progress) for version in (old_file, new_file))
        notes.append(_first_difference(before, after))
    return ContentDiff(digests=Property("sha256", old, new), notes=notes)


def _first_difference(old: bytes, new: bytes) -> str:
    """Returns a sentence with the first byte that differs between two files."""
    common = min(len(old), len(new))
    low, high = 0, common
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if old[:middle] == new[:middle] else (low, middle - 1)
    if low == MAX_PREVIEW_BYTES:
        return f"The first {size(MAX_PREVIEW_BYTES)} are equal."
    if low == common:
        return f"The first {low:,} bytes are equal, and one version ends there."
    return f"The first difference is at byte {low:,} ({low:#x}), counted from 0."
