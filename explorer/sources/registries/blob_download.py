"""Downloads of blobs into temporary files: bounded, verified and resumed."""

from __future__ import annotations

import re
import shutil
import tempfile
from io import BytesIO
from typing import BinaryIO

from requests import Response

from explorer.errors import ImageError, UnreadableLayer
from explorer.layers.digests import algorithm_of, new_hash
from explorer.layers.streams import FileRange
from explorer.layers.tables.ranges import RangesRefused
from explorer.sources.registries.content_length import content_length
from explorer.sources.registries.retry import Retryable, RetryBudget
from explorer.sources.spool import temporary_file, temporary_file_errors
from explorer.text.units import size as bytes_for_people

CHUNK = 64 << 10
_CONTENT_RANGE = re.compile(r"bytes (\d{1,18})-\d{1,18}/(\d{1,18}|\*)", re.ASCII)


class BlobDownload:
    """The download of one blob into a file.

    A later response continues where the last one broke off.
    """

    def __init__(self, file: BinaryIO, digest: str, size: int, name: str, budget: RetryBudget) -> None:
        self.done = 0
        """Bytes in the file."""
        self._file = file
        self._digest = digest
        self._hash = new_hash(algorithm_of(digest))
        self._size = size
        self._name = name
        self._budget = budget

    def append(self, response: Response) -> None:
        """Appends a response. Raises Retryable if too short, UnreadableLayer if too long."""
        self._check_range(response)
        for chunk in response.raw.stream(CHUNK, decode_content=False):
            if self.done + len(chunk) > self._size:
                raise self._error(f"more than the {self._size:,} bytes expected arrive")
            _write(self._file, chunk)
            self._hash.update(chunk)
            self.done += len(chunk)
            self._budget.arrived(self.done)
        if self.done < self._size:
            raise Retryable(self._error(f"it ends after {self.done:,} bytes, expected {self._size:,}"))

    def _check_range(self, response: Response) -> None:
        """Checks the size, and starts over unless the body begins where the file ends."""
        content_range = _CONTENT_RANGE.fullmatch(response.headers.get("Content-Range", ""))
        length = content_length(response)
        total = length
        if response.status_code == 206:
            total = int(content_range[2]) if content_range and content_range[2] != "*" else None
        if total not in (None, self._size):
            raise self._error(f"the registry has {total:,} bytes, expected {self._size:,}")
        if length is not None and length > self._size:
            # Otherwise a part waits for bytes that never come.
            raise self._error(f"more than the {self._size:,} bytes expected are announced")
        resumes = response.status_code == 206 and content_range and int(content_range[1]) == self.done
        if self.done and not resumes:
            self.done = self._budget.transfer.done = 0
            self._hash = new_hash(algorithm_of(self._digest))
            with temporary_file_errors():
                self._file.seek(0)
                self._file.truncate()

    def verified(self) -> FileRange:
        """Returns the complete blob. Raises UnreadableLayer if its digest is wrong."""
        digest = f"{algorithm_of(self._digest)}:{self._hash.hexdigest()}"
        if digest != self._digest:
            raise self._error(f"its digest is {digest}, expected {self._digest}")
        return FileRange.whole(self._file)

    def _error(self, message: str) -> UnreadableLayer:
        return UnreadableLayer(f"{self._name} cannot be read: {message}", "Try again, or push the image again.")


class RangeDownload:
    """The download of a part of a blob into memory.

    A later response continues where the last one broke off.
    """

    def __init__(self, offset: int, size: int, name: str, budget: RetryBudget) -> None:
        self._content = BytesIO()
        self._offset = offset
        self._size = size
        self._name = name
        self._budget = budget

    @property
    def done(self) -> int:
        """Bytes that have arrived."""
        return self._content.tell()

    @property
    def content(self) -> bytes:
        """The bytes that have arrived; the buffer itself, because a copy may have 256 MB."""
        return self._content.getvalue()

    def append(self, response: Response) -> None:
        """Appends a response. Raises Retryable if it is too short, or RangesRefused.

        If it stays too short, the registry refuses ranges, because the whole blob may still arrive.
        """
        content_range = _CONTENT_RANGE.fullmatch(response.headers.get("Content-Range", ""))
        if response.status_code != 206 or not content_range or int(content_range[1]) != self._offset + self.done:
            raise RangesRefused(f"{self._name}: the registry sends only the whole blob")
        size = self._size
        if content_range[2].isdecimal():
            size = min(size, int(content_range[2]) - self._offset)
        too_long = RangesRefused(f"{self._name}: the registry sends more than the part that was requested")
        if (content_length(response) or 0) > self._size - self.done:
            raise too_long
        for chunk in response.raw.stream(CHUNK, decode_content=False):
            self._content.write(chunk)
            self._budget.arrived(self.done)
            if self.done > self._size:
                raise too_long
        if self.done < size:
            raise Retryable(RangesRefused(f"{self._name}: a part ends after {self.done:,} bytes, expected {size:,}"))


def document_file(content: bytes, name: str) -> FileRange:
    """Returns a document in a temporary file, the form in which archives have theirs."""
    with temporary_file_for(len(content), name) as file:
        _write(file, content)
        return FileRange.whole(file)


def _write(file: BinaryIO, content: bytes) -> None:
    """Writes all bytes, because one call to an unbuffered file may write only some."""
    left = memoryview(content)
    with temporary_file_errors():
        while left:
            left = left[file.write(left) :]


def temporary_file_for(size: int, name: str) -> BinaryIO:
    """Returns a temporary file. Raises ImageError without room for ``size`` bytes."""
    with temporary_file_errors():
        free = shutil.disk_usage(tempfile.gettempdir()).free
    if size > free:
        raise ImageError(
            f"{name} has {bytes_for_people(size)}, and {tempfile.gettempdir()} has room for {bytes_for_people(free)}",
            "Make room there, or set TMPDIR to a directory with more.",
        )
    # Unbuffered, so that closing has nothing left to write, and cannot fail.
    return temporary_file(buffering=0)
