"""What an engine tells of an image without handing out its layers: ``inspect`` and ``history`` as an Image."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from explorer.layers.digests import digest_of
from explorer.model import Image
from explorer.sources.archives.image_config import StoredLayer, image_from_config
from explorer.sources.archives.json_documents import MAX_DOCUMENT

_LAST_SECOND = 253402300799
"""Of the year 9999."""
_METADATA_STEPS = (
    "ARG",
    "CMD",
    "ENTRYPOINT",
    "ENV",
    "EXPOSE",
    "HEALTHCHECK",
    "LABEL",
    "MAINTAINER",
    "ONBUILD",
    "SHELL",
    "STOPSIGNAL",
    "USER",
    "VOLUME",
)


def diff_ids(inspected: Mapping[str, Any]) -> list[str]:
    """The diff_ids of the image's layers, bottom first."""
    rootfs = inspected.get("RootFS")
    return _texts(rootfs.get("Layers")) if isinstance(rootfs, dict) else []


def described_image(
    inspected: Mapping[str, Any], history: object, reference: str, stored: Sequence[StoredLayer]
) -> Image:
    """An image out of an engine's answers: exact, but for which of several steps of no bytes made a layer."""
    document = {
        "config": inspected.get("Config"),
        "rootfs": {"diff_ids": diff_ids(inspected)},
        "history": _history_steps(history, len(stored)),
        "created": inspected.get("Created"),
        "author": inspected.get("Author") or "",
        "os": inspected.get("Os"),
        "architecture": inspected.get("Architecture"),
        "variant": inspected.get("Variant"),
    }
    image = image_from_config(document, str(inspected.get("Id", "")), reference, stored)
    return as_named(replace(image, problems=()), inspected)


def as_named(image: Image, inspected: Mapping[str, Any]) -> Image:
    """The image with the names that the engine has for it."""
    digests = [item.rpartition("@")[2] for item in _texts(inspected.get("RepoDigests"))]
    return replace(image, tags=tuple(_texts(inspected.get("RepoTags"))), digest=digests[0] if digests else image.digest)


def history_is_certain(inspected: Mapping[str, Any], history: object) -> bool:
    """Whether the engine's answers leave no doubt which steps made the layers."""
    items = [item for item in history if isinstance(item, dict)] if isinstance(history, list) else []
    sure = [item for item in items if item.get("Size") or _likelihood(item) == 0]
    return len(sure) == len(diff_ids(inspected))


def stored_config(image_id: str, layer_directory: Path) -> Mapping[str, Any] | None:
    """The image's configuration from the engine's own files, near a layer directory; None if it is not there.

    Its digest is the image's ID, so what is found is certain to be it.
    """
    digits = image_id.removeprefix("sha256:")
    if not digits.isalnum():
        return None
    root = layer_directory.parent.parent.parent
    podman_name = base64.b64encode(f"sha256:{digits}".encode()).decode()
    for path in (
        root / "image" / layer_directory.parent.parent.name / "imagedb" / "content" / "sha256" / digits,
        root / "overlay-images" / digits / f"={podman_name}",
    ):
        try:
            if path.stat().st_size > MAX_DOCUMENT:
                continue
            content = path.read_bytes()
            if digest_of(content) == f"sha256:{digits}":
                found = json.loads(content)
                return found if isinstance(found, dict) else None
        except (OSError, ValueError, RecursionError):
            continue
    return None


def _texts(value: object) -> list[str]:
    return [str(item) for item in value] if isinstance(value, list) else []


def _history_steps(history: object, layers: int) -> list[dict[str, Any]]:
    """The engine's history, bottom first, in the words of the image configuration.

    The engine does not say which steps made a layer. One with a size did; layers that are left over then came from
    steps of no bytes, rather from one that works on files than from one that sets metadata.
    """
    items = [item for item in history if isinstance(item, dict)] if isinstance(history, list) else []
    items.reverse()
    left = layers - sum(bool(item.get("Size")) for item in items)
    sizeless = [number for number, item in enumerate(items) if not item.get("Size")]
    layered = set(sorted(sizeless, key=lambda number: _likelihood(items[number]))[: max(left, 0)])
    return [
        {
            "created_by": str(item.get("CreatedBy") or ""),
            "created": _rfc3339(item.get("Created")),
            "comment": str(item.get("Comment") or ""),
            "empty_layer": not item.get("Size") and number not in layered,
        }
        for number, item in enumerate(items)
    ]


def _likelihood(item: Mapping[str, Any]) -> int:
    """How likely a step of no bytes has made a layer: 0 the likeliest."""
    words = str(item.get("CreatedBy") or "").removeprefix("/bin/sh -c ").removeprefix("#(nop)").split()
    word = words[0] if words else ""
    if word in _METADATA_STEPS:
        return 2
    return 1 if word == "WORKDIR" else 0


def _rfc3339(seconds: object) -> str | None:
    if not isinstance(seconds, int) or not 0 < seconds <= _LAST_SECOND:
        return None
    return datetime.fromtimestamp(seconds, UTC).isoformat().replace("+00:00", "Z")
