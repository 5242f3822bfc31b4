"""Where to save a file or a directory: the prompt, and the progress of the work."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from textual import on, work
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input, RadioButton, RadioSet, Static

from explorer.errors import CannotSave
from explorer.extract.destination import Destination, resolve_destination
from explorer.extract.extract import Saved, save
from explorer.extract.plan import Plan, make_plan
from explorer.text.printable import printable
from explorer.text.units import counted, size
from explorer.tui.dialogs.error_screen import error_texts
from explorer.tui.run_in_thread import run_in_thread
from explorer.tui.widgets.drawing import cut_start
from explorer.tui.widgets.footer import KeysFooter

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual import events
    from textual.app import ComposeResult
    from textual.widget import Widget

    from explorer.layers.tree import Node
    from explorer.preview.versions import ImageContents

NOT_IN_TREE = "A copy that its own layer replaced cannot be saved."
"""Why the tree has nothing to save of it."""
_CORNERS = len("Save ") + 6
"""Cells of the title that the path cannot have."""
_MOST_NAMED = 3
"""As many of the things that were not saved are named."""


class _Choice(RadioButton):
    """One that shows by more than its colour whether it is chosen."""

    @property
    def BUTTON_INNER(self) -> str:  # type: ignore[override]  # noqa: N802 -- Textual's
        """What stands in the middle."""
        return "●" if self.value else " "


class _Box(Vertical):
    """The prompt's frame, with the path in its title: as much of its end as there is room for."""

    def __init__(self, path: str) -> None:
        """``path`` is printable."""
        super().__init__(id="save")
        self._path = path

    def on_resize(self) -> None:
        self.border_title = Content(f"Save {cut_start(self._path, self.size.width - _CORNERS)}")


