"""The nouns that travel through the pipeline: what an image, a layer and an entry are.

Everything here is frozen and free of behaviour beyond its own arithmetic. Nothing here knows where an image came from
or how it will be shown.
"""

from __future__ import annotations

import enum
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol


class Kind(enum.Enum):
    """What an entry is; its name in a listing is its ``label``."""

    FILE = "file"
    DIRECTORY = "directory"
    SYMLINK = "symlink"
    HARDLINK = "hardlink"
    CHARACTER_DEVICE = "device"
    BLOCK_DEVICE = "block device"
    FIFO = "fifo"

    @property
    def has_content(self) -> bool:
        """Whether it has bytes: a file, under its first name or a further one."""
        return self is Kind.FILE or self is Kind.HARDLINK

    @property
    def label(self) -> str:
        """The name in a listing, where both sorts of device are one."""
        return "device" if self is Kind.BLOCK_DEVICE else self.value


class Entry(NamedTuple):
    """One name that a layer brings.

    A named tuple and not a dataclass: an image has a million of them, and they are made in a tenth of the time.
    """

    path: str
    """Relative to the root, without leading or trailing slash; the root itself is ``""``. Bytes that are not UTF-8
    are kept by ``surrogateescape``."""
    kind: Kind
    size: int
    """Bytes of the content; for a hard link those of its inode; 0 for everything else."""
    mode: int
    """The twelve permission bits."""
    uid: int
    gid: int
    mtime_ns: int
    """Modification time in nanoseconds since 1970, UTC."""
    link: str
    """Target of a symbolic or hard link as the layer spells it; ``major:minor`` of a device; else empty."""
    xattrs: tuple[tuple[str, bytes], ...]
    """Extended attributes, sorted by name."""
    inode: int
    """Identifies the content within its layer: names that share it are one inode. In a tar it is the offset of the
    content in the uncompressed layer."""


@dataclass(frozen=True, slots=True)
class LayerIndex:
    """A layer as if it had been unpacked on its own: every name it brings, once, and what it hides of lower layers."""

    entries: Sequence[Entry]
    """Unique by path. Every inode has exactly one entry of kind FILE; its other names are of kind HARDLINK."""
    superseded: Sequence[Entry] = ()
    """Files whose bytes the layer ships but leaves without a name, because the same tar put something else there."""
    whiteouts: Sequence[str] = ()
    """Paths that the layer hides, with everything below."""
    opaques: Sequence[str] = ()
    """Directories of which the layer hides all that lower layers put below them."""
    fingerprints: Mapping[int, bytes] = field(default_factory=dict)
    """Inode to a digest of its content, for the contents that were seen while the layer was read."""
    sparse: Mapping[int, tuple[tuple[int, int], ...]] = field(default_factory=dict)
    """Inode of a sparse file to its (offset in the file, length) pieces, stored one after the other."""
    problems: Sequence[str] = ()
    """What was odd about the layer's tar and how it was understood; for people, already printable."""

    @property
    def shipped_bytes(self) -> int:
        """Sizes of all regular files that the layer stores, added up."""
        file = Kind.FILE
        named = sum([entry.size for entry in self.entries if entry.kind is file])
        return named + sum([entry.size for entry in self.superseded])


class Progress(NamedTuple):
    """How far a piece of work is."""

    step: str
    """What is being done, for people: ``Reading layers``."""
    done: int
    """Bytes."""
    total: int | None
    """Bytes; None when nobody knows."""


class Watcher(Protocol):
    """Whoever wants to hear how the work goes.

    Called from the threads that work, one at a time; ``progress`` raises Cancelled to stop them.
    """

    def image_opened(self, image: Image) -> None:
        """The image's identity, history and layers are known; its layers have not been read."""

    def progress(self, progress: Progress) -> None:
        """Some more bytes are done. Called every few hundred milliseconds at the least."""

    def layer_read(self, layer: Layer, index: LayerIndex) -> None:
        """One layer has been read."""


class Unwatched:
    """The watcher of those who only want the result."""

    def image_opened(self, image: Image) -> None:
        pass

    def progress(self, progress: Progress) -> None:
        pass

    def layer_read(self, layer: Layer, index: LayerIndex) -> None:
        pass


class Addressing(enum.Enum):
    """How an index leads to the bytes of a file; an index of one kind is of no use to the other."""

    TAR = "tar"
    """By the inode, which is an offset."""
    DIRECTORY = "directory"
    """By the path."""


class Verified(enum.Enum):
    """Which of a layer's digests its bytes are sure to have: verified while reading, or said by a local engine."""

    NOTHING = "nothing"
    DIFF_ID = "diff_id"
    DIGEST = "digest"


