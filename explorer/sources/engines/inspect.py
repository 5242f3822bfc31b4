"""Images from an engine's ``inspect`` and ``history``, without the layers."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from explorer.layers.digests import digest_of
from explorer.model import Image, Layer
from explorer.sources.archives.image_config import image_from_config
from explorer.sources.archives.json_documents import MAX_DOCUMENT_BYTES

_MAX_TIMESTAMP = 253402300799
"""The last second of the year 9999."""
_METADATA_STEPS = frozenset(
    ("ARG", "CMD", "ENTRYPOINT", "ENV", "EXPOSE", "HEALTHCHECK", "LABEL", "MAINTAINER", "ONBUILD", "SHELL")
) | {"STOPSIGNAL", "USER", "VOLUME"}


def diff_ids(inspected: Mapping[str, Any]) -> list[str]:
    """Returns the diff_ids of the image's layers, bottom first."""
    rootfs = inspected.get("RootFS")
    return _texts(rootfs.get("Layers")) if isinstance(rootfs, dict) else []


def has_diff_ids(inspected: Mapping[str, Any]) -> bool:
    """True if the engine tells the layers of the image, if it has any."""
    rootfs = inspected.get("RootFS")
    layers = rootfs.get("Layers") if isinstance(rootfs, dict) else ""
    return layers is None or (isinstance(layers, list) and all(isinstance(each, str) for each in layers))


def image_from_inspect(inspected: Mapping[str, Any], history: object, reference: str, stored: Sequence[Layer]) -> Image:
    """Returns the image that an engine describes; steps of empty layers are guessed."""
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
    return with_engine_names(replace(image, problems=()), inspected)


def with_engine_names(image: Image, inspected: Mapping[str, Any]) -> Image:
    """Returns the image with the names that the engine has for it."""
    digests = [item.rpartition("@")[2] for item in _texts(inspected.get("RepoDigests"))]
    return replace(
        image,
        tags=tuple(_texts(inspected.get("RepoTags"))),
        is_self_named=False,
        digest=digests[0] if digests else image.digest,
    )


def is_described(image: Image, inspected: Mapping[str, Any]) -> bool:
    """True if an image is the one of ``inspected``: the same layers and configuration.

    The ID is usually the digest of the configuration. If not, the settings are compared: with containerd's image store
    the ID is a digest of the manifest or of the index, and Podman makes its own for layers pulled in chunks.
    """
    expected = diff_ids(inspected)
    if expected and [layer.diff_id for layer in image.layers] != expected:
        return False
    described = image_from_inspect(inspected, None, "", ())
    if described.id.removeprefix("sha256:") in (image.id.removeprefix("sha256:"), ""):
        return True
    configs = [
        replace(each.config, ports=(), volumes=(), labels=tuple(sorted(each.config.labels)))
        for each in (image, described)
    ]
    return configs[0] == configs[1]


def history_is_certain(inspected: Mapping[str, Any], history: object) -> bool:
    """True if the engine's answers show without doubt which steps made the layers."""
    items = [item for item in history if isinstance(item, dict)] if isinstance(history, list) else []
    certain = [item for item in items if item.get("Size") or _improbability(item) == 0]
    return len(certain) == len(diff_ids(inspected))


def stored_config(image_id: str, layer_directory: Path) -> Mapping[str, Any] | None:
    """Returns the image's configuration from the engine's own files, if there.

    The file is searched relative to a layer directory. It is certain to be the right one, because its digest is the
    image's ID.
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
            if path.stat().st_size > MAX_DOCUMENT_BYTES:
                continue
            content = path.read_bytes()
            if digest_of(content) == f"sha256:{digits}":
                config = json.loads(content)
                return config if isinstance(config, dict) else None
        except (OSError, ValueError, RecursionError):
            continue
    return None


def _texts(value: object) -> list[str]:
    return [str(item) for item in value] if isinstance(value, list) else []


def _history_steps(history: object, layers: int) -> list[dict[str, Any]]:
    """Returns the engine's history in the form of an image configuration.

    The engine does not say which steps made a layer. Each step with a size did. The remaining layers are empty. They
    are given to steps without a size, first to those that work on files, last to those that set metadata.
    """
    items = [item for item in history if isinstance(item, dict)] if isinstance(history, list) else []
    items.reverse()
    empty_layers = layers - sum(bool(item.get("Size")) for item in items)
    sizeless = [number for number, item in enumerate(items) if not item.get("Size")]
    layered = set(sorted(sizeless, key=lambda number: _improbability(items[number]))[: max(empty_layers, 0)])
    return [
        {
            "created_by": str(item.get("CreatedBy") or ""),
            "created": _rfc3339(item.get("Created")),
            "comment": str(item.get("Comment") or ""),
            "empty_layer": not item.get("Size") and number not in layered,
        }
        for number, item in enumerate(items)
    ]


def _improbability(item: Mapping[str, Any]) -> int:
    """Returns 0 for a step that probably made an empty layer, more if improbable."""
    words = str(item.get("CreatedBy") or "").removeprefix("/bin/sh -c ").removeprefix("#(nop)").split()
    word = words[0] if words else ""
    if word in _METADATA_STEPS:
        return 2
    return 1 if word == "WORKDIR" else 0


def _rfc3339(seconds: object) -> str | None:
    if not isinstance(seconds, int) or not 0 < seconds <= _MAX_TIMESTAMP:
        return None
    return datetime.fromtimestamp(seconds, UTC).isoformat().replace("+00:00", "Z")
