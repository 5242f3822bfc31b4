"""Images straight from a registry, without an engine.

Opening fetches the manifest and the configuration. A layer is downloaded when it is first read, in the thread that
reads it. Its temporary file has no name and exists as long as the image is in use.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import ClassVar, TypeVar

from explorer.errors import UnreadableImage, UnreadableLayer, UsageError
from explorer.layers.digests import algorithm_of, digest_of, is_digest, is_verifiable, shown
from explorer.layers.read_budget import ReadBudget
from explorer.layers.streams import FileRange, compression
from explorer.layers.tables.table_layer import TableLayer
from explorer.layers.tar_layer import TarLayer, errors_for_layer
from explorer.model import (
    Addressing,
    Entry,
    FileContents,
    Image,
    Layer,
    LayerContents,
    LayerIndex,
    OnProgress,
    Progress,
    Verified,
    Watcher,
)
from explorer.sources.archives import oci
from explorer.sources.archives.json_documents import read_json
from explorer.sources.archives.media_types import INDEXES, MANIFESTS
from explorer.sources.interruptible import locked, run_interruptibly
from explorer.sources.registries.blob_download import document_file
from explorer.sources.registries.blob_ranges import RemoteRanges
from explorer.sources.registries.client import Repository
from explorer.sources.registries.retry import RetryBudget
from explorer.sources.request import Request
from explorer.sources.selection import Offer, choose, not_an_image, variant_name, variants
from explorer.text.image_names import short_name
from explorer.text.printable import printable

_DEFAULT_HOST = "docker.io"
_DEFAULT_ADDRESS = "registry-1.docker.io"
_DEFAULT_ALIASES = ("index.docker.io", _DEFAULT_ADDRESS)
_HOST = re.compile(r"(?:[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?")
_COMPONENT = r"[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*"
_REPOSITORY = re.compile(f"{_COMPONENT}(?:/{_COMPONENT})*")
_TAG = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}")
_MAX_REPOSITORY_CHARS = 255
_COSIGN_TAG = re.compile(r"sha256-([0-9a-f]{64})(\.[a-z]+)?")
_SHORT_DIGEST = re.compile(r"sha(256|512):[0-9a-f]{6,127}")
"""The beginning of a digest, which chooses among the manifests of a tag."""
_ACCEPT = ", ".join((*INDEXES, *MANIFESTS))
_Answer = TypeVar("_Answer")
_INDEXING_SHARE = 10
"""Indexing a layer counts as one part in this number of its progress, downloading as the rest."""


@dataclass(frozen=True, slots=True)
class ImageName:
    """An image's name in a registry."""

    host: str
    """With the port, as in references."""
    repository: str
    tag: str
    digest: str
    short_digest: str = ""
    """The beginning of a digest among those of the tag."""

    @classmethod
    def parse(cls, text: str) -> ImageName:
        """Parses ``[host[:port]/]name[:tag][@digest]`` as Docker. Raises UsageError."""
        name, _, digest = text.partition("@")
        short_digest = digest if _SHORT_DIGEST.fullmatch(digest) and not is_digest(digest) else ""
        digest = "" if short_digest else digest
        if digest and not is_digest(digest):
            # The message does not repeat the text: it may be a host after a user's name and password.
            raise UsageError(
                "the part after the @ of a registry reference is not a digest",
                "Expected NAME@sha256:… and 64 digits; a login does not belong here: use docker login.",
            )
        first, slash, rest = name.partition("/")
        if slash and (first == "localhost" or any(mark in first for mark in ".:")):
            host, path = first, rest
        else:
            host, path = _DEFAULT_HOST, name
        path, _, tag = path.partition(":")
        if host in _DEFAULT_ALIASES:
            host = _DEFAULT_HOST
        if host == _DEFAULT_HOST and "/" not in path:
            path = f"library/{path}"
        if not (_HOST.fullmatch(host) and _REPOSITORY.fullmatch(path) and len(path) <= _MAX_REPOSITORY_CHARS):
            raise UsageError(
                f"“{printable(text)}” is not a valid name in a registry",
                "Expected HOST[:PORT]/NAME[:TAG][@DIGEST] with a name in lower case.",
            )
        if (tag or name.endswith(":")) and not _TAG.fullmatch(tag):
            raise UsageError(f"“{printable(tag)}” is not a valid tag", "Use letters, digits, “_”, “.” and “-”.")
        return cls(host, path, tag or ("" if digest else "latest"), digest, short_digest)

    @property
    def address(self) -> str:
        """Host and port of the registry's API."""
        return _DEFAULT_ADDRESS if self.host == _DEFAULT_HOST else self.host

    def __str__(self) -> str:
        """Returns the name in its usual short form."""
        tag = f":{self.tag}" if self.tag else ""
        return short_name(f"{self.host}/{self.repository}{tag}")


