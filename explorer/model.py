"""The nouns of the pipeline: image, layer, entry and others.

They are frozen, and compute nothing but their own sums. They do not know where an image comes from or how it is shown.
"""

from __future__ import annotations

import enum
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple, Protocol

OnProgress = Callable[[int], None]
"""Called with the bytes done; may raise to stop the work."""
_SHORT_ID_CHARS = 12


class Kind(enum.Enum):
    """The type of an entry."""

    FILE = "file"
    DIRECTORY = "directory"
    SYMLINK = "symlink"
    HARDLINK = "hardlink"
    CHARACTER_DEVICE = "device"
    BLOCK_DEVICE = "block device"
    FIFO = "fifo"

    @property
    def has_content(self) -> bool:
        """True for a file, also under another name of its inode."""
        return self is Kind.FILE or self is Kind.HARDLINK

    @property
    def label(self) -> str:
        """The name in a listing, which does not distinguish devices."""
        return "device" if self is Kind.BLOCK_DEVICE else self.value


class Entry(NamedTuple):
    """One name in a layer.

    A named tuple and not a dataclass: an image has a million of them, and a tuple is made in a tenth of the time.
    """

    path: str
    """Relative to the root, without leading or trailing slash; the root itself is ``""``. ``surrogateescape`` keeps
    bytes that are not UTF-8."""
    kind: Kind
    size: int
    """Bytes of the content of a file or hard link; 0 for other kinds."""
    mode: int
    """The twelve permission bits."""
    uid: int
    gid: int
    mtime_ns: int
    """Modification time in nanoseconds since 1970, UTC."""
    link: str
    """Target of a symbolic or hard link as the layer spells it; ``major:minor`` of a device; otherwise empty."""
    xattrs: tuple[tuple[str, bytes], ...]
    """Extended attributes, sorted by name."""
    inode: int
    """Identifies the content within its layer: hard links share it. In a tar it is the offset of the content in the
    uncompressed layer."""


FileContents = Iterator[tuple[Entry, Iterator[bytes | memoryview]]]
"""Files with their contents in pieces."""


@dataclass(frozen=True, slots=True, weakref_slot=True)
class LayerIndex:
    """A layer as if it were unpacked alone: its names, and the paths that it hides."""

    entries: Sequence[Entry]
    """Unique by path. Every inode has exactly one entry of kind FILE; its other names are of kind HARDLINK."""
    superseded: Sequence[Entry] = ()
    """Files that the layer ships without a name: a later member of the same tar replaced them, or they are the bytes of
    a whiteout, or of a member that has no place in the image."""
    whiteouts: Sequence[str] = ()
    """Paths of lower layers that the layer hides, with everything below."""
    opaques: Sequence[str] = ()
    """Directories whose content in lower layers is hidden."""
    fingerprints: Mapping[int, bytes] = field(default_factory=dict)
    """Inode to a digest of its content, for contents that were read so far."""
    digests: Mapping[int, bytes] = field(default_factory=dict)
    """Inode to the SHA-256 of its content, as a table of contents gives it."""
    is_from_table: bool = False
    """True if the layer was listed from its table of contents, so that its other bytes were not read."""
    is_unread: bool = False
    """True if the layer may not be fetched, so that nothing is known of it. Never cached."""
    sparse: Mapping[int, tuple[tuple[int, int], ...]] = field(default_factory=dict)
    """Inode of a sparse file to its pieces: (offset in the file, length), stored one after the other."""
    problems: Sequence[str] = ()
    """Oddities of the layer and how they were understood; for people, already printable."""
    damage: Sequence[str] = ()
    """Reasons why the layer is not the one that its digests promise; already printable. Never cached."""

    @property
    def shipped_bytes(self) -> int:
        """Sum of the sizes of all regular files that the layer stores."""
        file = Kind.FILE
        named = sum([entry.size for entry in self.entries if entry.kind is file])
        return named + sum([entry.size for entry in self.superseded])


class Progress(NamedTuple):
    """The state of a step that takes time."""

    step: str
    """Name of the step, for people: ``Reading layers``."""
    done: int
    """Bytes."""
    total: int | None
    """Bytes; None if unknown."""

    @property
    def share(self) -> float | None:
        """The share that is done, 1 at most; None if it is unknown."""
        return min(1.0, self.done / self.total) if self.total else None


class Watcher:
    """Receives the progress of the work; this one ignores it.

    Worker threads call it, one at a time. ``progress`` may raise Cancelled to stop them.
    """

    shows_layers = False
    """True if each layer is shown as soon as it is read, so that small ones are read first."""

    def wanted_layer(self) -> int | None:
        """Returns the layer to read before the others, if any; other threads may ask."""
        return None

    def image_opened(self, image: Image) -> None:
        """Receives the image before its layers are read."""

    def progress(self, progress: Progress) -> None:
        """Receives the bytes done; called at least every few hundred milliseconds."""

    def layer_read(self, layer: Layer, index: LayerIndex) -> None:
        """Receives the index of a layer that was read."""

    def wait_for_cores(self) -> None:
        """Returns when all cores may be used; the screen needs one while it starts."""

    def layer_arrived(self, layer: Layer, index: LayerIndex) -> None:
        """Receives a layer that is read while its image still arrives."""


