"""Diff: metadata and content of a path at two layers."""

from __future__ import annotations

from collections.abc import Sequence, Set

from textual import work
from textual.content import Content

from explorer.layers.tree import Node, Version
from explorer.model import Change, Kind
from explorer.preview.directory_diff import ChangedFile, Total, directory_diff
from explorer.preview.file_diff import Property, content_diff, metadata_diff
from explorer.preview.versions import ImageContents, version_at
from explorer.text.printable import printable
from explorer.text.units import counted, size
from explorer.tui.key_words import with_keys
from explorer.tui.viewer.text_screen import TextScreen
from explorer.tui.widgets.marks import COLOURS, MARKS, SAME

_NAME_CELLS = 12
_READING = "Reading…\n\n{viewer.leave} cancels."
_OLD_VALUE_CELLS = 30
_MAX_BESIDE_CHARS = 60
"""Characters of a value that stands beside its name. A digest has a line of its own, which fits 80 columns."""
_LINE_STYLES = {
    MARKS[Change.ADDED]: "added",
    MARKS[Change.REMOVED]: "removed",
    MARKS[Change.MODIFIED]: "modified",
    SAME: "muted",
    "@": "keyword",
    "\\": "muted",
}
_CHANGE_WORDS = {
    Change.ADDED: "added",
    Change.MODIFIED: "modified",
    Change.REMOVED: "removed",
    Change.UNCHANGED: "shipped again unchanged",
}
_OLD, _NEW = (f"{MARKS[change]} " for change in (Change.REMOVED, Change.ADDED))
_OLD_COLOUR, _NEW_COLOUR = COLOURS[Change.REMOVED], COLOURS[Change.ADDED]


def _mark(change: Change) -> str:
    return SAME if change is Change.UNCHANGED else MARKS[change]


def _total(change: Change, total: Total) -> Content:
    """Returns the number and the bytes of the files with one kind of change."""
    words = f"{counted(total.files, 'file')} {_CHANGE_WORDS[change]}, {size(total.bytes)}"
    if change is Change.MODIFIED and total.growth:
        words += f" ({size(abs(total.growth))} {'more' if total.growth > 0 else 'less'} than before)"
    return Content.assemble((f"{_mark(change)} ", COLOURS[change]), words)


def _file_line(each: ChangedFile) -> str:
    return f"{_mark(each.change)} {size(each.bytes):>7}  {printable(each.path)}"