def open_registry(request: Request) -> Image:
    """Opens an image in a registry. Raises ImageError, UsageError or ChoiceNeeded."""
    name = ImageName.parse(request.name)
    plain = request.reference.startswith("registry+http://")
    blobs = _RemoteBlobs(
        Repository(name.host, name.address, name.repository, plain=plain),
        request.watcher,
        request.budget,
        reads_all=request.reads_all,
    )
    manifest, offers = _choose_manifest(blobs, name, request)
    image = oci.image_from_manifest(manifest, request.reference, blobs.layer)
    tags = (str(name),) if name.tag else ()
    return replace(
        image,
        source=f"registry {name.host}",
        tags=tags,
        variants=variants(offers),
        variant=variant_name(manifest, offers),
    )


def _choose_manifest(blobs: _RemoteBlobs, name: ImageName, request: Request) -> tuple[oci.Manifest, list[Offer]]:
    """Returns the chosen manifest and all offers; fetches only what that needs."""
    content, digest = blobs.fetch_named(name)
    document = read_json(content, f"the answer of {blobs.repository.registry} for {name}", digest)
    offers: list[Offer]
    if oci.is_index(document):
        offers = oci.list_offers(blobs, document)
    else:
        single = oci.manifest_from(blobs, Offer("", (), digest, subject=_subject_of_tag(name.tag)), document)
        offers = [single] if single else []
    offer = choose(offers, request, name.short_digest or None, by="HOST/NAME@DIGEST")
    manifest = offer if isinstance(offer, oci.Manifest) else oci.read_manifest(blobs, offer)
    if manifest is None or manifest.artifact:
        raise not_an_image(request, [manifest or offer])
    return manifest, offers


def _subject_of_tag(tag: str) -> str:
    """Returns the digest in a tag of cosign: ``sha256-….sig``."""
    match = _COSIGN_TAG.fullmatch(tag)
    return f"sha256:{match[1]}" if match else ""


@dataclass(frozen=True, slots=True)
class _RemoteBlobs:
    """The blobs of a repository while an image is opened from it. Satisfies Blobs."""

    repository: Repository
    watcher: Watcher
    budget: ReadBudget
    reads_all: bool
    """See Request."""

    def fetch_named(self, name: ImageName) -> tuple[FileRange, str]:
        """Returns the document of a name, and its digest."""
        content, headers = self._fetch(f"manifests/{name.digest or name.tag}", _ACCEPT, f"image {name}")
        algorithm = algorithm_of(name.digest) or "sha256"
        digest = digest_of(content, algorithm)
        expected = name.digest or headers.get("Docker-Content-Digest", "")
        if expected.startswith(f"{algorithm}:") and digest != expected:
            raise UnreadableImage(
                f"the manifest of {name} is damaged: its digest is {digest}, expected {shown(expected)}",
                "Try again, or push the image again.",
            )
        return document_file(content, "the manifest"), digest

    def manifest(self, digest: str) -> FileRange | None:
        """Returns a manifest or an index. Raises ImageNotFound if it is missing."""
        return self._document(f"manifests/{digest}", _ACCEPT, digest, "manifest")

    def blob(self, digest: str) -> FileRange | None:
        """Returns a configuration."""
        return self._document(f"blobs/{digest}", "*/*", digest, "configuration")

    def layer(self, layer: oci.Descriptor) -> Layer:
        """Returns a layer that is fetched when it is read."""
        if layer.size is None:
            raise UnreadableImage(f"the manifest does not give the size of {layer.name}", "Push the image again.")
        if layer.is_foreign and not self._has(layer):
            return oci.absent_layer(layer)
        contents: LayerContents = RemoteLayer(
            layer.name, self.repository, layer.digest, layer.size, layer.diff_id, self.budget
        )
        if layer.table is not None and not self.reads_all and is_digest(layer.digest):
            ranges = RemoteRanges(self.repository, layer.digest, layer.size, layer.name)
            contents = TableLayer(layer.name, layer.table, ranges, contents, self.budget)
        return replace(layer.with_contents(contents, layer.size), is_remote=True)

    def _has(self, layer: oci.Descriptor) -> bool:
        """True if the registry has the blob of a layer that it need not have."""
        return self._ask(lambda budget: self.repository.has_blob(layer.digest, layer.name, budget))

    def _document(self, path: str, accept: str, digest: str, kind: str) -> FileRange:
        if not is_digest(digest):
            raise UnreadableImage(
                f"the {kind} cannot be verified: “{shown(digest)}” is not a sha256 or sha512 digest",
                "Push the image again with a current tool.",
            )
        return document_file(self._fetch(path, accept, f"{kind} {digest}")[0], f"the {kind}")

    def _fetch(self, path: str, accept: str, what: str) -> tuple[bytes, Mapping[str, str]]:
        return self._ask(lambda budget: self.repository.document(path, accept, what, budget))

    def _ask(self, question: Callable[[RetryBudget], _Answer]) -> _Answer:
        step = Progress(f"Asking {self.repository.registry}", 0, None)
        self.watcher.progress(step)
        return run_interruptibly(
            lambda transfer: question(RetryBudget(transfer)),
            lambda _: self.watcher.progress(step),
            self.repository.registry,
        )


