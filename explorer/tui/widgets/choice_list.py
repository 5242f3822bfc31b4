"""A list of options to choose from, in a dialog."""

from __future__ import annotations

from textual.widgets import OptionList


class ChoiceList(OptionList):
    """The options of a dialog, which takes keys before it has a size.

    Textual 8.2 counts the lines of the options when the list gets its size. Page keys before that ended the program.
    """

    def action_page_up(self) -> None:
        """Moves one page up, or to the first option while there are no pages."""
        if self.scrollable_content_region:
            super().action_page_up()  # type: ignore[no-untyped-call]
        else:
            self.action_first()

    def action_page_down(self) -> None:
        """Moves one page down, or to the last option while there are no pages."""
        if self.scrollable_content_region:
            super().action_page_down()  # type: ignore[no-untyped-call]
        else:
            self.action_last()
