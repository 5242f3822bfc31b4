"""Writes an image as a docker-archive.

``python -m tests.benchmarks.making PATH ENTRIES LAYERS SIZES`` streams everything to the file. It makes the headers
itself, because ``tarfile`` takes minutes for a million entries.
"""

from __future__ import annotations

import hashlib
import json
import random
import struct
import sys
from pathlib import Path
from typing import IO, Any, cast

from tests.benchmarks import recipe
from tests.benchmarks.recipe import Item, Recipe

BLOCK = 512
_HEADER = struct.Struct("100s8s8s8s12s12s8sc100s8s32s32s8s8s155s12x")
_CHUNK = 1 << 20
_POOL = 16 << 20
_TIME = b"%011o" % 1_700_000_000


def header(name: str, kind: bytes, size: int, mode: int, link: str = "") -> bytes:
    """Returns a ustar header. Raises ValueError if the name is too long."""
    encoded = name.encode()
    if len(encoded) > 100:
        raise ValueError(f"{name} is too long for a plain header")
    fields = [encoded, b"%07o" % mode, b"0000000", b"0000000", b"%011o" % size, _TIME, b" " * 8, kind, link.encode()]
    fields += [b"ustar\x0000", b"root", b"root", b"0000000", b"0000000", b""]
    fields[6] = b"%06o\0 " % sum(_HEADER.pack(*fields))
    return _HEADER.pack(*fields)


def pool() -> bytes:
    """Returns the bytes for all contents: three quarters words, the rest random."""
    source = random.Random("pool")
    words = [source.randbytes(source.randint(2, 9)).hex().encode() for _ in range(6000)]
    pieces: list[bytes] = []
    size = 0
    while size < _POOL:
        piece = b" ".join(source.choices(words, k=2000)) + source.randbytes(8000)
        pieces.append(piece)
        size += len(piece)
    return b"".join(pieces)[:_POOL]


class ArchiveWriter:
    """Writes a tar whose members get their name and size when they are complete."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._start = 0

    def begin(self) -> None:
        """Begins a member; ``write`` then writes its content."""
        self._start = self._file.tell()
        self._file.write(bytes(BLOCK))

    def write(self, content: bytes | bytearray) -> None:
        """Writes a part of the content."""
        self._file.write(content)

    def end(self, name: str) -> int:
        """Completes the member, and returns its size."""
        end = self._file.tell()
        size = end - self._start - BLOCK
        self._file.seek(self._start)
        self._file.write(header(name, recipe.FILE, size, 0o644))
        self._file.seek(end)
        self._file.write(bytes(-size % BLOCK))
        return size

    def add(self, name: str, content: bytes) -> None:
        """Writes a whole member."""
        self.begin()
        self.write(content)
        self.end(name)

    def close(self) -> None:
        """Writes the end mark."""
        self._file.write(bytes(2 * BLOCK))


def write_image(path: Path, image: Recipe) -> None:
    """Writes the image as a classic ``docker save`` does: a directory for each layer."""
    contents = pool()
    with path.open("wb") as file:
        archive = ArchiveWriter(file)
        diff_ids = []
        for items in recipe.layers(image):
            archive.begin()
            diff_ids.append(_write_layer(archive, items, contents))
            archive.end(f"{diff_ids[-1]}/layer.tar")
        config = json.dumps(configuration(diff_ids)).encode()
        name = f"{hashlib.sha256(config).hexdigest()}.json"
        archive.add(name, config)
        layers = [f"{diff_id}/layer.tar" for diff_id in diff_ids]
        manifest = [{"Config": name, "RepoTags": [f"{image.name}:1"], "Layers": layers}]
        archive.add("manifest.json", json.dumps(manifest).encode())
        archive.close()


def configuration(diff_ids: list[str]) -> dict[str, Any]:
    """Returns the configuration of an image with these layers."""
    return {
        "architecture": "amd64",
        "os": "linux",
        "created": "2026-01-31T09:00:00Z",
        "config": {"Env": ["PATH=/usr/bin:/bin"], "Cmd": ["sh"]},
        "rootfs": {"type": "layers", "diff_ids": [f"sha256:{diff_id}" for diff_id in diff_ids]},
        "history": [
            {"created": "2026-01-31T09:00:00Z", "created_by": f"RUN make layer-{i} && make install"}
            for i, _ in enumerate(diff_ids)
        ],
    }


def _write_layer(archive: ArchiveWriter, items: list[Item], contents: bytes) -> str:
    """Writes a layer's tar, and returns its SHA-256."""
    digest = hashlib.sha256()
    waiting = bytearray()
    for item in items:
        waiting += header(item.name, item.type, item.size, item.mode, item.link)
        left, start = item.size, item.content % _POOL
        while left:
            piece = contents[start : start + left]
            waiting += piece
            left -= len(piece)
            start = 0
        waiting += bytes(-item.size % BLOCK)
        if len(waiting) > _CHUNK:
            digest.update(waiting)
            archive.write(waiting)
            waiting = bytearray()
    waiting += bytes(2 * BLOCK)
    digest.update(waiting)
    archive.write(waiting)
    return digest.hexdigest()


if __name__ == "__main__":
    target, entries, layers, sizes = sys.argv[1:]
    write_image(Path(target), Recipe(int(entries), int(layers), cast("Any", sizes)))
