"""An image straight from a registry, without an engine: the manifest and the configuration at once, layers when asked.

A layer is downloaded where it is read, in the thread that reads it, and kept in a temporary file without a name for as
long as somebody holds the image.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from explorer.errors import UnreadableImage, UnreadableLayer, UsageError
from explorer.layers.digests import algorithm_of, digest_of, is_digest, is_sha256
from explorer.layers.index_layer import errors_for_layer
from explorer.layers.streams import FileRange, compression
from explorer.layers.tar_layer import TarLayer
from explorer.model import Addressing, Entry, Image, LayerIndex, Progress, Verified, Watcher
from explorer.sources.archives import oci
from explorer.sources.archives.image_config import StoredLayer
from explorer.sources.archives.json_documents import document
from explorer.sources.registries.blob_download import kept
from explorer.sources.registries.client import Repository
from explorer.sources.registries.retry import INTERVAL, run_interruptibly
from explorer.sources.request import Request
from explorer.sources.selection import Offer, choose, short_name, variants
from explorer.text.printable import printable

_DEFAULT_HOST = "docker.io"
_DEFAULT_ADDRESS = "registry-1.docker.io"
_DEFAULT_ALIASES = ("index.docker.io", _DEFAULT_ADDRESS)
_HOST = re.compile(r"(?:[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?")
_PART = r"[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*"
_NAME = re.compile(f"{_PART}(?:/{_PART})*")
_TAG = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}")
_MAX_NAME = 255
_ACCEPTED = ", ".join((*oci.INDEXES, *oci.MANIFESTS))
_INDEXING_SHARE = 10
"""Downloading a layer counts for all but one in so many of its bytes, indexing it for the rest."""


@dataclass(frozen=True, slots=True)
class Name:
    """An image's name in a registry."""

    host: str
    """With the port, as in references."""
    repository: str
    tag: str
    digest: str

    @classmethod
    def read(cls, text: str) -> Name:
        """``[host[:port]/]name[:tag][@digest]``, as Docker reads it. Raises UsageError."""
        named, _, digest = text.partition("@")
        if digest and not is_digest(digest):
            # It may be HOST behind a user's name and password, which nobody needs to see.
            raise UsageError(
                "what stands behind the @ of a registry reference is no digest",
                "Expected NAME@sha256:… and 64 digits; a login is not part of it: docker login keeps that.",
            )
        first, slash, rest = named.partition("/")
        if slash and (first == "localhost" or any(mark in first for mark in ".:")):
            host, path = first, rest
        else:
            host, path = _DEFAULT_HOST, named
        path, _, tag = path.partition(":")
        if host in _DEFAULT_ALIASES:
            host = _DEFAULT_HOST
        if host == _DEFAULT_HOST and "/" not in path:
            path = f"library/{path}"
        if not (_HOST.fullmatch(host) and _NAME.fullmatch(path) and len(path) <= _MAX_NAME):
            raise UsageError(
                f"“{printable(text)}” is no name in a registry",
                "Expected HOST[:PORT]/NAME[:TAG][@DIGEST] with a name in small letters.",
            )
        if (tag or named.endswith(":")) and not _TAG.fullmatch(tag):
            raise UsageError(f"“{printable(tag)}” is no tag", "Letters, digits, and “_”, “.” or “-” between them.")
        return cls(host, path, tag or ("" if digest else "latest"), digest)

    @property
    def address(self) -> str:
        """Where the registry's API is."""
        return _DEFAULT_ADDRESS if self.host == _DEFAULT_HOST else self.host

    @property
    def reference(self) -> str:
        """What the registry knows the manifest by: a digest wins over a tag."""
        return self.digest or self.tag

    def __str__(self) -> str:
        """As people write it."""
        tag = f":{self.tag}" if self.tag else ""
        return short_name(f"{self.host}/{self.repository}{tag}")


def open_registry(request: Request) -> Image:
    """The image of that name in a registry; its layers are fetched when they are read.

    Several platforms: the one asked for, or else this machine's. Raises ImageError, UsageError for what is no name, and
    ChoiceNeeded when the platform cannot be told.
    """
    name = Name.read(request.name)
    plain = request.reference.startswith("registry+http://")
    remote = _Remote(Repository(name.host, name.address, name.repository, plain=plain), request.watcher)
    choice, found = _chosen(remote, name, request)
    image = oci.image_of(choice, request.reference, remote.layer)
    tags = (str(name),) if name.tag else ()
    return replace(image, source=f"registry {name.host}", tags=tags, variants=variants(found))


def _chosen(remote: _Remote, name: Name, request: Request) -> tuple[oci.Manifest, list[Offer]]:
    """The manifest and configuration that are meant, and all that there is; only what the choice takes is fetched."""
    part, digest = remote.named(name)
    manifest = document(part, f"what {remote.repository.whom} has as {name}", digest)
    if isinstance(manifest, dict) and (manifest.get("mediaType") in oci.INDEXES or "manifests" in manifest):
        found = oci.offers(remote, manifest)
    else:
        single = oci.opened(remote, Offer("", (), digest), manifest)
        found = [single] if single else []
    if found:
        offer = choose(
            found, None, request.platform, request.reference, preferred=request.preferred, by="HOST/NAME@DIGEST"
        )
        choice = offer if isinstance(offer, oci.Manifest) else oci.look(remote, offer)
        if choice:
            return choice, found
    raise UnreadableImage(
        f"{name} in {remote.repository.whom} is no container image, but something else that registries keep",
        "Expected a manifest with an image configuration and layers.",
    )


