"""The documents of an archive that arrives: they tell which member is which layer."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Any

from explorer.errors import UnreadableImage
from explorer.layers.digests import digest_of
from explorer.layers.streams import FileRange
from explorer.layers.tar_layer import AbsentLayer
from explorer.model import Image, Layer
from explorer.sources.archives.docker_manifest import config_digest
from explorer.sources.archives.image_config import diff_ids_in, image_from_config, platform_of
from explorer.sources.archives.json_documents import MAX_LAYERS, read_json
from explorer.sources.platforms import host_platform, matches_platform
from explorer.sources.request import Request

_MAX_MANIFESTS = 100
_DIGITS = re.compile(r"(?:blobs/sha256/|sha256:)?([0-9a-f]{64})(?:/layer\.tar|\.tar|\.tar\.gz)?", re.ASCII)


def member_digits(name: str) -> str:
    """Returns the hexadecimal digits in the name of a layer; empty for other members.

    They are those of its digest, of its diff ID, or of an ID that older Docker made.
    """
    match = _DIGITS.fullmatch(name)
    return match[1] if match else ""


class ArrivingDocuments:
    """The configuration and the manifests of an archive, as far as they have arrived."""

    def __init__(self, request: Request, diff_ids: Sequence[str]) -> None:
        """Takes the request for the image, and its diff IDs if they are known."""
        self._request = request
        self._known_diff_ids = self._diff_ids = tuple(diff_ids)
        self.preview: Image | None = None
        """The image of the first configuration that fits the request."""
        self._config_digest = ""
        self._is_ambiguous = False
        """True if several configurations fit, so that only the end tells which counts."""
        self._below: dict[str, str] = {}
        """The layer below each, as older Docker names them; empty below the bottom one."""
        self._layers: dict[str, Sequence[str]] = {}
        """The digits of the layers of each configuration that a manifest names."""

    def add(self, name: str, part: FileRange) -> None:
        """Takes a document, if it is one of an image."""
        # An invalid document is left to the end.
        with suppress(UnreadableImage, AttributeError, LookupError, TypeError, ValueError):
            document = read_json(part, "the document")
            directory, _, base = name.rpartition("/")
            if isinstance(document, list):
                for entry in document:
                    self._add_manifest(config_digest(entry), entry.get("Layers"))
            elif base == "json":
                if len(self._below) < MAX_LAYERS:
                    self._below[directory] = str(document.get("parent", ""))
            elif isinstance(document.get("layers"), list):
                layers = [layer.get("digest") for layer in document["layers"]]
                self._add_manifest(document["config"]["digest"], layers)
            elif diff_ids_in(document):
                self._add_config(document, digest_of(part.read_at(0, part.size)))

    def _add_manifest(self, digest: str | None, layers: object) -> None:
        if digest and isinstance(layers, list) and len(layers) <= MAX_LAYERS and len(self._layers) < _MAX_MANIFESTS:
            self._layers[digest] = [member_digits(posixpath.normpath(str(layer))) for layer in layers]

    def _add_config(self, document: Mapping[str, Any], digest: str) -> None:
        diff_ids = diff_ids_in(document)
        if self._known_diff_ids:
            if diff_ids == self._known_diff_ids:
                self._config_digest = digest
            return
        wish = (self._request.platform or "").partition("@")[0] or self._request.preferred or host_platform()
        if len(diff_ids) > MAX_LAYERS or not matches_platform(platform_of(document), wish):
            return
        if self.preview is not None:
            self._is_ambiguous = self._is_ambiguous or digest != self._config_digest
            return
        self._diff_ids, self._config_digest = diff_ids, digest
        layers = [
            Layer(number, AbsentLayer(f"layer {number}", "it has not arrived yet")) for number in range(len(diff_ids))
        ]
        image = image_from_config(document, digest, self._request.reference, layers)
        self.preview = replace(image, source="an archive that still arrives")

    def layers(self, digits: str) -> Iterator[tuple[int, str]]:
        """Yields the numbers and the diff IDs of the layers that a member is."""
        if self._is_ambiguous:
            return
        order = self._layers.get(self._config_digest)
        if order is None:
            order = [diff_id.removeprefix("sha256:") for diff_id in self._diff_ids]
            order = order if digits in order else self._chain()
        for number, (name, diff_id) in enumerate(zip(order, self._diff_ids, strict=False)):
            if name == digits:
                yield number, diff_id

    def _chain(self) -> Sequence[str]:
        """Returns the names of the layers that follow each other from the bottom on."""
        above = {lower: name for name, lower in tuple(self._below.items())}
        names: list[str] = []
        name = above.get("")
        # An archive may describe layers that stand on each other.
        while name is not None and name not in names:
            names.append(name)
            name = above.get(name)
        return names
