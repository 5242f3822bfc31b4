"""The viewer: one version of a file, as text or in hexadecimal, read in the background."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual import work
from textual.binding import Binding, BindingType
from textual.content import Content

from explorer.model import Cause, Kind
from explorer.preview.highlighting import highlights
from explorer.preview.preview import Preview, hex_line, preview
from explorer.preview.versions import (
    MAX_PREVIEW_BYTES,
    FileVersion,
    ImageContents,
    entry_summary,
    file_version_at,
    file_versions,
    link_target,
)
from explorer.text.printable import printable
from explorer.text.units import size
from explorer.text.words import hidden_by
from explorer.tui.availability import Availability
from explorer.tui.run_in_thread import run_in_thread
from explorer.tui.viewer.extract_screen import NOT_IN_TREE, ask_destination
from explorer.tui.viewer.text_screen import TextScreen

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from explorer.layers.tree import Node

_MOST_NOTES = 24
_BARE = "nothing to read: it has no bytes of its own"


class Viewer(TextScreen):
    """One version of a file."""

    HELP = """\
    # A file's content

    The file as the selected layer has it, or, where that layer removed it, as it was before. Of a text the first
    megabyte shows, with line numbers, also of one that gzip packed; of everything else what is known of it, and its
    first bytes in hexadecimal.

    `/` searches in what shows while you type: Enter keeps that, Esc undoes it. `h` shows the bytes, `x` saves the whole
    file. `[` and `]` go to the versions that other layers brought.
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("x", "save", "Save", tooltip="Save the whole file to disk", id="viewer.save"),
        Binding("h", "hex", "Hex", tooltip="Show the bytes in hexadecimal, or the text", id="viewer.hex"),
        Binding(
            "left_square_bracket",
            "version(-1)",
            "Older",
            key_display="[",
            tooltip="The version below",
            id="viewer.older",
        ),
        Binding(
            "right_square_bracket",
            "version(1)",
            "Newer",
            key_display="]",
            tooltip="The version above",
            id="viewer.newer",
        ),
        Binding("enter", "follow", "Follow", tooltip="Look where the link leads", id="viewer.follow"),
    ]

    def __init__(self, contents: ImageContents, subject: FileVersion, layer: int) -> None:
        """``layer`` is the one that is looked at: the subject may come from a lower one."""
        super().__init__()
        self.contents = contents
        self.subject = subject
        self.point = layer
        self.preview: Preview | None = None
        self.is_hex = False
        self._colours: Mapping[int, Sequence[tuple[int, int, str]]] = {}

    def on_mount(self) -> None:
        self.look()

    def look(self) -> None:
        """Show the subject, as soon as its bytes are there."""
        subject, entry = self.subject, self.subject.entry
        self.preview, self.is_hex, self._colours = None, False, {}
        self.head(subject.path, self._facts())
        self._note([])
        if entry.kind is Kind.SYMLINK:
            self.message(self._link())
        elif not entry.kind.has_content:
            self.message(Content(f"A {entry.kind.label}{' ' + printable(entry.link) if entry.link else ''}: {_BARE}."))
        elif not entry.size:
            self.message(Content("The file is empty."))
        else:
            self.message(Content(self._reading(0)))
            self.read()
        self.refresh_bindings()

    def _facts(self) -> Content:
        parts = [Content.styled(f"layer {self.subject.layer}", "$key")]
        layers = [each.layer for each in file_versions(self.subject.node)]
        if len(layers) > 1 and self.subject.layer in layers:
            place = layers.index(self.subject.layer) + 1
            parts.append(Content.styled(f"version {place} of {len(layers)}", "$muted"))
        hidden = self.subject.node.version_after(self.subject.layer)
        if hidden is not None:
            cause = Cause.REMOVED if hidden.entry is None else Cause.OVERWRITTEN
            style = "$change-removed" if hidden.entry is None else "$change-modified"
            parts.append(Content.styled(hidden_by(hidden.layer, cause), style))
        parts += [Content(fact) for fact in entry_summary(self.subject.entry)]
        return Content.styled(" · ", "$muted").join(parts)

    def _link(self) -> Content:
        link = self.subject.entry.link
        found = link_target(self.contents.tree, self.subject.node, link, self.point)
        where = "there is nothing there in the image" if found is None else f"that is /{printable(found.path)}"
        return Content(f"A symbolic link to {printable(link)}:\n{where}.")

    def _reading(self, done: int) -> str:
        way = self.contents.bytes_to_read(self.subject)
        so_far = "" if not done else f": {size(done)}" + (f" of {size(way)}" if way and way >= done else "")
        return f"Reading layer {self.subject.layer}{so_far}…\n\nEsc cancels."

    @work(exclusive=True, exit_on_error=False, group="inside")
    async def read(self) -> None:
        """Read the file and show it; colours follow."""
        subject = self.subject

        def take(on_progress: Callable[[int], None]) -> Preview:
            return preview(self.contents.read(subject, MAX_PREVIEW_BYTES, on_progress), subject.entry.size)

        try:
            found = await run_in_thread(take, lambda done: self.message(Content(self._reading(done))))
        except Exception as error:  # noqa: BLE001 -- whatever went wrong, the screen says so
            self.message_error(error)
            return
        self.preview = found
        self.is_hex = found.text is None
        self._show()
        if found.text is not None:
            text = found.text
            try:
                self._colours = await run_in_thread(
                    lambda _: highlights(subject.node.name.removesuffix(".gz"), text), lambda _: None
                )
            except Exception:  # noqa: BLE001 -- a lexer that fails costs colours, not the text
                return
            if not self.is_hex:
                self.pager.colour(self._spans)

    def _show(self) -> None:
        found = self.preview
        if found is None:
            return
        self.message(None)
        extent = found.extent(is_hex=self.is_hex)
        of_all = f" of {size(found.size)}" if self.is_hex or found.unpacked is None else ""
        self._note([*found.notes, *([f"{extent}{of_all}"] if extent else [])])
        if self.is_hex or found.text is None:
            lines = ["  ".join(hex_line(found.content, number)) for number in range(found.hex_lines)]
            self.pager.show(lines, _hex_spans, numbered=False)
        else:
            self.pager.show(found.text, self._spans)
        self._tell_place()

    def _spans(self, line: int) -> Sequence[tuple[int, int, str]]:
        return self._colours.get(line, ())

    def _note(self, notes: Sequence[str]) -> None:
        blocks = [note for note in notes if note.startswith("  ")]
        line = " · ".join(note for note in notes if not note.startswith("  "))
        self.notes(Content("\n".join([line, *blocks[:_MOST_NOTES]])))

    @property
    def searched(self) -> str:
        """What a search looks through, for people: of a large file a part only."""
        extent = self.preview.extent(is_hex=self.is_hex) if self.preview is not None else ""
        if self.is_hex:
            # Words may go on in the next line, where the search does not follow them.
            where = f"any line of {extent}" if extent else "any of its lines"
        else:
            where = extent or super().searched
        return f"{where}; x saves the whole file" if extent and self.saved is not None else where

    @property
    def saved(self) -> int | None:
        """The layer to save the file from; None for a copy that its own layer replaced: the tree does not hold it."""
        node, layer = self.subject.node, self.subject.layer
        return layer if node.entry_at(layer) is self.subject.entry else None

    # Keys

    def availability(self, action: str, parameters: tuple[object, ...]) -> Availability:
        """Only what applies to this file shows."""
        if action == "save":
            return True if self.saved is not None else NOT_IN_TREE
        if action == "hex":
            return self.preview is not None and self.preview.text is not None
        if action == "follow":
            return self.subject.entry.kind is Kind.SYMLINK
        if action == "version" and parameters:
            step = int(str(parameters[0]))
            if self._other(step) is not None:
                return True
            several = len(file_versions(self.subject.node)) > 1
            return f"There is no {'older' if step < 0 else 'newer'} version." if several else False
        return super().availability(action, parameters)

    def action_save(self) -> None:
        if self.saved is not None:
            ask_destination(self, self.contents, self.subject.node, self.saved)

    def action_hex(self) -> None:
        self.is_hex = not self.is_hex
        self._show()

    def action_version(self, step: int) -> None:
        other = self._other(step)
        if other is not None:
            self.subject = other
            self.point = other.layer
            self.look()

    def _other(self, step: int) -> FileVersion | None:
        several = file_versions(self.subject.node)
        layers = [each.layer for each in several]
        if self.subject.layer not in layers:
            # A copy that the same layer replaced, by a directory.
            return None
        place = layers.index(self.subject.layer) + step
        return several[place] if 0 <= place < len(several) else None

    def action_follow(self) -> None:
        """Look into what the link leads to."""
        found: Node | None = link_target(self.contents.tree, self.subject.node, self.subject.entry.link, self.point)
        subject = file_version_at(found, self.point, self.point) if found is not None else None
        if subject is None:
            what = "a directory" if found is not None else "nothing in the image"
            self.notify(f"The link leads to {what}.", severity="warning", markup=False)
            return
        self.subject = subject
        self.look()


def _hex_spans(_: int) -> Sequence[tuple[int, int, str]]:
    return _HEX_SPANS


_HEX_SPANS = ((0, 8, "muted"), (60, 76, "string"))
