"""Errors that users see, and their exit codes.

::

    ExplorerError                    exit code
    ├── UsageError                   2    the arguments of the command line do not fit together
    │   └── ChoiceNeeded             2    the reference holds several images or platforms
    ├── ImageError                   3
    │   ├── ImageNotFound            3    nothing has this name
    │   ├── EngineError              3    an engine reports an error
    │   │   └── EngineUnreachable    3    no engine answers
    │   ├── RegistryError            3    a registry does not answer, or reports an error
    │   ├── Stalled                  3    an engine or a registry sends almost nothing
    │   ├── NoContents               3    a saved exploration has no contents of files
    │   └── UnreadableImage          3    the bytes are not an image, or are damaged
    │       ├── DamagedBytes         3    bytes are cut off, or differ from their digest
    │       └── UnreadableLayer      3    one layer is damaged; the message names layer and offset
    ├── CannotSave                   3    files of the image cannot be written to the destination
    ├── Exhausted                    3    the machine has not enough memory, or starts no more threads
    └── Cancelled                    130  the user stopped the work

The code that meets a problem raises the error, with the fix in its ``hint``. The command line and the screen show it.
Code in between catches an error only to try another way, or to name the image or layer that it is about.
"""

from __future__ import annotations

import errno
from contextlib import suppress

from explorer.model import Variant


class ExplorerError(Exception):
    """An error that a user can act on."""

    exit_code = 3

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class UsageError(ExplorerError):
    """The arguments of the command line do not fit together."""

    exit_code = 2


class ChoiceNeeded(UsageError):
    """The reference holds several images or platforms, and none was chosen."""

    def __init__(self, message: str, hint: str = "", variants: tuple[Variant, ...] = ()) -> None:
        super().__init__(message, hint)
        self.variants = variants
        """The platforms to choose from, if the choice is about a platform."""


class ImageError(ExplorerError):
    """The image cannot be found, reached or read."""


class ImageNotFound(ImageError):
    """Nothing has this name."""


class EngineError(ImageError):
    """A container engine reports an error."""


class EngineUnreachable(EngineError):
    """No container engine answers."""


class RegistryError(ImageError):
    """A registry does not answer, or reports an error."""


class Stalled(ImageError):
    """An engine or a registry has sent almost nothing for minutes."""


class NoContents(ImageError):
    """A saved exploration has no contents of files."""


class UnreadableImage(ImageError):
    """The bytes are not an image, or are damaged."""


class DamagedBytes(UnreadableImage):
    """Bytes are cut off, or differ from their digest or their form."""


class UnreadableLayer(UnreadableImage):
    """The bytes of one layer are damaged."""


class CannotSave(ExplorerError):
    """Files of the image cannot be written to the destination."""


class Exhausted(ExplorerError):
    """The machine has not enough memory, or starts no more threads."""


class Cancelled(ExplorerError):
    """The user stopped the work."""

    exit_code = 130


_MEMORY_HINT = "Close other programs, raise the memory limit (ulimit -v, or the container's), or use a larger machine."
_RESERVED_BYTES = 8 << 20
_reserve = [bytes(_RESERVED_BYTES)]
"""Memory that is given back once there is no other. Zeros that nobody reads take addresses, and no memory."""

_NO_THREAD = "can't start new thread"
_NO_MAPPING = "failed to map segment"
"""Words of the C library if there is no memory for a library."""


def exhausted(error: BaseException) -> Exhausted | None:
    """Returns the error to show if memory or threads ran out, or else None.

    Frees the reserve and the values of the calls that failed first: without memory, no message can be made.
    """
    is_memory = isinstance(error, MemoryError)
    if is_memory:
        _reserve.clear()
    elif isinstance(error, OSError):
        is_memory = error.errno == errno.ENOMEM
    elif isinstance(error, ImportError):
        is_memory = _NO_MAPPING in str(error)
    if not is_memory and not (isinstance(error, RuntimeError) and str(error) == _NO_THREAD):
        return None
    _free_values(error)
    if is_memory:
        return Exhausted("there is not enough memory", _MEMORY_HINT)
    return Exhausted(
        "the system starts no more threads",
        "Raise the limit of processes (ulimit -u, or the container's) or of memory (ulimit -v).",
    )


def _free_values(error: BaseException) -> None:
    """Frees the values of all calls that an error and its causes ended."""
    cause: BaseException | None = error
    while cause is not None:
        trace = cause.__traceback__
        while trace is not None:
            with suppress(RuntimeError):
                trace.tb_frame.clear()
            trace = trace.tb_next
        cause = cause.__context__