class Addressing(enum.Enum):
    """The way from an index to the bytes of a file; an index fits only one of them."""

    TAR = "tar"
    """By inode, which is an offset."""
    DIRECTORY = "directory"
    """By path."""
    TABLE = "toc"
    """By inode, which is a number in the table of contents."""


class Verified(enum.Enum):
    """The digest that an index has for certain: verified, or of a local engine."""

    NOTHING = "nothing"
    DIFF_ID = "diff_id"
    DIGEST = "digest"
    TABLE_DIGEST = "table_digest"
    """That of the table of contents. The layer's other bytes were not verified."""


class LayerContents(Protocol):
    """The way to a layer's entries and bytes; only this differs between sources."""

    @property
    def stored_bytes(self) -> int:
        """Bytes that indexing the layer reads."""

    @property
    def streams(self) -> bool:
        """True if indexing reads all bytes, in a thread of its own; False for headers."""

    @property
    def verified(self) -> Verified:
        """The digest that the index certainly belongs to."""

    @property
    def addressing(self) -> Addressing:
        """The way from an index of this layer to bytes."""

    def index(self, on_progress: OnProgress) -> LayerIndex:
        """Returns the index of the layer. Raises UnreadableLayer."""

    def read(self, index: LayerIndex, entries: Iterable[Entry], on_progress: OnProgress) -> FileContents:
        """Yields entries with their contents in pieces, in storage order and in one pass.

        Take as many pieces of an entry as you need before you ask for the next entry. The pieces of a sparse file have
        no holes. ``entries`` are entries of this layer, each of another inode.

        Raises ImageError if the layer cannot be read, also while pieces are taken.
        """


@dataclass(frozen=True, slots=True)
class Layer:
    """A layer: identity, metadata, and the way to its entries and bytes."""

    number: int
    """Counted from 0, the bottom."""
    contents: LayerContents
    diff_id: str = ""
    """Digest of the uncompressed tar; empty if the config does not name it."""
    digest: str | None = None
    """Digest of the layer in the manifest."""
    table_digest: str | None = None
    """Digest of the layer's table of contents, if the manifest names one that is used."""
    media_type: str = ""
    download_bytes: int | None = None
    """Compressed size, if the source knows it."""
    is_remote: bool = False
    """True if its bytes are in a registry, so that reading it fetches them."""
    step: HistoryStep | None = None
    """The history step that made the layer, if known."""
    is_missing: bool = False
    """True if the source does not have the layer's bytes, so that no figure counts them."""


@dataclass(frozen=True, slots=True)
class HistoryStep:
    """A step of the image's history, from its config."""

    created_by: str = ""
    created: str | None = None
    """RFC 3339, as the config spells it."""
    comment: str = ""
    author: str = ""
    layer: int | None = None
    """Number of the layer that the step made; None if it only changed metadata."""


@dataclass(frozen=True, slots=True)
class ImageConfig:
    """The settings that a container of the image starts with."""

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
    others: tuple[tuple[str, str], ...] = ()
    """Key and texts of each other setting, also of those beside the container's, which nothing but a search reads."""


class KnownLayer(NamedTuple):
    """The certain digests of a layer; those that nothing proves are empty."""

    diff_id: str
    digest: str = ""


class KnownImage(NamedTuple):
    """An image whose layers are certain, so that others may be known to stand on it."""

    names: tuple[str, ...]
    """Not printable."""
    layers: tuple[KnownLayer, ...]
    """Bottom first."""
    digests: tuple[str, ...]
    """Digests of its manifest, also of an index that holds it; maybe empty."""
    place: str
    """The place that knows it, for people: ``in the Docker Engine``; printable."""
    is_self_named: bool = False
    """True if only an archive gave it its names: then it may claim those of others, and proves nothing."""


