"""Compresses the layers of an image.

The command is ``python -m tests.benchmarks.packing SOURCE TARGET gzip|zstd``. The result has the form that ``docker
save`` writes since version 25: an OCI layout in a tar, with a ``manifest.json``, which dive reads. Layers are
compressed as in registries: gzip at zlib's level 6, Zstandard at level 3.
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
import tarfile
import tempfile
import zlib
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, BinaryIO, Protocol

from tests.benchmarks.making import ArchiveWriter

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

_CHUNK = 1 << 20
_MAGIC = (b"\x1f\x8b", b"\x28\xb5")


class _Compressor(Protocol):
    def compress(self, data: bytes, /) -> bytes: ...
    def flush(self) -> bytes: ...


@dataclass(frozen=True, slots=True)
class Packed:
    """A compressed layer in a file."""

    file: BinaryIO
    digest: str
    """Digest of the compressed bytes, in hexadecimal."""
    size: int
    diff_id: str
    """Digest of the uncompressed bytes, in hexadecimal."""


class AlreadyPacked(Exception):
    """The layers of the archive are compressed already."""


def layer_ranges(archive: Path) -> tuple[bytes, list[tuple[int, int]]]:
    """Returns the configuration, and the offset and size of each layer."""
    with tarfile.open(archive, "r:") as members:
        manifest = json.loads(_content(members, "manifest.json"))[0]
        ranges = []
        for name in manifest["Layers"]:
            member = members.getmember(name)
            while member.issym() or member.islnk():
                # Because engines store a repeated layer as a link.
                at = os.path.normpath(Path(member.name).parent / member.linkname)
                member = members.getmember(member.linkname if member.islnk() else at)
            ranges.append((member.offset_data, member.size))
        return _content(members, manifest["Config"]), ranges


def _content(members: tarfile.TarFile, name: str) -> bytes:
    file = members.extractfile(name)
    if file is None:
        raise ValueError(f"{name} is not a file")
    return file.read()


def pack(source: Path, target: Path, kind: str, scratch: Path | None = None) -> None:
    """Writes a docker-archive again with compressed layers. Raises AlreadyPacked."""
    config, ranges = layer_ranges(source)
    with source.open("rb") as file:
        if any(os.pread(file.fileno(), 2, offset) in _MAGIC for offset, _ in ranges):
            raise AlreadyPacked
    with ThreadPoolExecutor(os.cpu_count()) as threads:
        order = sorted(range(len(ranges)), key=lambda i: -ranges[i][1])
        jobs = {i: threads.submit(_compress, source, *ranges[i], kind, scratch or target.parent) for i in order}
        packed = [jobs[i].result() for i in range(len(ranges))]
    with target.open("wb") as file:
        _write(ArchiveWriter(file), config, packed, kind)


def _compress(source: Path, offset: int, size: int, kind: str, scratch: Path) -> Packed:
    stored, plain = hashlib.sha256(), hashlib.sha256()
    compressor: _Compressor = zlib.compressobj(6, wbits=31) if kind == "gzip" else zstd.ZstdCompressor(level=3)
    result: IO[bytes] = tempfile.TemporaryFile(dir=scratch)  # noqa: SIM115 - closed with what holds it
    with source.open("rb") as file:
        file.seek(offset)
        while size:
            chunk = file.read(min(_CHUNK, size))
            if not chunk:
                raise EOFError(f"{source} is cut off")
            size -= len(chunk)
            plain.update(chunk)
            piece = compressor.compress(chunk)
            stored.update(piece)
            result.write(piece)
    piece = compressor.flush()
    stored.update(piece)
    result.write(piece)
    length = result.tell()
    result.seek(0)
    return Packed(result, stored.hexdigest(), length, plain.hexdigest())  # type: ignore[arg-type]


def _write(archive: ArchiveWriter, config: bytes, packed: Sequence[Packed], kind: str) -> None:
    """Writes each blob once, then the documents that name the blobs."""
    written: set[str] = set()

    def blob(content: bytes, media_type: str) -> dict[str, Any]:
        digest = hashlib.sha256(content).hexdigest()
        archive.add(f"blobs/sha256/{digest}", content)
        return {"mediaType": media_type, "digest": f"sha256:{digest}", "size": len(content)}

    for layer in packed:
        with layer.file as file:
            if layer.digest not in written:
                archive.begin()
                for chunk in iter(lambda file=file: file.read(_CHUNK), b""):  # type: ignore[misc]
                    archive.write(chunk)
                archive.end(f"blobs/sha256/{layer.digest}")
                written.add(layer.digest)
    media_type = f"application/vnd.oci.image.layer.v1.tar+{kind}"
    document = blob(config, "application/vnd.oci.image.config.v1+json")
    manifest = {
        "schemaVersion": 2,
        "mediaType": "application/vnd.oci.image.manifest.v1+json",
        "config": document,
        "layers": [
            {"mediaType": media_type, "digest": f"sha256:{layer.digest}", "size": layer.size} for layer in packed
        ],
    }
    descriptor = blob(json.dumps(manifest).encode(), "application/vnd.oci.image.manifest.v1+json")
    named = {
        "oci-layout": {"imageLayoutVersion": "1.0.0"},
        "index.json": {"schemaVersion": 2, "manifests": [descriptor]},
        "manifest.json": [
            {
                "Config": f"blobs/sha256/{document['digest'].removeprefix('sha256:')}",
                "RepoTags": ["benchmark:1"],
                "Layers": [f"blobs/sha256/{layer.digest}" for layer in packed],
            }
        ],
    }
    for name, content in named.items():
        archive.add(name, json.dumps(content).encode())
    archive.close()


if __name__ == "__main__":
    try:
        pack(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3])
    except AlreadyPacked:
        sys.exit(f"{sys.argv[1]}: its layers are compressed already; only plain layers can be packed")
