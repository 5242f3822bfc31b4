"""JSON documents of images, limited because parsed ones can take much memory."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from explorer.errors import UnreadableImage
from explorer.layers.damage import DamageLog
from explorer.layers.digests import algorithm_of, digest_of, is_verifiable, shown
from explorer.layers.streams import FileRange
from explorer.sources.archives.image_config import diff_ids_in, full_platform_of

MAX_DOCUMENT_BYTES = 8 << 20
"""Limit for an index, a manifest or a configuration; the largest real ones have a few hundred kilobytes."""
_MAX_OBJECTS = 200_000
"""Limit for the objects and lists in a document: parsed, they take thirty times their bytes."""
_MAX_DEPTH = 100
"""Limit for objects and lists inside each other; real documents have six."""
_MAX_TOTAL_BYTES = 32 << 20
"""Limit for the manifests and configurations that are read to choose one image."""
_MAX_KEPT_BYTES = 1 << 20
"""Limit for the configurations that are kept parsed; longer ones are read again when they are needed."""
MAX_IMAGES = 1_000
MAX_LAYERS = 1_000
"""Limit for one image; engines stop at 127."""
_CONFIGURATION = "the image configuration"
_HINT = "Save or pull the image again; if it stays, report the tool that made it."


class JsonObject(dict[str, Any]):
    """A JSON object whose ``get``, ``in`` and ``[]`` match keys as Go programs do.

    Capitals do not matter, and the last of equal keys counts. Iteration yields the keys as they are spelled, because
    some objects have keys of the user's.
    """

    __slots__ = ("_values",)

    def __init__(self, pairs: list[tuple[str, Any]]) -> None:
        super().__init__(pairs)
        self._values: dict[str, Any] | None = None
        if len(self) < len(pairs):
            # A repeated key keeps its first place in a dict, but counts as the last.
            self._values = {key.casefold(): value for key, value in pairs}

    def _folded(self) -> dict[str, Any]:
        if self._values is None:
            self._values = {key.casefold(): value for key, value in self.items()}
        return self._values

    def get(self, key: str, default: Any = None) -> Any:
        return self._folded().get(key.casefold(), default)

    def __getitem__(self, key: str) -> Any:
        return self._folded()[key.casefold()]

    def __contains__(self, key: object) -> bool:
        return isinstance(key, str) and key.casefold() in self._folded()


_RAISED = DamageLog()


def read_json(part: FileRange, what: str, digest: str | None = None, damage: DamageLog = _RAISED) -> Any:
    """Returns a JSON document, and notes bytes with another digest as damage.

    Raises UnreadableImage, which calls the document ``what``.
    """
    return _parsed(_content(part, what, digest, damage), what)


def _content(part: FileRange, what: str, digest: str | None, damage: DamageLog) -> bytes:
    if part.size > MAX_DOCUMENT_BYTES:
        raise UnreadableImage(
            f"{what} has {part.size:,} bytes, expected at most {MAX_DOCUMENT_BYTES:,}",
            "Valid documents are much shorter.",
        )
    content = part.read_at(0, part.size)
    if digest is not None and is_verifiable(digest):
        actual = digest_of(content, algorithm_of(digest))
        if actual != digest:
            message = f"{what} is damaged: its digest is {actual}, expected {shown(digest)}"
            damage.note(UnreadableImage(message, "Save or download the image again."))
    return content


def _parsed(content: bytes, what: str) -> Any:
    objects = content.count(b"[") + content.count(b"{")
    if objects > _MAX_OBJECTS:
        raise UnreadableImage(f"{what} has {objects:,} objects and lists, expected at most {_MAX_OBJECTS:,}", _HINT)
    try:
        document = json.loads(content, object_pairs_hook=JsonObject)
        is_deep = objects > _MAX_DEPTH and _is_deep(document)
    except RecursionError:
        document, is_deep = None, True
    except ValueError as error:
        raise UnreadableImage(f"{what} is not a JSON document: {error}", _HINT) from error
    if is_deep:
        raise UnreadableImage(f"{what} has objects or lists inside each other, more than {_MAX_DEPTH} deep", _HINT)
    return document


def _is_deep(document: object) -> bool:
    level = [document]
    for _ in range(_MAX_DEPTH):
        outer = [item for item in level if isinstance(item, (dict, list))]
        level = [inner for item in outer for inner in (item.values() if isinstance(item, dict) else item)]
    return any(isinstance(item, (dict, list)) for item in level)


@dataclass(frozen=True, slots=True)
class StoredConfig:
    """The facts of a configuration that choose an image, and the way to the rest."""

    digest: str
    """SHA-256 of its bytes."""
    platform: str
    diff_ids: tuple[str, ...]
    is_object: bool
    is_image: bool
    """True if it is the configuration of a container image."""
    damage: tuple[str, ...]
    read: Callable[[], Mapping[str, Any]]
    """Returns the document. Raises UnreadableImage."""


@dataclass(slots=True)
class Documents:
    """The documents read to choose an image, with a limit on their total size."""

    keeps_damage: bool = False
    """True if a document with another digest is read, and its image is damaged."""
    missing: list[str] = field(default_factory=list)
    """Names of documents that are not there; printable."""
    index_damage: list[str] = field(default_factory=list)
    """Damage of indexes, which concerns all images; printable."""
    _total_bytes: int = 0
    _kept_bytes: int = 0
    _configurations: dict[str, StoredConfig] = field(default_factory=dict)

    def index(self, part: FileRange, digest: str) -> Any:
        """Returns a nested index. See ``read_json``."""
        self._count(part)
        damage = DamageLog(self.keeps_damage, self.index_damage)
        return read_json(part, f"index {shown(digest)}", digest, damage)

    def manifest(self, part: FileRange, digest: str) -> tuple[Any, list[str]]:
        """Returns a manifest and its damage. See ``read_json``."""
        self._count(part)
        damage = DamageLog(self.keeps_damage)
        return read_json(part, f"manifest {shown(digest)}", digest, damage), damage.reasons

    def configuration(self, find: Callable[[], FileRange | None], name: str, digest: str | None) -> StoredConfig | None:
        """Returns a configuration, which several images may share; None if it is missing.

        Long ones are read one after the other and again when they are needed, because parsed ones take much memory.
        """
        known = self._configurations.get(name)
        if known is not None:
            return known
        part = find()
        if part is None:
            self.missing.append(f"configuration {shown(name)}")
            return None
        self._count(part)
        damage = DamageLog(self.keeps_damage)
        content = _content(part, _CONFIGURATION, digest, damage)
        document = _parsed(content, _CONFIGURATION)

        def read_again() -> Mapping[str, Any]:
            again = find()
            document = read_json(again, _CONFIGURATION, stored.digest) if again is not None else None
            return document if isinstance(document, dict) else {}

        is_object = isinstance(document, dict)
        fields: Mapping[str, Any] = document if is_object else {}
        keeps = self._kept_bytes + part.size <= _MAX_KEPT_BYTES
        if keeps:
            self._kept_bytes += part.size
        stored = self._configurations[name] = StoredConfig(
            digest_of(content),
            full_platform_of(fields),
            diff_ids_in(fields)[:MAX_LAYERS],
            is_object,
            "rootfs" in fields or "config" in fields,
            tuple(damage.reasons),
            (lambda: fields) if keeps else read_again,
        )
        return stored

    def _count(self, part: FileRange) -> None:
        self._total_bytes += part.size
        if self._total_bytes > _MAX_TOTAL_BYTES:
            raise UnreadableImage(
                f"the manifests and configurations have more than {_MAX_TOTAL_BYTES:,} bytes together",
                "Save fewer images at once.",
            )
