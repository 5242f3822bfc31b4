"""The base of the screens that show an image, two images or the list of images.

The first one is given to the application. Others open above it, and Esc leads back from them. Dialogs, the viewer and
errors open above any of them.
"""

from __future__ import annotations

from collections.abc import Sequence

from textual.screen import Screen

from explorer.layers.tree import Tree
from explorer.tui.availability import ActionOwner


class ContentScreen(ActionOwner, Screen[None]):
    """A screen with content of its own, which it loads itself once it is mounted.

    It posts ``loading.Failed`` to itself if there is nothing to show. The application shows the error then.
    """

    reference: str
    """The name of the content, for the screen of an error."""
    is_untouched = True
    """True until the user presses a key or a button."""

    @property
    def is_read(self) -> bool:
        """True once all content shows; before that, Ctrl+C interrupts."""
        return True

    def leaves_out_of_help(self, action: str) -> bool:  # noqa: ARG002 - as a default
        """True if the help does not list the keys of an action now."""
        return False

    @property
    def trees(self) -> Sequence[Tree]:
        """The trees of the images that only this screen shows."""
        return ()