class ExtractScreen(ModalScreen[None]):
    """Asks for a destination, and saves."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", "Cancel", tooltip="Save nothing, or stop saving", id="save.leave"),
    ]
    AUTO_FOCUS = "Input"

    def __init__(self, contents: ImageContents, node: Node, layer: int, here: Path) -> None:
        """``here`` is the current directory. Raises CannotSave when there is nothing to save."""
        super().__init__()
        self.contents = contents
        self.node = node
        self.point = layer
        self.here = here
        self.plans = [make_plan(contents.tree, node, layer)]
        if self.plans[0].is_directory:
            try:
                self.plans.append(make_plan(contents.tree, node, layer, alone=True))
            except CannotSave:
                self.plans = self.plans[:1]
        self.chosen = 0
        self._confirmed: str | None = None
        """The destination that the user has been asked about."""
        self._saving_to: Destination | None = None
        """Where to, while something is being saved."""

    @property
    def plan(self) -> Plan:
        """What is to be saved."""
        return self.plans[self.chosen]

    def compose(self) -> ComposeResult:
        with _Box(printable(f"/{self.node.path}")):
            yield Static(id="save-what")
            if len(self.plans) > 1:
                yield RadioSet(
                    _Choice("As a container sees it", value=True),
                    _Choice(f"Only what layer {self.point} brought"),
                    id="save-view",
                    compact=True,
                )
            yield Input(value=printable(self.plan.name), id="save-where", compact=True)
            yield Static(id="save-said")
        yield KeysFooter(show_command_palette=False)

    def on_mount(self) -> None:
        self._say_what()
        self._look()

    # What would happen

    def _say_what(self) -> None:
        wanted = self.plan
        count = f"{counted(wanted.files, 'file')}, " if wanted.is_directory else ""
        skipped = f"; not saved: {', '.join(wanted.skipped)}" if wanted.skipped else ""
        # A browser may show this on another machine.
        where = ", on the machine that serves this page" if self.app.is_web else ""
        text = f"{count}{size(wanted.bytes)}, as layer {self.point} has it{skipped}. Destination{where}:"
        self.query_one("#save-what", Static).update(Content(text))

    @on(RadioSet.Changed)
    def choose(self, message: RadioSet.Changed) -> None:
        message.stop()
        self.chosen = message.radio_set.pressed_index
        self._say_what()
        self._look()
        # What comes next is to save.
        self.query_one(Input).focus()

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        """Say what Enter does."""
        to_choose = isinstance(event.widget, RadioSet)
        others = " · ⇥ what to save" if len(self.plans) > 1 and not to_choose else ""
        self.query_one("#save").border_subtitle = "⏎ choose" if to_choose else f"⏎ save{others}"

    @on(Input.Changed)
    def look_again(self, message: Input.Changed) -> None:
        message.stop()
        self._confirmed = None
        self._look()

    def _destination(self) -> Destination | None:
        """Where the typed text leads; None, and a word about it, where that is nowhere."""
        try:
            return resolve_destination(self.query_one(Input).value.strip(), self.plan, self.here)
        except CannotSave as error:
            self._say(error_texts(error)[0], "-wrong")
            return None

    def _look(self) -> None:
        """Say what the typed text would mean."""
        to = self._destination()
        if to is None:
            return
        made = "This directory will be made." if self.plan.is_directory else ""
        what = "It exists: you will be asked before anything is replaced." if to.exists else made
        self._say(f"→ {printable(str(to.path))}\n{what}")

    def _say(self, text: str, kind: str = "") -> None:
        # None when the screen is being left.
        for said in self.query("#save-said").results(Static):
            said.set_classes(kind)
            said.update(Content(text))

    # Save

    @on(Input.Submitted)
    def submit(self, message: Input.Submitted) -> None:
        """Save, or ask first where something would be replaced."""
        message.stop()
        to = None if self._saving_to is not None else self._destination()
        if to is None:
            return
        if to.exists and self._confirmed != str(to.path):
            self._confirmed = str(to.path)
            what = "Files of the same names in it will be replaced" if self.plan.is_directory else "It will be replaced"
            self._say(f"{printable(str(to.path))} exists. {what}: Enter once more to do that, Esc to leave.", "-asks")
            return
        self._saving_to = to
        self.query_one(Input).disabled = True
        for choice in self.query(RadioSet):
            choice.disabled = True
        self._progressed(0)
        self.save(to)

    def _progressed(self, done: int) -> None:
        self._say(f"Saving: {size(done)} of {size(self.plan.bytes)}…\nEsc stops.")

    @work(exclusive=True, exit_on_error=False, group="save")
    async def save(self, to: Destination) -> None:
        """Do it in the background."""
        wanted = self.plan
        try:
            saved = await run_in_thread(
                lambda on_progress: save(
                    self.contents.layers, self.contents.tree, wanted, to, overwrite=to.exists, on_progress=on_progress
                ),
                self._progressed,
            )
        except Exception as error:  # noqa: BLE001 -- whatever went wrong, the screen says so
            self._saving_to = None
            self._confirmed = None
            self.query_one(Input).disabled = False
            for choice in self.query(RadioSet):
                choice.disabled = False
            self.query_one(Input).focus()
            self._say("\n".join(filter(None, error_texts(error))), "-wrong")
            return
        self.app.notify(summary(saved, self.here), markup=False, timeout=8)
        if saved.skipped:
            self.app.notify(left_out(saved.skipped), title="Not saved", severity="warning", markup=False, timeout=12)
        self.dismiss()

    def action_leave(self) -> None:
        """Leave; what is being saved stops at the next file or megabyte, and goes away again."""
        if self._saving_to is not None:
            self.app.notify(stopped(self.plan, self._saving_to), severity="warning", markup=False)
        self.dismiss()


def ask_destination(asker: Widget, contents: ImageContents, node: Node, layer: int) -> None:
    """Ask where to save a path as a layer has it; where that cannot be, a word says why."""
    try:
        screen = ExtractScreen(contents, node, layer, Path.cwd())
    except CannotSave as error:
        asker.notify(error.message, severity="warning", markup=False)
    except OSError as error:
        asker.notify(f"there is no current directory: {error.strerror}", severity="warning", markup=False)
    else:
        asker.app.push_screen(screen)


def summary(saved: Saved, here: Path) -> str:
    """What was written, and where, seen from the directory ``here``."""
    to = f"./{saved.path.relative_to(here)}" if saved.path.is_relative_to(here) else str(saved.path)
    return f"Saved {counted(saved.files, 'file')}, {size(saved.bytes)}, to {printable(to)}"


def stopped(wanted: Plan, to: Destination) -> str:
    """What becomes of what was written, when the user stops before all of it is."""
    if not wanted.is_directory:
        return "Stopped: nothing is saved."
    if to.exists:
        return "Stopped: new files are removed again, replaced ones stay."
    return "Stopped: what was saved is removed again."


def left_out(skipped: Sequence[str]) -> str:
    """What was not."""
    more = len(skipped) - _MOST_NAMED
    return "\n".join([*skipped[:_MOST_NAMED], *([f"… and {more:,} more"] if more > 0 else [])])