class DiffScreen(TextScreen):
    """Differences of one path between two layers."""

    HELP = """\
    # Differences

    The selected path in the selected layer, compared with the layer below it or the layer you compare with. Metadata
    comes first, with `~` if it differs, then the lines of text that differ. Other files, and texts of more than 1 MB
    or 20,000 lines, show the SHA-256 of both versions and the first byte that differs. Between two builds of the same
    steps, they also have the cause, once it is known.

    A directory shows the files below it that differ, the largest first: `+` added, `~` modified, `−` removed,
    `=` shipped again unchanged.
    """

    searched_part = "the differences"

    def __init__(
        self,
        contents: ImageContents,
        node: Node,
        since: int,
        layer: int,
        ignored: Set[Node] = frozenset(),
        known: Sequence[str] = (),
    ) -> None:
        """Compares a path at two layers.

        Args:
            contents: The contents of the image.
            node: The path.
            since: The lower layer.
            layer: The upper layer.
            ignored: Paths that the differences of a directory leave out.
            known: Sentences about the difference, which show if there are no lines to compare.
        """
        super().__init__(contents)
        self._known = known
        self._ignored = ignored
        self.node = node
        self.since = since
        self.selected_layer = layer
        self.old: Version | None = version_at(node, since)
        self.new: Version | None = version_at(node, layer)

    def on_mount(self) -> None:
        self.show_head(printable(f"/{self.node.path}"), self._sides())
        self._show_properties([])
        if self._is_directory:
            self.show_message(Content(with_keys(self, _READING)))
            self.list_changes()
        elif self.old is not self.new:
            self.show_message(Content(with_keys(self, _READING)))
            self.compare()
        elif self.new is None:
            self.show_message(Content(f"The path is in neither of the two {self.contents.points.noun}."))
        else:
            self.show_message(Content(self.contents.points.unchanged(self.new.layer)))

    def _sides(self) -> Content:
        old = "nothing" if self.since < 0 else self._side(self.old, self.since, "does not exist")
        new = self._side(self.new, self.selected_layer, "does not exist" if self.old is None else "removed")
        is_new = self.old is None and self.new is not None
        return Content.assemble((_OLD, _OLD_COLOUR), f"{old}   ", (_NEW, _NEW_COLOUR), new, ": new" if is_new else "")

    def _side(self, version: Version | None, layer: int, absence: str) -> str:
        points = self.contents.points
        return f"{points.point(layer)}: {absence}" if version is None else points.side(layer, version.layer)

    @work(exclusive=True, exit_on_error=False, group="viewer")
    async def compare(self) -> None:
        """Reads both versions, and shows the differences."""
        contents = self.contents
        diff = await self.read_in_thread(
            lambda on_progress: content_diff(contents, self.node, self.old, self.new, on_progress),
            lambda done: with_keys(self, f"Reading: {size(done)}…\n\n{{viewer.leave}} cancels."),
        )
        properties = metadata_diff(self.old and self.old.entry, self.new and self.new.entry)
        self._show_properties([*properties, *([diff.digests] if diff and diff.digests else [])])
        if diff and diff.lines:
            self.pager.show(diff.lines, self._spans, numbered=False)
            self.show_lines()
        elif diff:
            self.show_message(Content("\n".join([*diff.notes, *self._known])))

    @property
    def _is_directory(self) -> bool:
        """True if the path is a directory at both layers, or where it exists."""
        entries = [version.entry for version in (self.old, self.new) if version and version.entry]
        return bool(entries) and all(entry.kind is Kind.DIRECTORY for entry in entries)

    @work(exclusive=True, exit_on_error=False, group="viewer")
    async def list_changes(self) -> None:
        """Lists the files below the directory that differ."""
        tree, node, since, layer = self.contents.tree, self.node, self.since, self.selected_layer
        ignored = self._ignored
        diff = await self.read_in_thread(lambda _: directory_diff(tree, node, since, layer, ignored), lambda _: "")
        if diff is None:
            return
        properties = metadata_diff(self.old and self.old.entry, self.new and self.new.entry)
        totals = [_total(change, diff.totals[change]) for change in Change if change in diff.totals]
        # The modification time of a directory only says that something in it changed.
        self._show_properties([row for row in properties if row.differs and row.name != "time"], totals)
        if diff.files or diff.directories:
            # Directories differ by themselves where they are empty, or have another mode.
            self.pager.show([_file_line(each) for each in diff.files or diff.directories], self._spans, numbered=False)
            self.show_lines()
        else:
            self.show_message(Content("No file below this directory differs."))

    def _show_properties(self, properties: Sequence[Property], totals: Sequence[Content] = ()) -> None:
        """Shows the properties of both versions, those that differ first."""
        lines = [*totals]
        is_wide = any(len(row.old) > _OLD_VALUE_CELLS for row in properties)
        for row in sorted(properties, key=lambda row: not row.differs):
            name = f"{row.name:<{_NAME_CELLS}} "
            if not row.differs:
                lines.append(Content.styled(f"  {name}{row.new}", "$muted"))
                continue
            old, new = row.old or "—", row.new or "—"
            before, gap = "", " " * max(1, _OLD_VALUE_CELLS - len(old))
            if max(len(old), len(new)) > _MAX_BESIDE_CHARS:
                before = gap = "\n    "
            elif is_wide:
                gap = f"\n{' ' * (_NAME_CELLS + 3)}"
            modified = (f"{MARKS[Change.MODIFIED]} ", COLOURS[Change.MODIFIED])
            sides = (f"{_OLD}{old}", _OLD_COLOUR), gap, (f"{_NEW}{new}", _NEW_COLOUR)
            lines.append(Content.assemble(modified, (name, "bold"), before, *sides))
        self.show_notes(Content("\n").join(lines))

    def _spans(self, line: int) -> Sequence[tuple[int, int, str]]:
        text = self.pager.lines[line]
        style = _LINE_STYLES.get(text[:1])
        return ((0, len(text), style),) if style else ()
