"""Places of tables of contents, from annotations and from the footer of a blob.

Sources: the eStargz specification and the Go packages ``estargz`` and ``containers/storage/pkg/chunked``.
"""

from __future__ import annotations

import enum
import re
from collections.abc import Mapping
from dataclasses import dataclass

from explorer.layers.digests import is_digest

_ESTARGZ_DIGEST = "containerd.io/snapshot/stargz/toc.digest"
_ZSTD_PREFIXES = ("io.github.containers.zstd-chunked.", "io.containers.zstd-chunked.")
_CHECKSUM, _POSITION = "manifest-checksum", "manifest-position"
_POSITION_FORM = re.compile(r"(\d{1,18}):(\d{1,18}):(\d{1,18}):1", re.ASCII)
"""Offset, stored bytes, unpacked bytes, and the type, of which there is one."""

FOOTER_BYTES = 51
_FOOTER = re.compile(rb"\x1f\x8b\x08\x04\0{4}.\xff\x1a\0SG\x16\0([0-9a-f]{16})STARGZ\x01\0\0\xff\xff\0{8}", re.DOTALL)
"""An empty gzip member, whose extra field has the offset of the table in hex digits."""


class TableFormat(enum.Enum):
    """The format of a layer with a table of contents."""

    ESTARGZ = "gzip"
    ZSTD_CHUNKED = "zstd"

    @property
    def compression(self) -> str:
        """The compression of the table and of all files."""
        return self.value


@dataclass(frozen=True, slots=True)
class TablePlace:
    """The table of a layer, as its manifest names it."""

    format: TableFormat
    digest: str
    """Digest of its JSON in eStargz, and of its compressed bytes in zstd:chunked."""
    offset: int = 0
    """Start of the compressed table in the blob; 0 if only the footer of the blob has it."""
    stored_bytes: int = 0
    """Compressed bytes of the table; 0 if unknown."""


def table_place(annotations: object) -> TablePlace | None:
    """Returns the place of a layer's table; None if its annotations name none."""
    if not isinstance(annotations, Mapping):
        return None
    for prefix in _ZSTD_PREFIXES:
        digest, position = annotations.get(prefix + _CHECKSUM), annotations.get(prefix + _POSITION)
        match = _POSITION_FORM.fullmatch(position) if isinstance(position, str) else None
        if match and _is_sha256(digest):
            return TablePlace(TableFormat.ZSTD_CHUNKED, str(digest), int(match[1]), int(match[2]))
    digest = annotations.get(_ESTARGZ_DIGEST)
    return TablePlace(TableFormat.ESTARGZ, str(digest)) if _is_sha256(digest) else None


def table_offset(footer: bytes) -> int | None:
    """Returns the table's offset in the last bytes of a blob; None if not eStargz."""
    match = _FOOTER.fullmatch(footer[-FOOTER_BYTES:])
    return int(match[1], 16) if match else None


def _is_sha256(digest: object) -> bool:
    return isinstance(digest, str) and digest.startswith("sha256:") and is_digest(digest)
