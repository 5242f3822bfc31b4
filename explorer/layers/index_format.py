"""The format of a layer's index on disk. Detects damaged and foreign bytes.

The cache and saved explorations use it. Other versions and other machines read saved explorations, so a change of the
format needs new versions of both.
"""

from __future__ import annotations

import hashlib
import json
import struct
import sys
from array import array
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from itertools import accumulate, chain
from operator import attrgetter
from typing import Any

from explorer.layers.path_resolver import MAX_PATH_CHARS
from explorer.layers.tar.sparse import Pieces
from explorer.model import Entry, Kind, LayerIndex
from explorer.text.printable import printable

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

VERSION = "6"
"""Changes with every change of the bytes or of their meaning."""
DECODE_ERRORS = (
    ValueError,
    LookupError,
    TypeError,
    AttributeError,
    OverflowError,
    RecursionError,
    EOFError,
    zstd.ZstdError,
)
"""Errors for bytes that are not an index."""
_MAGIC = b"layer-explorer index\n"
CHECKSUM_OFFSET, CHECKSUM_BYTES = len(_MAGIC), hashlib.sha256().digest_size
"""The place of the SHA-256 of the compressed columns: equal ones are of equal indexes."""
_BYTE_ORDER = "little"
_CACHE_LEVEL = 1
_MODES = tuple(range(0o10000))
_MAX_BODY_BYTES = 4 << 30
_MAX_SMALL_BODY_BYTES, _MAX_RATIO = 64 << 20, 300
"""A longer body has at most this many bytes for each stored one. A million empty files with one date have 52."""
_MAX_LISTS = 4_000_000
"""In the head: each entry with an attribute has three, and a parsed one takes 64 bytes."""
_KINDS = tuple(Kind)
_KIND_NUMBERS = {id(kind): number for number, kind in enumerate(_KINDS)}
"""By identity, because a member of an enumeration takes long to hash."""
_COLUMNS = ("kind", "size", "mode", "uid", "gid", "mtime_ns", "inode")


def encode_index(index: LayerIndex, level: int = _CACHE_LEVEL) -> bytes:
    """Returns an index as compressed columns, with a checksum in front.

    ``level`` is that of zstd: a higher one takes longer and makes fewer bytes.
    """
    entries = [*index.entries, *index.superseded]
    columns = {name: map(attrgetter(name), entries) for name in _COLUMNS[1:]}
    columns["kind"] = map(_KIND_NUMBERS.__getitem__, map(id, map(attrgetter("kind"), entries)))
    text_columns = {
        "path": _joined([entry.path for entry in entries]),
        "link": _joined([entry.link for entry in entries]),
        "whiteouts": _joined(index.whiteouts),
        "opaques": _joined(index.opaques),
        "problems": _joined(index.problems),
    }
    prints = sorted(index.fingerprints.items())
    digests = sorted(index.digests.items())
    sections = {
        **{name: _packed_numbers(column) for name, column in columns.items()},
        **text_columns,
        "print_inodes": _packed_numbers(inode for inode, _ in prints),
        "prints": b"".join(fingerprint for _, fingerprint in prints),
        "digest_inodes": _packed_numbers(inode for inode, _ in digests),
        "digests": b"".join(digest for _, digest in digests),
    }
    head = {
        "order": _BYTE_ORDER,
        "entries": len(index.entries),
        "is_from_table": index.is_from_table,
        "sections": [(name, len(content)) for name, content in sections.items()],
        "xattrs": [
            (number, [(name, value.hex()) for name, value in entry.xattrs])
            for number, entry in enumerate(entries)
            if entry.xattrs
        ],
        "sparse": [(inode, pieces) for inode, pieces in index.sparse.items()],
    }
    body = json.dumps(head).encode() + b"\n" + b"".join(sections.values())
    packed = zstd.compress(body, level)
    return _MAGIC + hashlib.sha256(packed).digest() + packed


def decode_index(
    content: bytes, max_ratio: int = _MAX_RATIO, on_count: Callable[[int], object] = lambda _: None
) -> LayerIndex:
    """Reverses ``encode_index``. Raises one of DECODE_ERRORS for other bytes.

    Args:
        content: The bytes.
        max_ratio: Bytes of a large index for each stored one.
        on_count: Called with the number of entries before they take memory; may raise to stop the work.
    """
    start = CHECKSUM_OFFSET + CHECKSUM_BYTES
    packed = content[start:]
    if not content.startswith(_MAGIC) or hashlib.sha256(packed).digest() != content[CHECKSUM_OFFSET:start]:
        raise ValueError("not an index")
    head, sections = _head_and_sections(_unpacked(packed, max_ratio))
    numbers = {name: _numbers(sections[name]) for name in _COLUMNS}
    count = len(numbers["size"])
    on_count(count)
    if count and (min(numbers["size"]) < 0 or min(numbers["inode"]) < 0 or not set(numbers["mode"]) <= set(_MODES)):
        raise ValueError("a number that no entry has")
    xattrs: list[tuple[tuple[str, bytes], ...]] = [()] * count
    for number, pairs in head["xattrs"]:
        xattrs[number] = tuple((str(name), bytes.fromhex(value)) for name, value in pairs)
    paths = _split(sections["path"], count)
    entries: list[Entry] = list(
        map(
            # The same as Entry._make, in half the time.
            partial(tuple.__new__, Entry),
            zip(
                paths,
                map(_KINDS.__getitem__, numbers["kind"]),
                numbers["size"],
                # One object for each mode, because new ones would take 28 bytes for each entry.
                map(_MODES.__getitem__, numbers["mode"]),
                *(numbers[name] for name in _COLUMNS[3:6]),
                _split(sections["link"], count),
                xattrs,
                numbers["inode"],
                strict=True,
            ),
        )
    )
    whiteouts, opaques = _split(sections["whiteouts"]), _split(sections["opaques"])
    if not 0 <= head["entries"] <= count:
        raise ValueError("another number of entries than of paths")
    _check_paths(paths[: head["entries"]], whiteouts, opaques)
    if max(map(len, chain(paths, whiteouts, opaques)), default=0) > MAX_PATH_CHARS:
        raise ValueError("a path that no layer has")
    return LayerIndex(
        entries=entries[: head["entries"]],
        superseded=entries[head["entries"] :],
        whiteouts=whiteouts,
        opaques=opaques,
        # They are shown as they are, so a changed entry must not bring other characters.
        problems=list(map(printable, _split(sections["problems"]))),
        fingerprints=_by_inode(sections["print_inodes"], sections["prints"]),
        digests=_by_inode(sections["digest_inodes"], sections["digests"]),
        is_from_table=head["is_from_table"] is True,
        sparse=_sparse(head["sparse"], entries),
    )


