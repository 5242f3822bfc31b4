"""The verdict for machines: JSON, schema 1. Keys may be added; none changes."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from explorer import JSON_SCHEMA
from explorer.analysis.disposables.groups import disposable_groups
from explorer.gate.finding_limits import is_of_base
from explorer.gate.limits import Outcome
from explorer.gate.value_types import Amount
from explorer.report.as_json import fix_figures, image_figures, waste_figures
from explorer.report.check import Check
from explorer.report.dockerfile_place import finding_place
from explorer.report.findings_json import finding_json, severity_json
from explorer.report.json_text import dumps


def check_json(check: Check) -> str:
    """Returns the figures, the account, rules, problems and wasted files, in ASCII."""
    rules, account = check.rules, check.judgement.account
    text = dumps(
        {
            "schema": JSON_SCHEMA,
            "verdict": "pass" if check.judgement.passes else "fail",
            "image": image_figures(check.exploration),
            "account": {
                "shipped_bytes": account.shipped_bytes,
                "wasted_bytes": account.wasted_bytes,
                "base_waste_bytes": account.base_waste_bytes,
                "efficiency": float(account.efficiency),
                "ignored_paths": list(rules.ignored_paths),
                "wanted_paths": list(rules.wanted_paths),
                "base": rules.base,
                "base_layers": account.base_layers,
            },
            "rules": [_outcome(check, outcome) for outcome in check.judgement.outcomes],
            "fixes": _helpful_fixes(check),
            "problems": [
                {"layer": figures.layer.number, "problem": problem}
                for figures in check.exploration.layers
                for problem in figures.problems
            ]
            + [{"layer": layer, "problem": problem} for layer, problem in check.package_problems],
            "findings": _findings(check),
            "wasted": [waste_figures(waste) for waste in account.wasted],
        },
        indent=2,
    )
    return f"{text}\n"


def _helpful_fixes(check: Check) -> list[dict[str, Any]]:
    """Returns the fixes that help a rule which fails."""
    helpful = {each.fix.id for helpful in check.helpful_fixes.values() for each in helpful.fixes}
    return [figures for figures in fix_figures(check.exploration) if figures["id"] in helpful] if helpful else []


def _findings(check: Check) -> dict[str, Any] | None:
    """Returns the numbers of all findings; None if no rule counts findings."""
    if check.findings is None:
        return None
    counted = check.counted_findings
    own = [each for each in check.findings.findings if not is_of_base(check.judgement.case, each)]
    return {
        "counts": severity_json(counted),
        "ignored": len(own) - len(counted),
        "base": len(check.findings.findings) - len(own),
        "problems": list(check.finding_problems),
    }


def _outcome(check: Check, outcome: Outcome) -> dict[str, Any]:
    helpful = check.helpful_fixes.get(outcome.name)
    return {
        "rule": outcome.name,
        "status": outcome.status.value,
        "found": _number(outcome.found),
        "limit": _number(outcome.limit),
        "origin": outcome.origin,
        "reason": outcome.reason,
        "paths": [
            {
                "path": f"/{path.path}",
                "bytes": path.bytes,
                "shipped_in": path.shipped_in,
                "hidden_in": path.hidden_in,
            }
            for path in outcome.paths
        ],
        "packages": [
            {
                "kind": each.package.kind,
                "name": each.package.full_name,
                "version": each.package.version,
                "installed_in": each.package.installed_in,
                "removed_in": each.package.removed_in,
                "bytes": each.bytes,
                "wasted_bytes": each.wasted_bytes,
            }
            for each in outcome.packages
        ],
        "severity": outcome.severity or None,
        "findings": [finding_json(each, finding_place(check.exploration, each)) for each in outcome.findings],
        "fixes": [{"id": each.fix.id, "saves_bytes": each.bytes} for each in helpful.fixes] if helpful else [],
        "base_bytes": helpful.base.bytes if helpful else 0,
        "layers": [{"layer": each.layer, "bytes": each.bytes} for each in outcome.layers],
        "growth": _growth(outcome),
        "disposables": [
            {
                "kind": group.kind,
                "name": group.name,
                "bytes": group.bytes,
                "files": group.files,
                "directory": f"/{group.place}",
            }
            for group in disposable_groups(outcome.disposables)
        ],
    }


def _growth(outcome: Outcome) -> dict[str, Any] | None:
    """Returns what grew over the baseline; None if the rule is not about that."""
    growth = outcome.growth
    if growth is None:
        return None
    return {
        "layers": [_grown(each.old_bytes, each.new_bytes, layer=each.layer) for each in growth.layers],
        "packages": [
            _grown(
                each.old_bytes,
                each.new_bytes,
                kind=each.kind,
                name=each.name,
                old_version=each.old.version if each.old else None,
                new_version=each.new.version if each.new else None,
            )
            for each in growth.packages
        ],
        "files": [_grown(each.old_bytes, each.new_bytes, path=f"/{each.path}") for each in growth.files],
    }


def _grown(old_bytes: int, new_bytes: int, **name: Any) -> dict[str, Any]:
    return {**name, "old_bytes": old_bytes, "new_bytes": new_bytes}


def _number(value: Amount | None) -> float | int | None:
    return float(value) if isinstance(value, Fraction) else value
