"""Temporary files with the bytes of a stream: a save, a pipe, an archive.

A spooled stream is read like an archive. Its file has no name, so nothing is left behind if the program is killed.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import BinaryIO, cast

from explorer.errors import ImageError
from explorer.model import Progress, Watcher
from explorer.open_file_limit import open_error_hint
from explorer.sources.interruptible import MAX_PREPARATION_SECONDS, Transfer, run_interruptibly


def spool(
    begin: Callable[[], Iterator[bytes | memoryview]],
    step: str,
    total: int | None,
    watcher: Watcher,
    peer: str | None = None,
    waiting: str = "",
    look: Callable[[BinaryIO], object] = lambda _: None,
) -> BinaryIO:
    """Returns a temporary file with all bytes of a stream. The caller closes it.

    The stream begins in a thread of its own, because an engine may prepare an archive for a minute before it sends the
    first byte, and the user must be able to cancel at any moment.

    Args:
        begin: Begins the stream.
        step: The name of the work, for people.
        total: An estimate of the bytes.
        watcher: Receives the progress.
        peer: The server that sends the stream, for people; None if there is none.
        waiting: The name of the work until the first byte arrives, if it differs.
        look: Called now and then with the file, to read what has arrived.

    Raises what the stream or the watcher raises, ImageError if there is no room for the file, and Stalled if a ``peer``
    is named and sends next to nothing.
    """

    def on_progress(done: int) -> None:
        if waiting and not done:
            watcher.progress(Progress(waiting, 0, None))
        else:
            watcher.progress(Progress(step, done, max(total, done) if total else None))
            look(file)

    file = temporary_file()
    on_progress(0)
    try:
        run_interruptibly(
            lambda transfer: _copy(begin, file, transfer),
            on_progress,
            peer,
            preparation_seconds=MAX_PREPARATION_SECONDS,
        )
    except BaseException:
        with suppress(OSError):
            file.close()
        raise
    return file


def _copy(begin: Callable[[], Iterator[bytes | memoryview]], file: BinaryIO, transfer: Transfer) -> None:
    chunks = begin()
    try:
        for chunk in chunks:
            transfer.check()
            with temporary_file_errors():
                file.write(chunk)
            transfer.done += len(chunk)
    finally:
        if hasattr(chunks, "close"):
            chunks.close()
    with temporary_file_errors():
        file.flush()


def temporary_file(buffering: int = -1) -> BinaryIO:
    """Returns a temporary file without a name. Raises ImageError."""
    with temporary_file_errors():
        return cast("BinaryIO", tempfile.TemporaryFile(prefix="layer-explorer-", buffering=buffering))


@contextmanager
def temporary_file_errors() -> Iterator[None]:
    """Turns an OSError into an ImageError that names the temporary file."""
    try:
        yield
    except OSError as error:
        raise ImageError(
            f"the image cannot be stored in a temporary file: {error.strerror or error}",
            open_error_hint(
                error, "Make room in the directory for temporary files, or set TMPDIR to a directory with more."
            ),
        ) from error
