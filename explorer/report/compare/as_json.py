"""The differences between two images as JSON, schema 1.

Keys may be added; none changes.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from explorer import JSON_SCHEMA
from explorer.analysis.image_diff.file_changes import FileChange
from explorer.analysis.image_diff.layer_pair import LayerPair
from explorer.analysis.image_diff.package_changes import PackageChange
from explorer.pipeline import ImageDiff
from explorer.report.as_json import image_figures
from explorer.report.compare import summary
from explorer.report.compare.rows import layer_sizes
from explorer.report.json_text import dumps


def comparison_json(diff: ImageDiff) -> str:
    """Returns all differences as one document in ASCII that ends with a newline."""
    packages, identical = diff.package_changes, diff.identical
    document = {
        "schema": JSON_SCHEMA,
        "old": image_figures(diff.old),
        "new": image_figures(diff.new),
        "layers": [_layer(diff, pair) for pair in diff.layer_pairs],
        "first_break": _first_break(diff),
        "update": {
            "download_bytes": diff.update.download_bytes,
            "estimated": diff.update.is_estimated,
            "estimated_from": diff.update.basis.value if diff.update.basis else None,
            "disk_bytes": diff.update.disk_bytes,
            "layers": list(diff.update.layers),
        },
        "files": [_file(change) for change in diff.file_changes],
        "totals": asdict(diff.change_totals),
        "packages": [_package(change) for change in packages.changes],
        "unowned": {"old_bytes": packages.old_unowned_bytes, "new_bytes": packages.new_unowned_bytes},
        "config": [change._asdict() for change in diff.config_changes],
        "identical": identical.value.value,
        "verdict": identical.sentence,
        "advice": identical.advice,
        "causes": _causes(diff),
        "problems": list(summary.problems(diff)),
    }
    return f"{dumps(document, indent=2)}\n"


def _layer(diff: ImageDiff, pair: LayerPair) -> dict[str, Any]:
    old_bytes, new_bytes = layer_sizes(diff, pair)
    return {
        "old": pair.old,
        "new": pair.new,
        "status": pair.status.value,
        "old_bytes": old_bytes,
        "new_bytes": new_bytes,
    }


def _first_break(diff: ImageDiff) -> dict[str, Any] | None:
    broken = diff.first_break
    if broken is None:
        return None
    return {
        "old": broken.old,
        "new": broken.new,
        "reason": broken.reason,
        "consequence": broken.consequence,
        "advice": broken.advice,
    }


def _causes(diff: ImageDiff) -> list[dict[str, Any]] | None:
    if diff.known_causes is None:
        return None
    return [
        {
            "cause": cause.cause,
            "title": cause.title,
            "why": cause.why,
            "do": cause.do,
            "places": [place._asdict() for place in cause.places],
        }
        for cause in diff.known_causes
    ]


def _file(change: FileChange) -> dict[str, Any]:
    return {
        "path": f"/{change.path}",
        "change": change.change.value,
        "old_bytes": change.old_bytes,
        "new_bytes": change.new_bytes,
        "differs": sorted(change.differs),
    }


def _package(change: PackageChange) -> dict[str, Any]:
    old, new = change.old, change.new
    return {
        "kind": change.kind,
        "name": change.name,
        "change": change.change.value,
        "old_version": old.version if old else None,
        "new_version": new.version if new else None,
        "old_bytes": change.old_bytes,
        "new_bytes": change.new_bytes,
        "old_architecture": old.architecture if old else None,
        "new_architecture": new.architecture if new else None,
        "old_layer": old.installed_in if old else None,
        "new_layer": new.installed_in if new else None,
    }
