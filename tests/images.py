"""Makes images in memory, for tests, and writes them in any format."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import sys
import tarfile
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO, cast

from explorer.layers import tar_layer
from explorer.layers.merge import merge
from explorer.layers.read_budget import ReadBudget
from explorer.layers.streams import FileRange
from explorer.layers.tar_layer import whole_files
from explorer.layers.tree import Tree
from explorer.model import Entry, Image, Layer, LayerContents, LayerIndex, OnProgress, Progress, Watcher
from explorer.pipeline import Exploration, explore
from explorer.sources import open_image
from explorer.sources.request import Request

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

MB = 1_000_000
TIME = 1_700_000_000
NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)
"""The time to which ages refer in tests; images are made ten months earlier."""


@dataclass(frozen=True)
class Item:
    """One member of a layer's tar."""

    name: str
    content: bytes = b""
    type: bytes = tarfile.REGTYPE
    link: str = ""
    mode: int = 0o644
    uid: int = 0
    gid: int = 0
    mtime: float = TIME
    device: tuple[int, int] = (0, 0)
    xattrs: Mapping[str, str] = field(default_factory=dict)


def file(name: str, content: bytes = b"", **more: Any) -> Item:
    """Returns a regular file."""
    return Item(name, content, **more)


def big(name: str, megabytes: float, edition: int = 1, **more: Any) -> Item:
    """Returns a regular file of a size in megabytes; editions differ only in their bytes."""
    return Item(name, bytes([edition]) * int(megabytes * MB), **more)


def directory(name: str, **more: Any) -> Item:
    """Returns a directory."""
    return Item(name, type=tarfile.DIRTYPE, **{"mode": 0o755, **more})


def symlink(name: str, target: str, **more: Any) -> Item:
    """Returns a symbolic link."""
    return Item(name, type=tarfile.SYMTYPE, link=target, **{"mode": 0o777, **more})


def hardlink(name: str, target: str, **more: Any) -> Item:
    """Returns a hard link to another name of the same layer."""
    return Item(name, type=tarfile.LNKTYPE, link=target, **more)


def device(name: str, major: int, minor: int, **more: Any) -> Item:
    """Returns a character device."""
    return Item(name, type=tarfile.CHRTYPE, device=(major, minor), **more)


def fifo(name: str, **more: Any) -> Item:
    """Returns a named pipe."""
    return Item(name, type=tarfile.FIFOTYPE, **more)


def whiteout(path: str) -> Item:
    """Returns the marker that hides a path of lower layers."""
    parent, _, name = path.rpartition("/")
    return Item(f"{parent}/.wh.{name}" if parent else f".wh.{name}")


def opaque(path: str) -> Item:
    """Returns the marker that hides the content of a directory in lower layers."""
    return Item(f"{path}/.wh..wh..opq" if path else ".wh..wh..opq")


def layer(*items: Item, form: int = tarfile.PAX_FORMAT) -> bytes:
    """Returns the tar of a layer."""
    written = io.BytesIO()
    with tarfile.open(fileobj=written, mode="w", format=form) as archive:
        for item in items:
            member = tarfile.TarInfo(item.name)
            member.type, member.linkname, member.mode = item.type, item.link, item.mode
            member.uid, member.gid, member.mtime = item.uid, item.gid, item.mtime
            member.devmajor, member.devminor = item.device
            member.size = len(item.content)
            member.pax_headers = {f"SCHILY.xattr.{key}": value for key, value in item.xattrs.items()}
            archive.addfile(member, io.BytesIO(item.content))
    return written.getvalue()


@dataclass(frozen=True)
class MadeImage:
    """The layers and the config of an image."""

    layers: tuple[bytes, ...]
    config: Mapping[str, Any]
    tag: str = "made:1"

    @property
    def config_bytes(self) -> bytes:
        """The config as it is stored."""
        return json.dumps(self.config).encode()


def image(*layers: bytes, tag: str = "made:1", **config: Any) -> MadeImage:
    """Returns an image of these layers; ``config`` replaces parts of its config."""
    history = [{"created_by": f"RUN step {i}", "created": "2026-01-31T09:00:00Z"} for i, _ in enumerate(layers)]
    document = {
        "architecture": "amd64",
        "os": "linux",
        "created": "2026-01-31T09:00:00Z",
        "config": {"Env": ["PATH=/bin"], "Cmd": ["sh"]},
        "rootfs": {"type": "layers", "diff_ids": [digest(data) for data in layers]},
        "history": history,
    }
    return MadeImage(layers, {**document, **config}, tag)


def digest(data: bytes) -> str:
    """Returns the SHA-256 digest of bytes."""
    return f"sha256:{hashlib.sha256(data).hexdigest()}"


def tar_of(files: Mapping[str, bytes], links: Mapping[str, str] | None = None) -> bytes:
    """Returns a plain tar of files and symbolic links."""
    items = [file(name, content) for name, content in files.items()]
    return layer(*items, *(symlink(name, target) for name, target in (links or {}).items()))


def docker_archive(*images: MadeImage, compress: Callable[[bytes], bytes] = bytes) -> bytes:
    """Returns an archive as the classic ``docker save`` writes it, with a folder for each layer."""
    files: dict[str, bytes] = {}
    manifest = []
    for made in images:
        names = []
        for data in made.layers:
            names.append(f"{hashlib.sha256(data).hexdigest()[:12]}{len(files)}/layer.tar")
            files[names[-1]] = compress(data)
        config = f"{hashlib.sha256(made.config_bytes).hexdigest()}.json"
        files[config] = made.config_bytes
        manifest.append({"Config": config, "RepoTags": [made.tag], "Layers": names})
    files["manifest.json"] = json.dumps(manifest).encode()
    return tar_of(files)


