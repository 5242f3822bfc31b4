"""The run image, which the lifecycle of Cloud Native Buildpacks names in a label."""

from __future__ import annotations

import json
import re
from typing import Any

from explorer.analysis.base.base import Base, Evidence
from explorer.analysis.base.json_objects import nested
from explorer.layers.digests import is_digest
from explorer.model import Image
from explorer.text.image_names import MAX_NAME_CHARS

_LABEL = "io.buildpacks.lifecycle.metadata"
_MAX_LABEL_CHARS = 1_000_000
_DIGEST = re.compile("sha256:[0-9a-f]{64}")


def run_image(image: Image) -> Base | None:
    """Returns the run image, whose highest layer the label names.

    It is exact if the label names all layers above it, too. An image that was built on the result of buildpacks has
    inherited the label, and has other layers.
    """
    label = next((value for name, value in image.config.labels if name == _LABEL), "")
    metadata = _parsed(label)
    run = nested(metadata, "runImage")
    top = run.get("topLayer")
    diff_ids = [layer.diff_id for layer in image.layers]
    if not isinstance(top, str) or diff_ids.count(top) != 1:
        return None
    count = diff_ids.index(top) + 1
    if count == len(diff_ids):
        return None
    reference = _text(run.get("reference"))
    name = _text(run.get("image")) or _text(nested(metadata, "stack", "runImage").get("image"))
    digest = reference.rpartition("@")[2]
    exact = set(_DIGEST.findall(label)).issuperset(diff_ids[count:])
    return Base(
        count,
        name or reference.partition("@")[0],
        digest if is_digest(digest) else "",
        Evidence.BUILDPACKS,
        exact,
        "the run image of Cloud Native Buildpacks",
    )


def _parsed(label: str) -> dict[str, Any]:
    if not 0 < len(label) <= _MAX_LABEL_CHARS:
        return {}
    try:
        document = json.loads(label)
    except (ValueError, RecursionError):
        return {}
    return document if isinstance(document, dict) else {}


def _text(value: object) -> str:
    return value if isinstance(value, str) and len(value) <= MAX_NAME_CHARS else ""
