"""A blob on its way from a registry into a temporary file: bounded, verified, and continued where it broke off."""

from __future__ import annotations

import hashlib
import re
import shutil
import tempfile
from typing import TYPE_CHECKING, BinaryIO, cast

from explorer.errors import ImageError, UnreadableLayer
from explorer.layers.digests import algorithm_of
from explorer.layers.streams import FileRange
from explorer.sources.registries.retry import Retryable, RetryBudget
from explorer.sources.spool import writing
from explorer.text.printable import printable
from explorer.text.units import size as bytes_for_people

if TYPE_CHECKING:
    from requests import Response

CHUNK = 64 << 10
_CONTENT_RANGE = re.compile(r"bytes (\d{1,18})-\d{1,18}/(\d{1,18}|\*)")


class ArrivingBlob:
    """A blob on its way into a file."""

    def __init__(self, file: BinaryIO, digest: str, size: int, name: str, patience: RetryBudget) -> None:
        self.done = 0
        self._file = file
        self._digest = digest
        self._hash = hashlib.new(algorithm_of(digest))
        self._size = size
        self._name = name
        self._patience = patience

    def take(self, response: Response) -> None:
        """Append the body of an answer to a request for what is missing. Raises Retryable when it ends too early."""
        self._place(response)
        for chunk in response.raw.stream(CHUNK, decode_content=False):
            if self.done + len(chunk) > self._size:
                raise self._damage(f"more than the {self._size:,} bytes expected arrive")
            _write(self._file, chunk)
            self._hash.update(chunk)
            self.done += len(chunk)
            self._patience.arrived(self.done)
        if self.done < self._size:
            raise Retryable(self._damage(f"it ends after {self.done:,} bytes, expected {self._size:,}"))

    def _place(self, response: Response) -> None:
        """See to it that the body begins where the file ends."""
        placed = _CONTENT_RANGE.fullmatch(response.headers.get("Content-Range", ""))
        total = response.headers.get("Content-Length", "")
        if response.status_code == 206:
            total = placed[2] if placed else ""
        if total.isdecimal() and total != str(self._size):
            raise self._damage(f"the registry has {printable(total[:20])} bytes, expected {self._size:,}")
        if self.done and not (response.status_code == 206 and placed and int(placed[1]) == self.done):
            # All of it comes again, or something else that the digest will tell.
            self.done = 0
            self._patience.restarted()
            self._hash = hashlib.new(algorithm_of(self._digest))
            with writing():
                self._file.seek(0)
                self._file.truncate()

    def verified(self) -> FileRange:
        """The whole blob. Raises UnreadableLayer when it is another than was asked for."""
        found = f"{self._digest.partition(':')[0]}:{self._hash.hexdigest()}"
        if found != self._digest:
            raise self._damage(f"its digest is {found}, expected {self._digest}")
        return FileRange.whole(self._file)

    def _damage(self, message: str) -> UnreadableLayer:
        return UnreadableLayer(f"{self._name} cannot be read: {message}", "Try again, or push the image again.")


def kept(content: bytes, name: str) -> FileRange:
    """A document in a file, as whatever reads documents expects it."""
    with temporary_file(len(content), name) as file:
        _write(file, content)
        return FileRange.whole(file)


def _write(file: BinaryIO, content: bytes) -> None:
    """Write all of it: an unbuffered file may take less at once."""
    left = memoryview(content)
    with writing():
        while left:
            left = left[file.write(left) :]


def temporary_file(size: int, name: str) -> BinaryIO:
    """A file without a name for so many bytes. Raises ImageError when there is no room, before they are fetched."""
    with writing():
        free = shutil.disk_usage(tempfile.gettempdir()).free
        if size <= free:
            # Unbuffered, so that nothing is left to be written, and to fail, when it is closed.
            return cast("BinaryIO", tempfile.TemporaryFile(prefix="layer-explorer-", buffering=0))
    raise ImageError(
        f"{name} has {bytes_for_people(size)}, and {tempfile.gettempdir()} has room for {bytes_for_people(free)}",
        "Make room there, or set TMPDIR to a directory with more.",
    )
