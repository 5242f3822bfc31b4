"""Keys of local files in the cache; a file that changes has another key."""

from __future__ import annotations

import hashlib
import os
import time

from explorer.layers.streams import FileRange

_SETTLED_NS = 2_000_000_000
"""Age from which a change of a file shows in its times; some file systems count in two seconds."""
_PREFIX = "file:"


class FileKey(str):
    """The key of a part of a file as it is now.

    A type of its own, so that no digest of an image can be one.
    """

    __slots__ = ()


def file_key(part: FileRange, diff_id: str = "") -> FileKey | None:
    """Returns the key of a part of a file, if the file is neither temporary nor new.

    Any write gives the file another time, and with it another key. A file that changed just now may change again within
    the same time. Some file systems have no time of change, or give all files one date. There ``diff_id``, which the
    image in the same file names for the part, tells a new image from the old one.
    """
    status = os.fstat(part.file.descriptor)
    changed_ns = max(status.st_mtime_ns, status.st_ctime_ns)
    if not status.st_nlink or time.time_ns() - changed_ns < _SETTLED_NS:
        return None
    file = status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns
    return FileKey(f"{_PREFIX}{hashlib.sha256(repr((file, part.offset, part.size, diff_id)).encode()).hexdigest()}")


def is_file_key(text: str) -> bool:
    """True if a text is the key of a file and no digest."""
    return text.startswith(_PREFIX)