def _unpacked(packed: bytes, max_ratio: int) -> bytes:
    """Returns the bytes of one frame. Raises ValueError for too many or too few."""
    reader = zstd.ZstdDecompressor()
    body = reader.decompress(packed, min(_MAX_BODY_BYTES, _MAX_SMALL_BODY_BYTES + max_ratio * len(packed)))
    if not reader.eof:
        raise ValueError("too large, or cut off")
    return body


def _head_and_sections(body: bytes) -> tuple[dict[str, Any], dict[str, bytes]]:
    head_end = body.index(b"\n")
    if body.count(b"[", 0, head_end) > _MAX_LISTS:
        raise ValueError("more attributes than any layer has")
    head = json.loads(body[:head_end])
    if head["order"] != _BYTE_ORDER:
        raise ValueError("written in another byte order")
    lengths = [length for _, length in head["sections"]]
    if min(lengths) < 0:
        raise ValueError("a section of less than nothing")
    ends = list(accumulate(lengths, initial=head_end + 1))
    sections = {name: body[begin:end] for (name, _), begin, end in zip(head["sections"], ends, ends[1:], strict=False)}
    return head, sections


def _check_paths(paths: list[str], whiteouts: list[str], opaques: list[str]) -> None:
    """Raises ValueError for paths that lead elsewhere or come twice."""
    # In one text, because a look at each of a million paths takes longer than everything else. An empty name makes two
    # slashes of it, also at the start or the end of a path.
    joined = "/".join(("", *filter(None, chain(paths, whiteouts, opaques)), ""))
    has_empty_name = "//" in joined
    # Each rest ends before a slash.
    has_dots = any(f"{rest}/".startswith(("/", "./")) for rest in joined.split("/.")[1:])
    if len(set(paths)) < len(paths) or "" in whiteouts or has_empty_name or has_dots:
        raise ValueError("no layer has such paths")


def _sparse(listed: Sequence[tuple[int, Sequence[tuple[int, int]]]], entries: Sequence[Entry]) -> dict[int, Pieces]:
    """Returns the pieces of sparse files. Raises ValueError for impossible ones."""
    sparse = {inode: tuple((offset, length) for offset, length in pieces) for inode, pieces in listed}
    sizes = {entry.inode: entry.size for entry in entries if entry.inode in sparse} if sparse else {}
    for inode, pieces in sparse.items():
        ends = [0, *(offset + length for offset, length in pieces)]
        if any(length < 0 or offset < end for (offset, length), end in zip(pieces, ends, strict=False)):
            raise ValueError("pieces that overlap")
        if ends[-1] > sizes.get(inode, 0):
            raise ValueError("a piece behind the end")
    return sparse


def _by_inode(inodes: bytes, values: bytes) -> dict[int, bytes]:
    """Returns values of one width by inode. Raises ValueError for another width."""
    numbers = _numbers(inodes)
    width = len(values) // len(numbers) if numbers else 0
    if len(values) != width * len(numbers):
        raise ValueError("values of different widths")
    if not width:
        return {}
    return dict(zip(numbers, chain.from_iterable(struct.iter_unpack(f"{width}s", values)), strict=True))


def _packed_numbers(values: Iterable[int]) -> bytes:
    numbers = array("q", values)
    if sys.byteorder != _BYTE_ORDER:
        numbers.byteswap()
    return numbers.tobytes()


def _numbers(content: bytes) -> array[int]:
    numbers = array("q")
    numbers.frombytes(content)
    if sys.byteorder != _BYTE_ORDER:
        numbers.byteswap()
    return numbers


def _joined(texts: Sequence[str]) -> bytes:
    """Returns the texts, each followed by a NUL: no path, link or message has one."""
    return "\0".join((*texts, "")).encode("utf-8", "surrogateescape")


def _split(content: bytes, count: int | None = None) -> list[str]:
    texts = content.decode("utf-8", "surrogateescape").split("\0")[:-1]
    if count is not None and len(texts) != count:
        raise ValueError("columns of different lengths")
    return texts
