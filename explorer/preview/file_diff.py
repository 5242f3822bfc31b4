"""What differs between two versions of a path: their metadata, and their text or, failing that, their digests."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from explorer.analysis.changes import same_content
from explorer.layers.tree import Version
from explorer.model import Entry, Kind
from explorer.preview.preview import preview
from explorer.preview.text_diff import MAX_DIFF_LINES, NO_NEWLINE, unified_diff
from explorer.preview.versions import MAX_PREVIEW_BYTES, FileVersion, ImageContents, utc_time
from explorer.text.printable import printable, shortened
from explorer.text.units import size
from explorer.text.words import mode, owner

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from explorer.layers.tree import Node

_LONGEST = 120


@dataclass(frozen=True, slots=True)
class Property:
    """One property of the two versions; empty where a version is not there, or has none."""

    name: str
    old: str
    new: str

    @property
    def differs(self) -> bool:
        """Whether the two are not the same."""
        return self.old != self.new


@dataclass(frozen=True, slots=True)
class ContentDiff:
    """What differs in the contents."""

    lines: Sequence[str] = ()
    """A unified diff, printable."""
    digests: Property | None = None
    """Where there are no lines to compare."""
    notes: Sequence[str] = ()
    """Words about it, printable."""


def metadata_diff(old: Entry | None, new: Entry | None) -> list[Property]:
    """The properties that an entry has without its content."""
    names = sorted({name for entry in (old, new) if entry for name, _ in entry.xattrs})
    found = [
        Property("type", _kind(old), _kind(new)),
        Property("size", _bytes(old), _bytes(new)),
        Property("mode", mode(old) if old else "", mode(new) if new else ""),
        Property("owner", owner(old) if old else "", owner(new) if new else ""),
        Property("time", utc_time(old.mtime_ns) if old else "", utc_time(new.mtime_ns) if new else ""),
        Property("link", _link(old), _link(new)),
        *(Property(printable(name), _attribute(old, name), _attribute(new, name)) for name in names),
    ]
    return [fact for fact in found if fact.old or fact.new]


def _kind(entry: Entry | None) -> str:
    # A hard link is a file with another name, not another type.
    return "" if entry is None else (Kind.FILE if entry.kind is Kind.HARDLINK else entry.kind).label


def _bytes(entry: Entry | None) -> str:
    return f"{size(entry.size)} ({entry.size:,})" if entry is not None and entry.kind.has_content else ""


def _link(entry: Entry | None) -> str:
    has_target = entry is not None and not entry.kind.has_content
    return printable(shortened(entry.link, _LONGEST)) if entry is not None and has_target else ""


def _attribute(entry: Entry | None, name: str) -> str:
    value = dict(entry.xattrs).get(name) if entry else None
    if value is None:
        return ""
    return printable(shortened(value.decode("latin-1"), _LONGEST)) if value.isascii() else value[:40].hex()


def content_diff(
    contents: ImageContents, node: Node, old: Version | None, new: Version | None, on_progress: Callable[[int], None]
) -> ContentDiff:
    """What differs in the contents of two versions; reads them. Raises ExplorerError."""
    before, after = _file(node, old), _file(node, new)
    if before is None and after is None:
        return ContentDiff()
    if old and new and before and after and same_content(contents.tree, old, new):
        return ContentDiff(notes=["The content is the same, byte for byte."])
    texts: list[Sequence[str]] = []
    for subject in (before, after):
        lines = _text(contents, subject, on_progress)
        if isinstance(lines, str):
            if before is None or after is None:
                lines = f"There is nothing {'before' if before is None else 'after'} it to compare with. {lines}"
            return _digests(contents, before, after, lines, on_progress)
        texts.append(lines)
    lines = unified_diff(*texts)
    if not lines and before and after:
        return _digests(
            contents, before, after, "No line differs, but line ends, encodings or unseen bytes do.", on_progress
        )
    return ContentDiff(lines)


def _file(node: Node, version: Version | None) -> FileVersion | None:
    if version is None or version.entry is None or not version.entry.kind.has_content:
        return None
    return FileVersion(node, version.layer, version.entry)


def _text(
    contents: ImageContents, subject: FileVersion | None, on_progress: Callable[[int], None]
) -> Sequence[str] | str:
    """The lines of a version, none where it is not there; or why they cannot be compared."""
    if subject is None or not subject.entry.size:
        return ()
    if subject.entry.size > MAX_PREVIEW_BYTES:
        return f"The lines of files of more than {size(MAX_PREVIEW_BYTES)} are not shown here."
    content = contents.read(subject, MAX_PREVIEW_BYTES, on_progress)
    found = preview(content, subject.entry.size)
    if found.text is None or found.unpacked is not None:
        return f"Not text: {found.notes[0]}." if found.notes else "Not text."
    if len(found.text) > MAX_DIFF_LINES:
        return f"More than {MAX_DIFF_LINES:,} lines are not shown here."
    return found.text if found.ends_in_newline else [*found.text[:-1], found.text[-1] + NO_NEWLINE]


def _digests(
    contents: ImageContents,
    old: FileVersion | None,
    new: FileVersion | None,
    reason: str,
    on_progress: Callable[[int], None],
) -> ContentDiff:
    taken = [contents.digest(subject, on_progress) if subject else "" for subject in (old, new)]
    return ContentDiff(digests=Property("sha256", *taken), notes=[reason])
