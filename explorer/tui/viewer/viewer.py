"""Viewer: one version of a file, as text or in hexadecimal."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import ClassVar

from textual import work
from textual.binding import Binding, BindingType
from textual.content import Content

from explorer.analysis.changes import same_content
from explorer.layers.tree import Version
from explorer.layers.tree_links import follow_link
from explorer.model import Cause, Kind
from explorer.preview.highlight_process import highlights_in_process
from explorer.preview.preview import Preview, hex_line, preview
from explorer.preview.versions import (
    FileVersion,
    ImageContents,
    entry_summary,
    file_version_at,
    file_versions,
)
from explorer.text.printable import printable
from explorer.text.units import size
from explorer.tui.availability import Availability
from explorer.tui.key_words import with_keys
from explorer.tui.run_in_thread import run_in_thread
from explorer.tui.viewer.extract_screen import NOT_IN_TREE, ask_destination
from explorer.tui.viewer.text_screen import TextScreen

_MAX_MEMBER_LINES = 24
_HEX_SPANS = ((0, 8, "muted"), (60, 76, "string"))
"""Offset and characters of a line in hexadecimal."""


class Viewer(TextScreen):
    """Content of one version of a file."""

    HELP = """\
    # A file's content

    The file as it is in the selected layer, or, if that layer removed it, as it was before. Text, also gzipped, shows
    its first 1 MB with line numbers; any other file shows what is known about its type, and its first bytes in
    hexadecimal.

    `{viewer.search}` searches while you type: Enter keeps the search, Esc undoes it. `{viewer.hex}` shows the bytes,
    `{viewer.save}` saves the whole file. `{viewer.older}` shows the older version of the file, `{viewer.newer}` the
    newer one.
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("x", "save", "Save", tooltip="Save the whole file to disk", id="viewer.save"),
        Binding("h", "hex", "Hex", tooltip="Show the bytes in hexadecimal, or the text", id="viewer.hex"),
        Binding(
            "[",
            "version(-1)",
            "Older, newer",
            key_display="[ ]",
            tooltip="Show the older version",
            id="viewer.older",
        ),
        Binding("]", "version(1)", "Newer", show=False, tooltip="Show the newer version", id="viewer.newer"),
        Binding("enter", "follow", "Follow", tooltip="Show the target of the link", id="viewer.follow"),
    ]

    def __init__(self, contents: ImageContents, version: FileVersion, layer: int, line: int | None = None) -> None:
        """Shows a version.

        Args:
            contents: The contents of the image.
            version: The version to show.
            layer: The selected layer, maybe above the version's own.
            line: The line of a text to go to and to mark, counted from 1.
        """
        super().__init__(contents)
        self.version = version
        self.selected_layer = layer
        self._line = line
        self.preview: Preview | None = None
        self.is_hex = False
        self._highlights: Mapping[int, Sequence[tuple[int, int, str]]] = {}

    def on_mount(self) -> None:
        self.show_version()

    def show_version(self) -> None:
        """Shows the version, as soon as its bytes are there."""
        entry = self.version.entry
        self.preview, self.is_hex, self._highlights = None, False, {}
        self.show_head(self.version.path, self._facts())
        self._note([])
        if entry.kind is Kind.SYMLINK:
            self.show_message(self._link())
        elif not entry.kind.has_content:
            numbers = f" {printable(entry.link)}" if entry.link else ""
            self.show_message(Content(f"A {entry.kind.label}{numbers}: it has no content."))
        elif not entry.size:
            self.show_message(Content("The file is empty."))
        else:
            self.show_message(Content(self._reading(0, self.contents.bytes_to_read(self.version))))
            self.read()
        self.refresh_bindings()

    def _facts(self) -> Content:
        version, versions = self.version, file_versions(self.version.node)
        points, later = self.contents.points, version.node.version_after(version.layer)
        name = points.seen_at(version.layer, later.layer if later is not None else None)
        parts = [Content.styled(name, "$key")]
        layers = [each.layer for each in versions]
        if len(layers) > 1 and version.layer in layers:
            parts.append(Content.styled(f"version {layers.index(version.layer) + 1} of {len(layers)}", "$muted"))
        if later is not None:
            style = "$change-removed" if later.entry is None else "$change-modified"
            parts.append(Content.styled(points.hidden_at(later.layer, self._cause(later)), style))
        parts += [Content(fact) for fact in entry_summary(version.entry)]
        return Content.styled(" · ", "$muted").join(parts)

    def _cause(self, later: Version) -> Cause:
        """The way in which the next version hides this one."""
        if later.entry is None:
            return Cause.REMOVED
        is_file = bool(self.version.entry.size) and self.save_layer is not None
        version = Version(self.version.layer, self.version.entry)
        is_same = is_file and same_content(self.contents.tree, version, later)
        return Cause.RECOPIED if is_same else Cause.OVERWRITTEN

    def _link(self) -> Content:
        link = self.version.entry.link
        target = follow_link(self.contents.tree, self.version.node, link, self.selected_layer).node
        where = "The target does not exist." if target is None else f"The target is /{printable(target.path)}."
        return Content(f"A symbolic link to {printable(link)}\n{where}")

    def _reading(self, done: int, total: int | None) -> str:
        so_far = "" if not done else f": {size(done)}" + (f" of {size(total)}" if total and total >= done else "")
        what = "the file" if total is None else self.contents.points.point(self.version.layer)
        return with_keys(self, f"Reading {what}{so_far}…\n\n{{viewer.leave}} cancels.")

    @work(exclusive=True, exit_on_error=False, group="viewer")
    async def read(self) -> None:
        """Reads the file and shows it; colours follow."""
        contents, version = self.contents, self.version
        total = contents.bytes_to_read(version)

        def read_preview(on_progress: Callable[[int], None]) -> Preview:
            return preview(contents.read(version, on_progress), version.entry.size)

        self.preview = await self.read_in_thread(read_preview, lambda done: self._reading(done, total))
        if self.preview is None:
            return
        text = self.preview.text
        self.is_hex = text is None
        self._show_preview()
        if text is not None and self._line is not None:
            # Only then the pager has its height.
            self.call_after_refresh(self.pager.mark_line, self._line - 1)
        if text is not None:
            name = version.node.name.removesuffix(".gz")
            try:
                self._highlights = await run_in_thread(partial(highlights_in_process, name, text), lambda _: None)
            except Exception:  # noqa: BLE001 -- an error of a lexer costs the colours, not the text
                return
            if not self.is_hex:
                self.pager.colour(self._spans)

    def _show_preview(self) -> None:
        shown = self.preview
        if shown is None:
            return
        extent = shown.extent(is_hex=self.is_hex)
        of_all = f" of {size(shown.size)}" if self.is_hex or not shown.is_packed else ""
        self.shown_part = f"{extent}{of_all}" if extent else ""
        self._note([*shown.notes, *([self.shown_part] if extent else [])])
        if self.is_hex or shown.text is None:
            lines = [hex_line(shown.content, number) for number in range(shown.hex_lines)]
            self.pager.show(lines, lambda _: _HEX_SPANS, numbered=False)
        else:
            self.pager.show(shown.text, self._spans)
        self.searched_part = self._searched_part(extent)
        self.show_lines()

    def _spans(self, line: int) -> Sequence[tuple[int, int, str]]:
        return self._highlights.get(line, ())

    def _note(self, notes: Sequence[str]) -> None:
        members = [note for note in notes if note.startswith("  ")]
        line = " · ".join(note for note in notes if not note.startswith("  "))
        self.show_notes(Content("\n".join([line, *members[:_MAX_MEMBER_LINES]])))

    def _searched_part(self, extent: str) -> str:
        part = extent or "the text"
        if self.is_hex:
            # A word may go on in the next line, where the search does not follow it.
            part = f"any line of {extent}" if extent else "any of its lines"
        return f"{part}; x saves the whole file" if extent and self.save_layer is not None else part

    @property
    def save_layer(self) -> int | None:
        """The layer to save the file from; None for a copy that is not in the tree."""
        node, layer = self.version.node, self.version.layer
        return layer if node.entry_at(layer) is self.version.entry else None

    # Keys

    def availability(self, action: str, parameters: tuple[object, ...]) -> Availability:
        """Returns the availability of an action for this version of the file."""
        if action == "save":
            return True if self.save_layer is not None else NOT_IN_TREE
        if action == "hex":
            if self.preview is not None and self.is_hex and self.preview.text is None:
                return "These bytes are no text, so they show in hexadecimal only."
            return self.preview is not None and self.preview.text is not None
        if action == "follow":
            return self.version.entry.kind is Kind.SYMLINK
        if action == "version" and parameters:
            # One entry of the footer stands for both keys.
            return self._neighbour(-1) is not None or self._neighbour(1) is not None
        if action == "wrap" and self.is_hex:
            return "Lines in hexadecimal do not wrap."
        return super().availability(action, parameters)

    def action_save(self) -> None:
        if self.save_layer is not None:
            ask_destination(self, self.contents, self.version.node, self.save_layer)

    def action_hex(self) -> None:
        self.is_hex = not self.is_hex
        self._show_preview()
        self.refresh_bindings()

    def action_version(self, step: int) -> None:
        version = self._neighbour(step)
        if version is None:
            self.notify(f"There is no {'older' if step < 0 else 'newer'} version.", severity="warning", markup=False)
            return
        self.version, self._line = version, None
        self.selected_layer = version.layer
        self.show_version()

    def _neighbour(self, step: int) -> FileVersion | None:
        versions = file_versions(self.version.node)
        layers = [version.layer for version in versions]
        if self.version.layer not in layers:
            # The same layer replaced this copy by a directory.
            return None
        index = layers.index(self.version.layer) + step
        return versions[index] if 0 <= index < len(versions) else None

    def action_follow(self) -> None:
        target = follow_link(self.contents.tree, self.version.node, self.version.entry.link, self.selected_layer).node
        version = file_version_at(target, self.selected_layer, self.selected_layer) if target is not None else None
        if version is None:
            reason = "is a directory" if target is not None else "does not exist in the image"
            self.notify(f"The target of the link {reason}.", severity="warning", markup=False)
            return
        self.version, self._line = version, None
        self.show_version()
