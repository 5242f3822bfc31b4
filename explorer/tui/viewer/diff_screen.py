"""The diff: what a layer made of a path, beside what it was before."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual import work
from textual.content import Content

from explorer.model import Kind
from explorer.preview.file_diff import ContentDiff, Property, content_diff, metadata_diff
from explorer.preview.versions import version_at
from explorer.text.printable import printable
from explorer.text.units import size
from explorer.tui.run_in_thread import run_in_thread
from explorer.tui.viewer.text_screen import TextScreen

if TYPE_CHECKING:
    from collections.abc import Sequence

    from explorer.layers.tree import Node, Version
    from explorer.preview.versions import ImageContents

_NAMES = 12
_COLUMN = 30
_LONGEST_BESIDE = 60
"""Characters of a value that stands beside its name; a digest has a line of its own, which eighty columns hold."""


class DiffScreen(TextScreen):
    """What became of one path between two points."""

    HELP = """\
    # What differs

    The selected path at the selected layer, beside what it was below that layer, or at the layer you compare with.
    Metadata comes first, with `~` where it differs; then, of texts, the lines that went and came. Of everything else,
    and of texts of more than a megabyte or 20,000 lines, the SHA-256 of both versions.
    """

    def __init__(self, contents: ImageContents, node: Node, since: int, layer: int) -> None:
        super().__init__()
        self.contents = contents
        self.node = node
        self.since = since
        self.point = layer
        self.old: Version | None = version_at(node, since)
        self.new: Version | None = version_at(node, layer)
        self.difference: ContentDiff | None = None

    def on_mount(self) -> None:
        self.head(printable(f"/{self.node.path}"), self._sides())
        self.tell([])
        if self.old is self.new:
            self.message(Content(self._nothing()))
        else:
            self.message(Content("Reading…\n\nEsc cancels."))
            self.compare()

    def _sides(self) -> Content:
        def side(version: Version | None, point: int) -> str:
            if point < 0:
                return "nothing"
            if version is None:
                return f"not there at layer {point}"
            brought = "" if version.layer == point else f" (from layer {version.layer})"
            return f"layer {point}{brought}"

        return Content.assemble(
            ("− ", "$change-removed"),
            side(self.old, self.since),
            ("   + ", "$change-added"),
            side(self.new, self.point),
        )

    @property
    def searched(self) -> str:
        """The lines that differ are all there is to look through."""
        return "what differs"

    def _nothing(self) -> str:
        if self.new is None:
            return "The path is at neither of the two layers."
        return f"The same: layer {self.new.layer} brought it, and nothing has changed it since."

    @work(exclusive=True, exit_on_error=False, group="inside")
    async def compare(self) -> None:
        """Read both versions, and show what differs."""
        try:
            found = await run_in_thread(
                lambda on_progress: content_diff(self.contents, self.node, self.old, self.new, on_progress),
                lambda done: self.message(Content(f"Reading: {size(done)}…\n\nEsc cancels.")),
            )
        except Exception as error:  # noqa: BLE001 -- whatever went wrong, the screen says so
            self.message_error(error)
            self.tell(metadata_diff(self.old and self.old.entry, self.new and self.new.entry))
            return
        self.difference = found
        facts = metadata_diff(self.old and self.old.entry, self.new and self.new.entry)
        self.tell([*facts, *([found.digests] if found.digests else [])])
        notes = [*found.notes, *([] if found.lines else self._besides())]
        if found.lines:
            self.message(None)
            self.pager.show(found.lines, self._spans, numbered=False)
            self._tell_place()
        else:
            self.message(Content("\n".join(notes)))

    def _besides(self) -> list[str]:
        """What to say where no content is compared."""
        entries = [version.entry for version in (self.old, self.new) if version and version.entry]
        if all(entry.kind is Kind.DIRECTORY for entry in entries):
            return ["A directory: what is in it has changes of its own."]
        return []

    def tell(self, facts: Sequence[Property]) -> None:
        """Show properties of both versions, those that differ first."""
        lines = []
        wide = any(len(fact.old) > _COLUMN for fact in facts)
        for fact in sorted(facts, key=lambda fact: not fact.differs):
            name = f"{fact.name:<{_NAMES}} "
            if not fact.differs:
                lines.append(Content.styled(f"  {name}{fact.new}", "$muted"))
                continue
            old, new = fact.old or "—", fact.new or "—"
            gap = f"\n{' ' * (_NAMES + 3)}" if wide else " " * max(1, _COLUMN - len(old))
            before = ""
            if max(len(old), len(new)) > _LONGEST_BESIDE:
                before = gap = "\n    "
            lines.append(
                Content.assemble(
                    ("~ ", "$change-modified"),
                    (name, "bold"),
                    before,
                    (f"− {old}", "$change-removed"),
                    gap,
                    (f"+ {new}", "$change-added"),
                )
            )
        self.notes(Content("\n").join(lines))

    def _spans(self, line: int) -> Sequence[tuple[int, int, str]]:
        text = self.pager.lines[line]
        style = {"+": "added", "−": "removed", "@": "keyword", "\\": "muted"}.get(text[:1])
        return ((0, len(text), style),) if style else ()
