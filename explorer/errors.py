"""Everything that can go wrong and be told to the user.

::

    ExplorerError                    exit code
    ├── UsageError                   2    the words of the command line do not fit together
    │   └── ChoiceNeeded             2    the reference holds several images or platforms
    ├── ImageError                   3
    │   ├── ImageNotFound            3    nothing is there under that name
    │   ├── EngineError              3    an engine refuses
    │   │   └── EngineUnreachable    3    no engine answers
    │   ├── RegistryError            3    a registry does not answer, or refuses
    │   ├── Stalled                  3    an engine or a registry sends next to nothing
    │   └── UnreadableImage          3    what is there is not an image, or is damaged
    │       └── UnreadableLayer      3    one layer is damaged; the message names layer and offset
    ├── CannotSave                   3    files of the image cannot be written where the user wants them
    └── Cancelled                    130  the user stopped the work

An error is raised where the trouble is met, with the remedy in its ``hint``. The command line and the screen tell it;
in between it is caught by those alone who have another way to go on, or who can say better whose trouble it is.
"""

from __future__ import annotations

from explorer.model import Variant


class ExplorerError(Exception):
    """An error that a user can act on."""

    exit_code = 3

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class UsageError(ExplorerError):
    """The command line asks for something that makes no sense."""

    exit_code = 2


class ChoiceNeeded(UsageError):
    """The reference holds several images or platforms, and none was chosen."""

    def __init__(self, message: str, hint: str = "", variants: tuple[Variant, ...] = ()) -> None:
        super().__init__(message, hint)
        self.variants = variants
        """What there is to choose from, where the choice is of a platform."""


class ImageError(ExplorerError):
    """The image cannot be found, reached or read."""


class ImageNotFound(ImageError):
    """There is nothing under that name."""


class EngineError(ImageError):
    """A container engine refuses."""


class EngineUnreachable(EngineError):
    """No container engine answers."""


class RegistryError(ImageError):
    """A registry does not answer, or refuses."""


class Stalled(ImageError):
    """Whoever was asked has sent next to nothing for minutes."""


class UnreadableImage(ImageError):
    """The bytes are not an image, or are damaged."""


class UnreadableLayer(UnreadableImage):
    """One layer's bytes are damaged."""


class CannotSave(ExplorerError):
    """Files of the image cannot be written where the user wants them."""


class Cancelled(ExplorerError):
    """The user stopped the work."""

    exit_code = 130