class Variant(NamedTuple):
    """One image among several that a reference can mean, mostly of another platform."""

    platform: str
    """OS/ARCH[/VARIANT], with the version of the OS if known: ``windows(10.0.20348.1)/amd64``. If several have the
    same, ``@`` and the beginning of a digest follow."""
    download_bytes: int | None = None
    """Sum of the stored sizes of the layers, if the source knows them."""
    tags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Image:
    """An image from any source."""

    reference: str
    """The text that the user typed."""
    id: str
    """Digest of the image config."""
    layers: tuple[Layer, ...]
    source: str = ""
    """The place that it was read from, for people: ``docker-archive /tmp/x.tar``."""
    digest: str | None = None
    """Digest of the manifest, if it has one."""
    platform: str = ""
    """OS/ARCH[/VARIANT]."""
    tags: tuple[str, ...] = ()
    is_self_named: bool = False
    """True if nothing but the archive that holds it gives it its tags."""
    created: str | None = None
    author: str = ""
    config: ImageConfig = ImageConfig()
    history: tuple[HistoryStep, ...] = ()
    problems: tuple[str, ...] = ()
    """Oddities of the image's own documents; for people, already printable."""
    damage: tuple[str, ...] = ()
    """Reasons why its documents are not those that their digests promise; already printable. Only a source of local
    files returns a damaged image; the others raise UnreadableImage."""
    variants: tuple[Variant, ...] = ()
    """The images to choose from, this one included, if the reference holds several."""
    variant: str = ""
    """The name of this image among its variants; empty if the source does not say."""
    annotations: tuple[tuple[str, str], ...] = ()
    """Annotations of the manifest."""
    other_annotations: tuple[tuple[str, str], ...] = ()
    """Annotations of its descriptor, its index and its layers, which nothing but a search reads."""
    provenance: Callable[[], Sequence[Mapping[str, Any]]] = field(default=tuple, compare=False)
    """Returns the provenance of its build: the predicates of attestations that its source has beside it."""
    known_images: Callable[[], Sequence[KnownImage]] = field(default=tuple, compare=False)
    """Returns other images of the same place, as far as they are known soon. It may take a moment."""
    saved: object = field(default=None, compare=False, repr=False)
    """The results that a saved exploration holds, for ``explorer.saved.results``; None for all other images."""
    original: Image | None = field(default=None, compare=False, repr=False)
    """The image with the secrets that its history and settings have, for the search for secrets alone; None if this one
    has none masked."""


@dataclass(frozen=True, slots=True)
class EngineImage:
    """An image that an engine has, without the contents of its layers."""

    engine: str
    """The scheme of its engine: ``docker`` or ``podman``. Two engines share no bytes."""
    id: str
    """With the algorithm, in the spelling of the engine: ``sha256:…``."""
    tags: tuple[str, ...] = ()
    """Not printable."""
    digests: tuple[str, ...] = ()
    """Names with a digest instead of a tag, under which it was pulled; not printable."""
    created: datetime | None = None
    bytes: int | None = None
    """The bytes of its layers, as the engine counts them; None if unknown."""
    diff_ids: tuple[str, ...] | None = None
    """The diff ID of each layer, bottom first; None if unknown."""
    bytes_up_to: tuple[int | None, ...] = ()
    """For each layer the bytes of it and of all layers below it; None if unknown."""
    parent: str = ""
    """The ID of the image that it was built from, if the engine knows that."""
    containers: tuple[str, ...] = ()
    """The names of the containers that use it, running or not; not printable."""

    @property
    def is_untagged(self) -> bool:
        """True if no name refers to it."""
        return not (self.tags or self.digests)

    @property
    def short_id(self) -> str:
        """The first digits of the ID, as the engines list it."""
        return self.id.removeprefix("sha256:")[:_SHORT_ID_CHARS]

    @property
    def reference(self) -> str:
        """The reference that opens it: ``docker://shop:1``."""
        return f"{self.engine}://{self.tags[0] if self.tags else self.id}"


@dataclass(frozen=True, slots=True)
class EngineListing:
    """The answer of one engine about its images."""

    engine: str
    """The scheme of the engine: ``docker`` or ``podman``."""
    images: tuple[EngineImage, ...] = ()
    """In the order of the engine, untagged ones included."""
    problem: str = ""
    """The reason why images or figures are missing; printable, empty if none are."""
    hint: str = ""
    """Advice for the problem; printable."""
    build_cache_bytes: int | None = None
    """Bytes of layers of images that the cache of its builder keeps, too; None if unknown."""
    is_absent: bool = False
    """True if no engine listens where it is expected by default, so that there is probably none."""


class Change(enum.Enum):
    """The change of a path between two layers."""

    ADDED = "added"
    MODIFIED = "modified"
    REMOVED = "removed"
    UNCHANGED = "unchanged"


class Cause(enum.Enum):
    """The reason why shipped bytes are not visible."""

    REMOVED = "removed"
    """A whiteout, an opaque directory or a non-directory in place of a parent hid them."""
    OVERWRITTEN = "overwritten"
    """A later layer put something else at their path."""
    RECOPIED = "recopied"
    """A later layer ships the same bytes at the same path again."""
    DUPLICATE = "duplicate"
    """The same layer's tar holds the path again, later, or no path shows them: a whiteout's own bytes."""


class Waste(NamedTuple):
    """Wasted bytes of one file."""

    path: str
    bytes: int
    cause: Cause
    shipped_in: int
    """Number of the layer that shipped them."""
    hidden_in: int
    """Number of the layer that hid them."""

    @property
    def layers(self) -> tuple[int, int]:
        """Numbers of the layers that shipped and that hid the bytes."""
        return self.shipped_in, self.hidden_in
