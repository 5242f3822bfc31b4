"""The report as JSON, schema 1. Keys may be added; none changes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from explorer import JSON_SCHEMA
from explorer.analysis.advice.sentences import plain_text
from explorer.analysis.disposables.groups import DisposableGroup
from explorer.analysis.fixes.fix import remaining_bytes
from explorer.analysis.layer_stats import LayerStats
from explorer.model import Cause, Waste
from explorer.pipeline import Exploration
from explorer.report.dockerfile import dockerfile_figures
from explorer.report.json_text import dumps
from explorer.text.words import layer_command


def report_json(exploration: Exploration) -> str:
    """The whole report as one JSON document in ASCII that ends with a newline."""
    text = dumps(
        {
            "schema": JSON_SCHEMA,
            "image": image_figures(exploration),
            "layers": [_layer(figures) for figures in exploration.layers],
            "wasted": [waste_figures(waste) for waste in exploration.usage.wasted],
            "disposables": [_disposable_kind(kind) for kind in exploration.savings.kinds],
            "fixes": list(fix_figures(exploration)),
            "dockerfile": dockerfile_figures(exploration),
        },
        indent=2,
    )
    return f"{text}\n"


def image_figures(exploration: Exploration) -> dict[str, Any]:
    """The figures of the image as a whole."""
    image, usage = exploration.image, exploration.usage
    by_cause = usage.by_cause
    return {
        "reference": image.reference,
        "id": image.id,
        "digest": image.digest,
        "platform": image.platform,
        "tags": list(image.tags),
        "created": image.created,
        "source": image.source,
        "shipped_bytes": usage.shipped_bytes,
        "visible_bytes": usage.visible_bytes,
        "wasted_bytes": usage.wasted_bytes,
        "efficiency": usage.efficiency,
        "disposable_bytes": exploration.savings.all_disposable_bytes,
        "disposable_base_bytes": exploration.savings.base_disposable_bytes,
        "base": _base(exploration),
        "yours": _yours(exploration),
        "download_bytes": exploration.download_bytes,
        "wasted_by_cause": {cause.value: by_cause[cause] for cause in Cause},
        "problems": list(image.problems),
        "damage": list(exploration.damage),
        "missing_layers": list(exploration.missing_layers),
    }


def _base(exploration: Exploration) -> dict[str, Any] | None:
    base, shares = exploration.base, exploration.base_shares
    if base is None:
        return None
    return {
        "name": base.name or None,
        "digest": base.digest or None,
        "layers": base.layers,
        "evidence": base.evidence.value,
        "exact": base.exact,
        "reason": base.reason,
        "shipped_bytes": shares.base.shipped_bytes if shares else None,
        "wasted_bytes": shares.base.wasted_bytes if shares else None,
    }


def _yours(exploration: Exploration) -> dict[str, Any] | None:
    shares = exploration.base_shares
    return shares.own._asdict() if shares else None


def _layer(figures: LayerStats) -> dict[str, Any]:
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
        "directories_changed": figures.directories_changed,
        "unchanged": figures.unchanged,
        "wasted_bytes": figures.wasted_bytes,
        "hides_bytes": figures.hides_bytes,
        "problems": list(figures.problems),
        "from_table_of_contents": figures.is_from_table,
    }


def _disposable_kind(kind: DisposableGroup) -> dict[str, Any]:
    return {
        "kind": kind.kind,
        "name": kind.name,
        "certainty": kind.certainty,
        "bytes": kind.bytes,
        "base_bytes": kind.base_bytes,
        "files": kind.files,
    }


def fix_figures(exploration: Exploration) -> Iterator[dict[str, Any]]:
    """Yields the fixes with what they save."""
    fixes = exploration.fixes
    remaining = remaining_bytes(fixes, exploration.usage.shipped_bytes)
    for fix, left in zip(fixes, remaining, strict=True):
        # A path is wasted once for each of its versions.
        paths = dict.fromkeys([*(each.path for each in fix.wasted), *(each.path for each in fix.disposables)])
        yield {
            "id": fix.id,
            "title": fix.title,
            "saves_bytes": fix.bytes,
            "wasted_bytes": fix.wasted_bytes,
            "disposable_bytes": fix.disposable_bytes,
            "remaining_bytes": left,
            "certainty": fix.certainty.value,
            "base": fix.is_base,
            "layers": list(fix.layers),
            "why": plain_text(fix.why),
            "do": plain_text(fix.do),
            "diff": [str(line) for line in fix.diff],
            "paths": [f"/{path}" for path in paths],
        }


def waste_figures(waste: Waste) -> dict[str, Any]:
    """A wasted file."""
    return {
        "path": f"/{waste.path}",
        "bytes": waste.bytes,
        "cause": waste.cause.value,
        "shipped_in": waste.shipped_in,
        "hidden_in": waste.hidden_in,
    }
