"""Prompt for the destination of a file or a directory, and the progress of saving."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import ClassVar

from textual import events, on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widget import Widget
from textual.widgets import Input, RadioButton, RadioSet, Static

from explorer.errors import Cancelled, CannotSave
from explorer.extract.destination import Destination, resolve_destination
from explorer.extract.extract import save
from explorer.extract.plan import Plan, make_plan
from explorer.layers.tree import Node
from explorer.model import Progress
from explorer.preview.versions import ImageContents
from explorer.text.pace import Pace, fitted
from explorer.text.printable import printable
from explorer.text.units import counted, size
from explorer.tui import clock
from explorer.tui.dialogs.error_screen import error_texts
from explorer.tui.key_words import key_of, with_keys
from explorer.tui.run_in_thread import run_in_thread
from explorer.tui.widgets.drawing import cut_start, gauge
from explorer.tui.widgets.footer import KeysFooter
from explorer.tui.widgets.prose import more_text

NOT_IN_TREE = "A copy that its own layer replaced cannot be saved."
_TITLE_CELLS = len("Save ") + 6
"""Cells of the title around the path."""
_MAX_SKIPPED = 3
_MIN_PROGRESS_CELLS = 20


class _Choice(RadioButton):
    """A radio button with a mark, so that the choice does not show by colour alone."""

    @property
    def BUTTON_INNER(self) -> str:  # type: ignore[override]  # noqa: N802 -- Textual's
        return "●" if self.value else " "


class _Box(Vertical):
    """Frame of the prompt, with the path in its title, cut at its beginning."""

    def __init__(self, path: str) -> None:
        super().__init__(id="save")
        self._path = path
        """Printable."""

    def on_resize(self) -> None:
        self.border_title = Content(f"Save {cut_start(self._path, self.size.width - _TITLE_CELLS)}")


class ExtractScreen(ModalScreen[None]):
    """Asks where to save one layer's version of a path, and saves it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", "Cancel", tooltip="Save nothing, or stop saving", id="save.leave"),
    ]
    AUTO_FOCUS = "Input"

    def __init__(self, contents: ImageContents, node: Node, layer: int, here: Path) -> None:
        """Prepares to save a path; ``here`` is the current directory. Raises CannotSave."""
        super().__init__()
        self.contents = contents
        self.node = node
        self.save_layer = layer
        self.here = here
        self.plans = [make_plan(contents.tree, node, layer, points=contents.points)]
        if self.plans[0].is_directory:
            with suppress(CannotSave):
                alone = make_plan(contents.tree, node, layer, alone=True)
                # A layer may name directories without any file in them.
                self.plans += [alone] if alone.files and contents.points.alone(layer) else []
        self.plan: Plan = self.plans[0]
        self._confirmed: Path | None = None
        """The existing destination that the user has been asked about."""
        self._saving_to: Destination | None = None
        """The destination while something is being saved."""
        self._is_stopped = False
        """True after the user stopped saving."""
        self._saved_files = 0
        self._pace = Pace.of(Progress("Saving", 0, None), 0.0)

    def compose(self) -> ComposeResult:
        with _Box(printable(f"/{self.node.path}")):
            yield Static(id="save-what")
            if len(self.plans) > 1:
                yield RadioSet(
                    _Choice("As a container sees it", value=True),
                    _Choice(self.contents.points.alone(self.save_layer)),
                    id="save-view",
                    compact=True,
                )
            yield Input(value=printable(self.plan.name), id="save-where", compact=True)
            yield Static(id="save-message")
        yield KeysFooter(show_command_palette=False)

    def on_mount(self) -> None:
        self._show_plan()

    def on_unmount(self) -> None:
        """Lets go of the tree, which may be one of fewer layers than the image has.

        The collector leaves out screens that were made while an image is read, and each of them is in a cycle.
        """
        del self.contents
        # Its counts remain, because a thread may still report its progress.
        self.plan = replace(self.plan, items=())
        self.plans = [self.plan]

    # Destination

    def _show_plan(self) -> None:
        count = f"{counted(self.plan.files, 'file')}, " if self.plan.is_directory else ""
        skipped = f"; not saved: {', '.join(self.plan.skipped)}" if self.plan.skipped else ""
        # A browser may show this on another machine.
        machine = " a path on the machine that serves this page" if self.app.is_web else ""
        amount = f"{count}{size(self.plan.bytes)}{skipped}"
        text = f"Save the version in {self.contents.points.point(self.save_layer)} ({amount}) to{machine}:"
        self.query_one("#save-what", Static).update(Content(text))
        self._show_destination()

    @on(RadioSet.Changed)
    def choose(self, message: RadioSet.Changed) -> None:
        """Saves the chosen version with the next Enter."""
        message.stop()
        self.plan = self.plans[message.radio_set.pressed_index]
        self._show_plan()
        self.query_one(Input).focus()

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        """Shows the meaning of Enter."""
        in_choices = isinstance(event.widget, RadioSet)
        others = " · ⇥ what to save" if len(self.plans) > 1 and not in_choices else ""
        self.query_one("#save").border_subtitle = "⏎ choose" if in_choices else f"⏎ save{others}"

    @on(Input.Changed)
    def follow_input(self, message: Input.Changed) -> None:
        """Shows what the typed text means."""
        message.stop()
        self._confirmed = None
        self._show_destination()

    def _destination(self) -> Destination | None:
        """The destination that is typed; None, after a message, if it is impossible."""
        try:
            return resolve_destination(self.query_one(Input).value.strip(), self.plan, self.here)
        except CannotSave as error:
            self._say(error_texts(error)[0], "-wrong")
            return None

    def _show_destination(self) -> None:
        to = self._destination()
        if to is None:
            return
        created = "The directory will be created." if self.plan.is_directory else ""
        result = "It exists. You will be asked before anything is replaced." if to.exists else created
        self._say(f"→ {printable(str(to.path))}\n{result}")

    def _say(self, text: str | Content, css_class: str = "") -> None:
        # There is none while the screen closes.
        for message in self.query("#save-message").results(Static):
            message.set_classes(css_class)
            message.update(Content(text) if isinstance(text, str) else text)

    # Saving

    @on(Input.Submitted)
    def submit(self, message: Input.Submitted) -> None:
        """Saves, or asks first if something would be replaced."""
        message.stop()
        to = None if self._saving_to is not None else self._destination()
        if to is None:
            return
        if to.exists and self._confirmed != to.path:
            self._confirmed = to.path
            result = "Files with the same names will be replaced" if self.plan.is_directory else "It will be replaced"
            again = with_keys(self, "Press Enter again to do that, {save.leave} to cancel.")
            self._say(f"{printable(str(to.path))} exists. {result}. {again}", "-asks")
            return
        self._set_saving(to)
        self._saved_files = 0
        self._pace = Pace.of(self._progress(0), clock.monotonic())
        self._show_progress((0, 0))
        self.save(to)

    def _set_saving(self, to: Destination | None) -> None:
        self._saving_to = to
        for widget in self.query("#save-where, #save-view"):
            widget.disabled = to is not None
        if to is not None:
            self.query_one("#save").border_subtitle = ""

    def _progress(self, done: int) -> Progress:
        return Progress("Saving", done, self.plan.bytes)

    def _show_progress(self, progress: tuple[int, int]) -> None:
        """Shows the bytes and the files that are saved, unless the user stopped."""
        done, self._saved_files = progress
        now = clock.monotonic()
        self._pace = self._pace.after(self._progress(done), now)
        if self._is_stopped:
            return
        files = [f"{self._saved_files:,} of {counted(self.plan.files, 'file')}"] if self.plan.is_directory else []
        width = max(self.query_one("#save-message").content_size.width, _MIN_PROGRESS_CELLS)
        full, empty = gauge(min(done / max(self.plan.bytes, 1), 1.0), width)
        words = fitted([*files, *self._pace.words(now)], width)
        self._say(
            Content.assemble(
                (full, "$bar"), (empty, "$faint"), f"\nSaving   {words}\n{key_of(self, 'save.leave')} stops."
            )
        )

    @work(exclusive=True, exit_on_error=False, group="save")
    async def save(self, to: Destination) -> None:
        """Saves in the background."""
        plan, contents = self.plan, self.contents
        files = 0

        def count_files(count: int) -> None:
            nonlocal files
            files = count

        try:
            saved = await run_in_thread(
                lambda on_progress: save(
                    contents.layers,
                    contents.tree,
                    plan,
                    to,
                    overwrite=to.exists,
                    on_progress=lambda done: on_progress((self._unless_stopped(done), files)),
                    on_files=count_files,
                ),
                self._show_progress,
                cleans_up=True,
            )
        except Cancelled:
            self.app.notify("Stopped. Nothing is saved.", severity="warning", markup=False)
            self.dismiss()
            return
        except Exception as error:  # noqa: BLE001 -- the screen shows any error
            self._set_saving(None)
            self._confirmed = None
            self.query_one(Input).focus()
            self._say("\n".join(filter(None, error_texts(error))), "-wrong")
            return
        path = f"./{saved.path.relative_to(self.here)}" if saved.path.is_relative_to(self.here) else str(saved.path)
        amount = f"{counted(saved.files, 'file')}, {size(saved.bytes)}"
        self.app.notify(f"Saved {amount}, to {printable(path)}", markup=False, timeout=8)
        if saved.skipped:
            left_out = len(saved.skipped) - _MAX_SKIPPED
            lines = [*saved.skipped[:_MAX_SKIPPED], *([more_text(left_out)] if left_out > 0 else [])]
            self.app.notify("\n".join(lines), title="Not saved", severity="warning", markup=False, timeout=12)
        self.dismiss()

    def _unless_stopped(self, done: int) -> int:
        """Returns the argument. Raises Cancelled after Esc; called in the saving thread."""
        if self._is_stopped:
            raise Cancelled("Saving was stopped.")
        return done

    def action_leave(self) -> None:
        """Closes the prompt, or stops saving and waits until the new files are removed.

        A second Esc does not wait, because a layer may never answer.
        """
        if self._saving_to is None:
            self.dismiss()
        elif self._is_stopped:
            self.app.notify("Still stopping; the new files will be removed.", severity="warning", markup=False)
            self.dismiss()
        else:
            self._is_stopped = True
            removed = counted(self._saved_files, "saved file") if self._saved_files else "the new files"
            self._say(f"Stopped. Removing {removed}…\n{key_of(self, 'save.leave')} does not wait for it.")


def ask_destination(asker: Widget, contents: ImageContents, node: Node, layer: int) -> None:
    """Asks where to save a path as a layer has it, or says why it cannot be saved."""
    try:
        screen = ExtractScreen(contents, node, layer, Path.cwd())
    except CannotSave as error:
        asker.notify(error.message, severity="warning", markup=False)
    except OSError as error:
        asker.notify(f"there is no current directory: {error.strerror}", severity="warning", markup=False)
    else:
        asker.app.push_screen(screen)