@dataclass(slots=True)
class RemoteLayer:
    """A layer in a registry, downloaded when first read. Satisfies LayerContents."""

    streams: ClassVar[bool] = True
    """Because waiting for a network gains from a thread, too."""
    addressing: ClassVar[Addressing] = Addressing.TAR

    name: str = field(compare=False)
    """The layer's name in errors: ``layer 3``."""
    repository: Repository
    digest: str
    size: int
    diff_id: str
    budget: ReadBudget
    _tar: TarLayer | None = field(default=None, compare=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, compare=False)

    @property
    def stored_bytes(self) -> int:
        return self.size if self.budget.fetch_limit.allows(self.digest) else 0

    @property
    def verified(self) -> Verified:
        """See LayerContents. Plain bytes are checked after the download."""
        is_certain = is_verifiable(self.diff_id) and algorithm_of(self.diff_id) == algorithm_of(self.digest)
        return Verified.DIFF_ID if is_certain else Verified.NOTHING

    def index(self, on_progress: OnProgress) -> LayerIndex:
        """See LayerContents. The index is empty if the layer may not be fetched."""
        if not self.budget.fetch_limit.allows(self.digest):
            on_progress(0)
            return LayerIndex((), is_unread=True)
        indexing = self.size // _INDEXING_SHARE
        fetching = self.size - indexing
        tar = self._fetch(lambda done: on_progress(done * fetching // max(self.size, 1)))
        return tar.index(lambda done: on_progress(fetching + done * indexing // max(self.size, 1)))

    def read(self, index: LayerIndex, entries: Iterable[Entry], on_progress: OnProgress) -> FileContents:
        return self._fetch(on_progress).read(index, entries, on_progress)

    def has_verified_digest(self, on_progress: OnProgress) -> bool:
        """See TarLayer."""
        # The download verifies the digest, which is the diff ID of a plain layer.
        tar = self._fetch(on_progress)
        return not tar.streams or tar.has_verified_digest(on_progress)

    def _fetch(self, on_progress: OnProgress) -> TarLayer:
        """Returns the downloaded layer. Raises ImageError."""
        with locked(self._lock, on_progress):
            if self._tar is None:
                part = run_interruptibly(
                    lambda transfer: self.repository.blob(self.digest, self.size, self.name, RetryBudget(transfer)),
                    on_progress,
                    self.repository.registry,
                )
                on_progress(self.size)
                self._tar = self._verify(part)
            return self._tar

    def _verify(self, part: FileRange) -> TarLayer:
        """Checks the diff_id of a plain layer; indexing checks a compressed one."""
        with errors_for_layer(self.name):
            plain = not compression(part)
        if plain and algorithm_of(self.diff_id) == algorithm_of(self.digest) and self.digest != self.diff_id:
            raise UnreadableLayer(
                f"{self.name} cannot be read: its uncompressed digest (diff_id) is {self.digest}, "
                f"expected {shown(self.diff_id)}",
                "Push the image again.",
            )
        return TarLayer(self.name, part, None, self.diff_id, budget=self.budget)
