"""Slow bytes on their way to a temporary file: an engine's ``save`` or ``export``, standard input, a packed archive.

Everything that comes as a stream is spooled, and is an archive afterwards. The file has no name, so nothing is left
behind whatever happens.
"""

from __future__ import annotations

import tempfile
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import BinaryIO, cast

from explorer.errors import Cancelled, ImageError
from explorer.model import Progress, Watcher

_INTERVAL = 0.1
"""Seconds between two words of progress."""


def spool(begin: Callable[[], Iterator[bytes]], step: str, total: int | None, watcher: Watcher) -> BinaryIO:
    """All bytes of a stream in a temporary file, which the caller closes.

    ``begin`` asks for the bytes, in a thread of its own: an engine may prepare an archive for a minute without a word,
    and whoever waits must be able to leave at any moment. ``total`` is an estimate of their number. Raises what the
    stream raises, ImageError when there is no room, and what the watcher raises to stop.
    """
    watcher.progress(Progress(step, 0, total))
    with _Spooling(begin) as spooling:
        while not spooling.ended(_INTERVAL):
            done = spooling.done
            watcher.progress(Progress(step, done, max(total, done) if total else None))
        return spooling.finished.result()


@dataclass(slots=True)
class _Spooling:
    """The thread that spools, and what is known of it."""

    begin: Callable[[], Iterator[bytes]]
    done: int = 0
    finished: Future[BinaryIO] = field(default_factory=Future)
    """The file, or what went wrong."""
    _left: bool = False

    def __enter__(self) -> _Spooling:
        # A daemon, so that a stream which never comes does not keep the program from ending.
        threading.Thread(target=self._run, name="layer-explorer-spool", daemon=True).start()
        return self

    def __exit__(self, failure: object, *_: object) -> None:
        self._left = True
        if failure is not None:
            self.finished.add_done_callback(_discard)

    def ended(self, seconds: float) -> bool:
        """Wait so long at most; whether the thread has ended."""
        try:
            self.finished.exception(seconds)
        except TimeoutError:
            return False
        return True

    def _run(self) -> None:
        file = None
        try:
            with writing():
                file = cast("BinaryIO", tempfile.TemporaryFile(prefix="layer-explorer-"))  # noqa: SIM115 -- handed over
            chunks = self.begin()
            try:
                for chunk in chunks:
                    if self._left:
                        raise Cancelled("nobody waits for the bytes any more")
                    with writing():
                        file.write(chunk)
                    self.done += len(chunk)
            finally:
                if hasattr(chunks, "close"):
                    chunks.close()
            with writing():
                file.flush()
        except BaseException as error:  # noqa: BLE001 -- it is raised again where somebody waits
            if file is not None:
                with suppress(OSError):
                    file.close()
            self.finished.set_exception(error)
        else:
            self.finished.set_result(file)


@contextmanager
def writing() -> Iterator[None]:
    """What fails within is the temporary file, not the stream: ImageError."""
    try:
        yield
    except OSError as error:
        raise ImageError(
            f"the image cannot be kept in a temporary file: {error.strerror or error}",
            "Make room in the directory for temporary files, or set TMPDIR to one with more.",
        ) from error


def _discard(finished: Future[BinaryIO]) -> None:
    if finished.exception() is None:
        finished.result().close()