class LayerContents(Protocol):
    """The way to a layer's entries and bytes; the one thing that differs from source to source."""

    @property
    def stored_bytes(self) -> int:
        """Bytes to be read while the layer is indexed."""

    @property
    def streams(self) -> bool:
        """Whether indexing reads all the bytes (and gains from a thread of its own), or headers alone."""

    @property
    def verified(self) -> Verified:
        """Which of the layer's digests the index is sure to belong to."""

    @property
    def addressing(self) -> Addressing:
        """How an index of this layer leads to bytes."""

    def index(self, on_progress: Callable[[int], None]) -> LayerIndex:
        """Read the layer. ``on_progress`` hears how many bytes are done and may raise. Raises UnreadableLayer."""

    def read(
        self, index: LayerIndex, entries: Iterable[Entry], on_progress: Callable[[int], None]
    ) -> Iterator[tuple[Entry, Iterator[bytes | memoryview]]]:
        """FILE and HARDLINK entries of this layer, each of another inode, with their contents in pieces.

        They come in the order in which they are stored, in one pass; the pieces of one, as many as are wanted, must be
        taken before the next is asked for. Of a file in ``index.sparse`` they are what the layer stores, without the
        holes. ``on_progress`` hears how many of the stored bytes are done and may raise.
        Raises ImageError, also while pieces are taken.
        """


@dataclass(frozen=True, slots=True)
class Layer:
    """One layer: identity, metadata, and a way to its entries and bytes."""

    number: int
    """Counted from 0, the bottom."""
    contents: LayerContents
    diff_id: str = ""
    """Digest of the uncompressed tar; empty where the configuration does not name one."""
    digest: str | None = None
    """Digest of the layer as the manifest names it."""
    media_type: str = ""
    download_bytes: int | None = None
    """Compressed size, where the source knows it."""
    step: HistoryStep | None = None
    """The history step that made the layer, if the history says."""


@dataclass(frozen=True, slots=True)
class HistoryStep:
    """One step of the image's history, as its configuration tells it."""

    created_by: str = ""
    created: str | None = None
    """RFC 3339, as the configuration spells it."""
    comment: str = ""
    author: str = ""
    layer: int | None = None
    """Number of the layer that the step made; None when it made none."""


@dataclass(frozen=True, slots=True)
class ImageConfig:
    """What a container of the image is started with."""

    env: tuple[str, ...] = ()
    entrypoint: tuple[str, ...] = ()
    cmd: tuple[str, ...] = ()
    user: str = ""
    working_dir: str = ""
    ports: tuple[str, ...] = ()
    volumes: tuple[str, ...] = ()
    labels: tuple[tuple[str, str], ...] = ()
    stop_signal: str = ""
    healthcheck: str = ""


class Variant(NamedTuple):
    """One of the platforms that an image is there for."""

    platform: str
    """OS/ARCH[/VARIANT]."""
    download_bytes: int | None = None
    """Sizes of the layers as stored, added up, where the source knows them."""
    tags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Image:
    """An image, wherever it came from."""

    reference: str
    """As the user gave it."""
    id: str
    """Digest of the image configuration."""
    layers: tuple[Layer, ...]
    source: str = ""
    """Where it was found, for people: ``docker-archive /tmp/x.tar``."""
    digest: str | None = None
    """Digest of the manifest, where there is one."""
    platform: str = ""
    """OS/ARCH[/VARIANT]."""
    tags: tuple[str, ...] = ()
    created: str | None = None
    author: str = ""
    config: ImageConfig = ImageConfig()
    history: tuple[HistoryStep, ...] = ()
    problems: tuple[str, ...] = ()
    """What is odd about the image's own documents; for people, already printable."""
    variants: tuple[Variant, ...] = ()
    """All platforms of the image, itself included, where the reference holds several."""


class Change(enum.Enum):
    """What happened to a path between two points."""

    ADDED = "added"
    MODIFIED = "modified"
    REMOVED = "removed"
    UNCHANGED = "unchanged"


class Cause(enum.Enum):
    """Why shipped bytes are not visible."""

    REMOVED = "removed"
    """A whiteout, an opaque directory or a non-directory in place of a parent hid them."""
    OVERWRITTEN = "overwritten"
    """A later layer put something else at their path."""
    RECOPIED = "recopied"
    """A later layer ships the same bytes at the same path again."""
    DUPLICATE = "duplicate"
    """The same layer's tar holds the path again, later."""


class Waste(NamedTuple):
    """Bytes that were shipped for nothing, all of one file."""

    path: str
    bytes: int
    cause: Cause
    shipped_in: int
    """Number of the layer that brought them."""
    hidden_in: int
    """Number of the layer that hid them."""

    @property
    def layers(self) -> tuple[int, int]:
        """The layer that brought them, and the one that hid them."""
        return self.shipped_in, self.hidden_in