@dataclass(frozen=True, slots=True)
class _Remote:
    """A repository while an image is opened from it. Satisfies Blobs."""

    repository: Repository
    watcher: Watcher

    def named(self, name: Name) -> tuple[FileRange, str]:
        """The document that a name means, and its digest."""
        content, headers = self._fetched(f"manifests/{name.reference}", _ACCEPTED, f"image {name}")
        algorithm = algorithm_of(name.digest) or "sha256"
        found = digest_of(content, algorithm)
        expected = name.digest or headers.get("Docker-Content-Digest", "")
        if expected.startswith(f"{algorithm}:") and found != expected:
            raise UnreadableImage(
                f"the manifest of {name} is damaged: its digest is {found}, expected {printable(expected)[:200]}",
                "Try again, or push the image again.",
            )
        return kept(content, "the manifest"), found

    def manifest(self, digest: str) -> FileRange | None:
        """See Blobs. Raises RegistryError when it is not there: an index of a registry is complete."""
        return self._document(f"manifests/{digest}", _ACCEPTED, digest, "manifest")

    def blob(self, digest: str) -> FileRange | None:
        """See Blobs; for configurations alone."""
        return self._document(f"blobs/{digest}", "*/*", digest, "configuration")

    def layer(self, layer: oci.Descriptor) -> StoredLayer:
        """A layer that is fetched when it is read."""
        if layer.foreign:
            return oci.absent(layer)
        if layer.size is None:
            raise UnreadableImage(f"the manifest does not say how long {layer.name} is", "Push the image again.")
        contents = RemoteLayer(layer.name, self.repository, layer.digest, layer.size, layer.diff_id)
        return StoredLayer(contents, layer.digest, layer.media_type, layer.size)

    def _document(self, path: str, accept: str, digest: str, kind: str) -> FileRange:
        if not is_digest(digest):
            raise UnreadableImage(
                f"the {kind} cannot be verified: “{printable(digest)[:200]}” is no sha256 or sha512 digest",
                "Push the image again with a current tool.",
            )
        return kept(self._fetched(path, accept, f"{kind} {digest}")[0], f"the {kind}")

    def _fetched(self, path: str, accept: str, what: str) -> tuple[bytes, Mapping[str, str]]:
        step = Progress(f"Asking {self.repository.whom}", 0, None)
        self.watcher.progress(step)
        return run_interruptibly(
            lambda patience: self.repository.document(path, accept, what, patience),
            lambda _: self.watcher.progress(step),
            self.repository.whom,
        )


@dataclass(slots=True)
class RemoteLayer:
    """A layer in a registry, fetched once, by whoever reads it first. Satisfies LayerContents."""

    name: str
    """What errors call it: ``layer 3``."""
    repository: Repository
    digest: str
    stored_bytes: int
    """See LayerContents."""
    diff_id: str
    _tar: TarLayer | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def streams(self) -> bool:
        """See LayerContents. Waiting for a network, too, wants a thread."""
        return True

    @property
    def verified(self) -> Verified:
        """See LayerContents. Compressed bytes are checked while they are indexed, plain ones once they are here."""
        return Verified.DIFF_ID if is_sha256(self.diff_id) and is_sha256(self.digest) else Verified.NOTHING

    @property
    def addressing(self) -> Addressing:
        """See LayerContents."""
        return Addressing.TAR

    def index(self, on_progress: Callable[[int], None]) -> LayerIndex:
        """See LayerContents."""
        indexing = self.stored_bytes // _INDEXING_SHARE
        fetching = self.stored_bytes - indexing
        tar = self._fetched(lambda done: on_progress(done * fetching // max(self.stored_bytes, 1)))
        return tar.index(lambda done: on_progress(fetching + done * indexing // max(self.stored_bytes, 1)))

    def read(
        self, index: LayerIndex, entries: Iterable[Entry], on_progress: Callable[[int], None]
    ) -> Iterator[tuple[Entry, Iterator[bytes | memoryview]]]:
        """See LayerContents."""
        return self._fetched(on_progress).read(index, entries, on_progress)

    def _fetched(self, on_progress: Callable[[int], None]) -> TarLayer:
        """The layer in a file. Raises ImageError, and what ``on_progress`` raises to stop."""
        while not self._lock.acquire(timeout=INTERVAL):
            on_progress(0)
        try:
            if self._tar is None:
                part = run_interruptibly(
                    lambda patience: self.repository.blob(self.digest, self.stored_bytes, self.name, patience),
                    on_progress,
                    self.repository.whom,
                )
                on_progress(self.stored_bytes)
                self._tar = self._verified(part)
            return self._tar
        finally:
            self._lock.release()

    def _verified(self, part: FileRange) -> TarLayer:
        """The layer with the diff_id of a plain one checked: of a compressed one it is when it is indexed."""
        with errors_for_layer(self.name):
            plain = not compression(part)
        if plain and algorithm_of(self.diff_id) == algorithm_of(self.digest) and self.digest != self.diff_id:
            raise UnreadableLayer(
                f"{self.name} cannot be read: its uncompressed digest (diff_id) is {self.digest}, "
                f"expected {printable(self.diff_id)}",
                "Push the image again.",
            )
        return TarLayer(self.name, part, None, self.diff_id)