def oci_files(*images: MadeImage, compress: Callable[[bytes], bytes] = bytes, suffix: str = "") -> dict[str, bytes]:
    """Returns the files of an OCI layout; ``suffix`` completes the layers' media type: ``+gzip``."""
    files = {"oci-layout": b'{"imageLayoutVersion": "1.0.0"}'}

    def blob(data: bytes, media_type: str) -> dict[str, Any]:
        files[f"blobs/sha256/{hashlib.sha256(data).hexdigest()}"] = data
        return {"mediaType": media_type, "digest": digest(data), "size": len(data)}

    manifests = []
    for made in images:
        manifest: dict[str, Any] = {
            "schemaVersion": 2,
            "mediaType": "application/vnd.oci.image.manifest.v1+json",
            "config": blob(made.config_bytes, "application/vnd.oci.image.config.v1+json"),
            "layers": [blob(compress(data), f"application/vnd.oci.image.layer.v1.tar{suffix}") for data in made.layers],
        }
        descriptor = blob(json.dumps(manifest).encode(), manifest["mediaType"])
        descriptor["platform"] = {
            key: made.config[key] for key in ("os", "architecture", "variant") if key in made.config
        }
        descriptor["annotations"] = {"org.opencontainers.image.ref.name": made.tag}
        manifests.append(descriptor)
    files["index.json"] = json.dumps({"schemaVersion": 2, "manifests": manifests}).encode()
    return files


def oci_archive(*images: MadeImage, compress: Callable[[bytes], bytes] = bytes, suffix: str = "") -> bytes:
    """Returns an OCI layout in a tar."""
    return tar_of(oci_files(*images, compress=compress, suffix=suffix))


def modern_docker_archive(*images: MadeImage) -> bytes:
    """Returns an archive as ``docker save`` writes it since version 25: an OCI layout with a ``manifest.json``."""
    files = oci_files(*images)
    files["manifest.json"] = json.dumps(
        [
            {
                "Config": f"blobs/sha256/{hashlib.sha256(made.config_bytes).hexdigest()}",
                "RepoTags": [made.tag],
                "Layers": [f"blobs/sha256/{hashlib.sha256(data).hexdigest()}" for data in made.layers],
            }
            for made in images
        ]
    ).encode()
    return tar_of(files)


def write_layout(path: Path, files: Mapping[str, bytes]) -> Path:
    """Writes an OCI layout as a directory."""
    for name, content in files.items():
        (path / name).parent.mkdir(parents=True, exist_ok=True)
        (path / name).write_bytes(content)
    return path


def gzipped(data: bytes) -> bytes:
    """Returns bytes compressed with gzip, always in the same way."""
    return gzip.compress(data, mtime=0)


def zstded(data: bytes) -> bytes:
    """Returns bytes compressed with Zstandard."""
    return bytes(zstd.compress(data))


def index_layer(
    part: FileRange, name: str, on_progress: OnProgress = lambda _: None, budget: ReadBudget | None = None, **how: Any
) -> LayerIndex:
    """Returns the index of a layer, by default with a budget of its own."""
    return tar_layer.index_layer(part, name, on_progress=on_progress, budget=budget or ReadBudget(), **how)


def indexed(data: bytes) -> LayerIndex:
    """Returns the index of a layer's tar."""
    return index_layer(ranged(data), "layer 0")


def ranged(data: bytes) -> FileRange:
    """Returns bytes as a range of an open file."""
    with tempfile.TemporaryFile() as spool:
        spool.write(data)
        spool.flush()
        return FileRange.whole(cast("BinaryIO", spool))


def inside(data: bytes, before: int = 7, after: int = 9) -> FileRange:
    """Returns bytes as a range in the middle of a file."""
    whole = ranged(b"b" * before + data + b"a" * after)
    return replace(whole, offset=before, size=len(data))


def content_of(contents: LayerContents, index: LayerIndex, entry: Entry) -> bytes:
    """Returns the bytes of a file of a layer."""
    return b"".join(
        bytes(piece) for _, pieces in whole_files(contents, index, [entry], lambda _: None) for piece in pieces
    )


def merged(*layers: bytes) -> Tree:
    """Returns the tree of layers' tars, without fingerprints of plain layers."""
    return merge(indexed(data) for data in layers)


class Watching(Watcher):
    """A watcher that records its calls."""

    def __init__(self) -> None:
        self.images: list[Image] = []
        self.steps: list[Progress] = []
        self.read: list[int] = []

    def image_opened(self, image: Image) -> None:
        self.images.append(image)

    def progress(self, progress: Progress) -> None:
        self.steps.append(progress)

    def layer_read(self, layer: Layer, index: LayerIndex) -> None:
        self.read.append(layer.number)


def opened(reference: Path | str, watcher: Watcher | None = None, **options: Any) -> Image:
    """Opens an image; ``options`` are those of a Request."""
    return open_image(Request(str(reference), watcher or Watching(), **options))


def explored(reference: Path | str, platform: str | None = None, **options: Any) -> Exploration:
    """Explores the image of a reference."""
    return explore(opened(reference, platform=platform, **options))


def explored_layers(tmp_path: Path, *layers: bytes, **config: Any) -> Exploration:
    """Explores an image of these layers; ``config`` is that of ``image``."""
    path = tmp_path / "image.tar"
    path.write_bytes(docker_archive(image(*layers, **config)))
    return explored(path)


def visible_paths(tree: Tree, number: int) -> Sequence[str]:
    """Returns the paths that a container of layers 0 to ``number`` sees, in path order."""
    return [node.path for node in tree.walk() if node is not tree.root and node.entry_at(number) is not None]
