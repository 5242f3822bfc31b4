"""The report for machines: JSON, schema 1. New keys may join; none of those there will change."""

from __future__ import annotations

import json
from typing import Any

from explorer.model import Cause, Waste
from explorer.pipeline import Exploration, LayerFigures
from explorer.text import encodable, layer_command

SCHEMA = 1


def report_json(exploration: Exploration) -> str:
    """The whole report as one JSON document of ASCII characters, so that no terminal and no parser stumbles."""
    image, ledger = exploration.image, exploration.ledger
    by_cause = ledger.by_cause
    return dumps(
        {
            "schema": SCHEMA,
            "image": {
                "reference": image.reference,
                "id": image.id,
                "digest": image.digest,
                "platform": image.platform,
                "tags": list(image.tags),
                "created": image.created,
                "source": image.source,
                "shipped_bytes": ledger.shipped_bytes,
                "visible_bytes": ledger.visible_bytes,
                "wasted_bytes": ledger.wasted_bytes,
                "efficiency": ledger.efficiency,
                "download_bytes": exploration.download_bytes,
                "wasted_by_cause": {cause.value: by_cause[cause] for cause in Cause},
                "problems": list(image.problems),
            },
            "layers": [_layer(figures) for figures in exploration.layers],
            "wasted": [_waste(waste) for waste in ledger.wasted],
        },
        indent=2,
    )


def dumps(document: object, indent: int | None = None) -> str:
    """JSON whose strings are valid Unicode even where a name's bytes are not: those are shown as ``\\\\xff``."""
    return json.dumps(_encodable(document), indent=indent)


def _encodable(value: Any) -> Any:
    if isinstance(value, str):
        return encodable(value)
    if isinstance(value, dict):
        return {key: _encodable(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_encodable(item) for item in value]
    return value


def _layer(figures: LayerFigures) -> dict[str, Any]:
    layer = figures.layer
    step = layer.step
    return {
        "index": layer.number,
        "diff_id": layer.diff_id,
        "digest": layer.digest,
        "command": layer_command(layer),
        "created_by": step.created_by if step else "",
        "created": step.created if step else None,
        "comment": step.comment if step else "",
        "bytes": figures.bytes,
        "download_bytes": layer.download_bytes,
        "files": figures.files,
        "added": figures.added,
        "modified": figures.modified,
        "removed": figures.removed,
        "directories_changed": figures.directories,
        "unchanged": figures.recopied,
        "wasted_bytes": figures.wasted_bytes,
        "hides_bytes": figures.hides_bytes,
        "problems": list(figures.problems),
    }


def _waste(waste: Waste) -> dict[str, Any]:
    return {
        "path": f"/{waste.path}",
        "bytes": waste.bytes,
        "cause": waste.cause.value,
        "shipped_in": waste.shipped_in,
        "hidden_in": waste.hidden_in,
    }
