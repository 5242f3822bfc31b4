"""Layer indexes on disk, by digest: a known layer costs no decompression, no tar walk and no download.

An index is kept under the digest that its bytes are sure to have: the diff_id, where that was verified or a local
engine vouches for it, or the digest of the compressed bytes, where that was. An image that lies about its layers
poisons nothing. Whatever is truncated, foreign or of another version is a miss. Files are written beside their place
and moved into it, so two processes at once lose nothing.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import sys
import tempfile
from array import array
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from itertools import accumulate
from pathlib import Path
from typing import BinaryIO

from explorer.layers.tree import Tree
from explorer.model import Addressing, Entry, Kind, Layer, LayerContents, LayerIndex, Vouched

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

_VERSION = "3"
_MAGIC = b"layer-explorer index\n"
_LEFTOVER = ".new-"
"""How the name of an entry begins while it is written."""
_CHECK = hashlib.sha256().digest_size
_DIGEST = re.compile(r"sha256:([0-9a-f]{64})")
_KINDS = tuple(Kind)
_COLUMNS = ("kind", "size", "mode", "uid", "gid", "mtime_ns", "inode")
MAX_BYTES = 1 << 30
"""Of all entries together; the least recently used go first."""
_MAX_ENTRY = 512 << 20


@dataclass(frozen=True, slots=True)
class Cache:
    """The indexes kept in a directory, which need not exist."""

    directory: Path
    max_bytes: int = MAX_BYTES

    def load(self, digest: str, addressing: Addressing) -> LayerIndex | None:
        """The index of a layer, or None."""
        path = self._path(digest, addressing)
        if path is None:
            return None
        try:
            with path.open("rb") as file:
                if os.fstat(file.fileno()).st_size > _MAX_ENTRY:
                    return None
                index = _decoded(file.read())
        except (OSError, ValueError, LookupError, TypeError, EOFError, zstd.ZstdError):
            return None
        # The time of the last use. A cache that may be read and not written is as good.
        with suppress(OSError):
            os.utime(path)
        return index

    def has(self, digest: str, addressing: Addressing) -> bool:
        """Whether there is an entry, readable or not."""
        path = self._path(digest, addressing)
        # A plain `exists` raises where a directory on the way may not be searched.
        with suppress(OSError):
            return path is not None and path.is_file()
        return False

    def store(self, digest: str, addressing: Addressing, index: LayerIndex) -> None:
        """Keep an index. A cache that cannot be written is no error: the next look takes longer."""
        path = self._path(digest, addressing)
        if path is None:
            return
        with suppress(OSError, OverflowError, ValueError):
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            descriptor, name = tempfile.mkstemp(prefix=_LEFTOVER, dir=path.parent)
            try:
                with open(descriptor, "wb") as file:
                    file.write(_encoded(index))
                Path(name).replace(path)
            except BaseException:
                Path(name).unlink(missing_ok=True)
                raise
            self._make_room(path)

    def entries(self) -> list[tuple[str, int]]:
        """(digest, bytes on disk) of what is kept, most recently used first."""
        kept = [(path.name, size) for _, size, path in reversed(self._files()) if not path.name.startswith(_LEFTOVER)]
        return [(f"sha256:{name.partition('.')[0]}", size) for name, size in kept]

    def clear(self) -> int:
        """Remove everything; the bytes that were freed."""
        freed = 0
        for _, size, path in self._files():
            with suppress(OSError):
                path.unlink()
                freed += size
        return freed

    def _path(self, digest: str, addressing: Addressing) -> Path | None:
        match = _DIGEST.fullmatch(digest)
        return self.directory / _VERSION / f"{match[1]}.{addressing.value}" if match else None

    def _files(self) -> list[tuple[float, int, Path]]:
        """(last use, bytes, path), least recently used first; leftovers of interrupted writes too."""
        found = []
        with suppress(OSError):
            for path in (self.directory / _VERSION).iterdir():
                with suppress(OSError):
                    status = path.stat()
                    found.append((status.st_mtime, status.st_size, path))
        return sorted(found)

    def _make_room(self, written: Path) -> None:
        """Remove the least recently used, but not what was just written."""
        files = self._files()
        total = sum(size for _, size, _ in files)
        for _, size, path in files:
            if total <= self.max_bytes:
                return
            if path == written:
                continue
            with suppress(OSError):
                path.unlink()
                total -= size


class CachedLayer:
    """A layer whose index is looked for in a cache before it is read. Satisfies LayerContents."""

    def __init__(self, cache: Cache, digest: str, contents: LayerContents) -> None:
        """``digest`` is the one that the contents are vouched for by."""
        self._cache = cache
        self._digest = digest
        self._contents = contents
        self._is_known = cache.has(digest, contents.addressing)
        self._loaded: LayerIndex | None = None

    @property
    def stored_bytes(self) -> int:
        """See LayerContents."""
        return 0 if self._is_known else self._contents.stored_bytes

    @property
    def streams(self) -> bool:
        """See LayerContents."""
        return not self._is_known and self._contents.streams

    @property
    def vouched(self) -> Vouched:
        """See LayerContents."""
        return self._contents.vouched

    @property
    def addressing(self) -> Addressing:
        """See LayerContents."""
        return self._contents.addressing

    def index(self, passed: Callable[[int], None]) -> LayerIndex:
        """See LayerContents."""
        if self._is_known:
            self._loaded = self._cache.load(self._digest, self.addressing)
        return self._loaded or self._contents.index(passed)

    def open(self, index: LayerIndex, entry: Entry) -> BinaryIO:
        """See LayerContents."""
        return self._contents.open(index, entry)

    def read(
        self, index: LayerIndex, entries: Iterable[Entry], passed: Callable[[int], None]
    ) -> Iterator[tuple[Entry, Iterator[bytes | memoryview]]]:
        """See LayerContents."""
        return self._contents.read(index, entries, passed)

    def remember(self, index: LayerIndex) -> None:
        """Keep the index, unless it is kept already."""
        known = self._loaded
        if known is None or len(known.fingerprints) < len(index.fingerprints):
            self._cache.store(self._digest, self.addressing, index)


def cached(layers: Iterable[Layer], cache: Cache) -> tuple[Layer, ...]:
    """The layers, each asking the cache before it is read.

    Those that nobody vouches for are left as they are: they may be something else than the image says, and what they
    are must be read from them.
    """
    found = []
    for layer in layers:
        vouched = layer.contents.vouched
        digest = {Vouched.NOTHING: None, Vouched.DIFF_ID: layer.diff_id, Vouched.DIGEST: layer.digest}[vouched]
        found.append(replace(layer, contents=CachedLayer(cache, digest, layer.contents)) if digest else layer)
    return tuple(found)


def remember(layers: Iterable[Layer], tree: Tree) -> None:
    """Keep what has been read of layers that ask a cache, with all the fingerprints that were taken."""
    for layer in layers:
        if isinstance(layer.contents, CachedLayer):
            index = tree.layers[layer.number]
            layer.contents.remember(replace(index, fingerprints=tree.fingerprints[layer.number]))


def _encoded(index: LayerIndex) -> bytes:
    """An index as columns: numbers as 64-bit arrays, texts joined, everything compressed, a digest in front."""
    entries = [*index.entries, *index.superseded]
    kinds = {kind: number for number, kind in enumerate(_KINDS)}
    columns = {name: array("q", (getattr(entry, name) for entry in entries)) for name in _COLUMNS[1:]}
    columns["kind"] = array("q", (kinds[entry.kind] for entry in entries))
    texts = {
        "path": _joined([entry.path for entry in entries]),
        "link": _joined([entry.link for entry in entries]),
        "whiteouts": _joined(index.whiteouts),
        "opaques": _joined(index.opaques),
        "problems": _joined(index.problems),
    }
    prints = sorted(index.fingerprints.items())
    sections = {
        **{name: column.tobytes() for name, column in columns.items()},
        **texts,
        "print_inodes": array("q", (inode for inode, _ in prints)).tobytes(),
        "prints": b"".join(fingerprint for _, fingerprint in prints),
    }
    head = {
        "order": sys.byteorder,
        "entries": len(index.entries),
        "sections": [(name, len(content)) for name, content in sections.items()],
        "xattrs": [
            (number, [(name, value.hex()) for name, value in entry.xattrs])
            for number, entry in enumerate(entries)
            if entry.xattrs
        ],
        "sparse": [(inode, pieces) for inode, pieces in index.sparse.items()],
    }
    body = json.dumps(head).encode() + b"\n" + b"".join(sections.values())
    packed = zstd.compress(body, 1)
    return _MAGIC + hashlib.sha256(packed).digest() + packed


def _decoded(content: bytes) -> LayerIndex:
    """The opposite of _encoded. Raises ValueError and its like for anything else."""
    start = len(_MAGIC) + _CHECK
    packed = content[start:]
    if not content.startswith(_MAGIC) or hashlib.sha256(packed).digest() != content[len(_MAGIC) : start]:
        raise ValueError("not an index")
    body = zstd.decompress(packed)
    head_end = body.index(b"\n")
    head = json.loads(body[:head_end])
    if head["order"] != sys.byteorder:
        raise ValueError("written on another kind of machine")
    lengths = [length for _, length in head["sections"]]
    ends = list(accumulate(lengths, initial=head_end + 1))
    sections = {name: body[begin:end] for (name, _), begin, end in zip(head["sections"], ends, ends[1:], strict=False)}
    numbers = {name: _numbers(sections[name]) for name in _COLUMNS}
    count = len(numbers["size"])
    xattrs: list[tuple[tuple[str, bytes], ...]] = [()] * count
    for number, pairs in head["xattrs"]:
        xattrs[number] = tuple((name, bytes.fromhex(value)) for name, value in pairs)
    entries = list(
        map(
            Entry._make,
            zip(
                _split(sections["path"], count),
                map(_KINDS.__getitem__, numbers["kind"]),
                *(numbers[name] for name in _COLUMNS[1:6]),
                _split(sections["link"], count),
                xattrs,
                numbers["inode"],
                strict=True,
            ),
        )
    )
    inodes, prints = _numbers(sections["print_inodes"]), sections["prints"]
    width = len(prints) // len(inodes) if inodes else 0
    return LayerIndex(
        entries=entries[: head["entries"]],
        superseded=entries[head["entries"] :],
        whiteouts=_split(sections["whiteouts"]),
        opaques=_split(sections["opaques"]),
        problems=_split(sections["problems"]),
        fingerprints={inode: prints[n * width : (n + 1) * width] for n, inode in enumerate(inodes)},
        sparse={inode: tuple((offset, length) for offset, length in pieces) for inode, pieces in head["sparse"]},
    )


def _numbers(content: bytes) -> array[int]:
    numbers = array("q")
    numbers.frombytes(content)
    return numbers


def _joined(texts: Sequence[str]) -> bytes:
    """Each text with a NUL behind it: no path, link or message holds one."""
    return "".join(f"{text}\0" for text in texts).encode("utf-8", "surrogateescape")


def _split(content: bytes, count: int | None = None) -> list[str]:
    texts = content.decode("utf-8", "surrogateescape").split("\0")[:-1]
    if count is not None and len(texts) != count:
        raise ValueError("columns of different lengths")
    return texts
