"""The verdict as SARIF: each failed rule and all findings above the base."""

from __future__ import annotations

from collections import defaultdict
from functools import partial
from typing import Any

from explorer.analysis.findings.image_findings import ImageFindings
from explorer.gate.limits import Outcome, Status
from explorer.report.check import Check, words
from explorer.report.check.failure_words import failure_lines, failure_places
from explorer.report.dockerfile_place import finding_place
from explorer.report.sarif import (
    Json,
    finding_results,
    finding_rules,
    image_location,
    result,
    sarif_document,
    sarif_rule,
    sarif_run,
    sarif_warnings,
)


def check_sarif(check: Check) -> str:
    """Returns the document."""
    image, findings = check.exploration.image, check.counted_findings
    failed = [each for each in check.judgement.outcomes if each.status is Status.FAIL]
    broken = _broken_rules(check)
    results = [*map(partial(_result, check), (each for each in failed if not each.findings))]
    found = finding_results(findings, image, partial(finding_place, check.exploration))
    for finding, each in zip(findings, found, strict=True):
        names = broken.get(id(finding), [])
        results.append({**each, "properties": {**each["properties"], "failedRules": names}})
    rules = [sarif_rule(each.name, "error", each.rule.help, each.rule.help) for each in failed]
    missing = sarif_warnings(check.exploration, check.findings or ImageFindings([]))
    warnings = [*words.problems(check), *words.damage(check), *missing]
    run = sarif_run([*rules, *finding_rules(findings)], results, image, [*dict.fromkeys(warnings)])
    run["properties"] |= {"verdict": words.summary(check), "rules": [*map(_outcome, check.judgement.outcomes)]}
    return sarif_document(run)


def _broken_rules(check: Check) -> dict[int, list[str]]:
    """Returns the failed rules of each finding, which is the same object everywhere."""
    names: defaultdict[int, list[str]] = defaultdict(list)
    for outcome in check.judgement.outcomes:
        for finding in outcome.findings:
            names[id(finding)].append(outcome.name)
    return names


def _result(check: Check, outcome: Outcome) -> Json:
    place = next(iter(failure_places(check, outcome)), None)
    location = image_location(check.exploration.image, place)
    return result(outcome.name, "error", " ".join(failure_lines(check, outcome)), location)


def _outcome(outcome: Outcome) -> dict[str, Any]:
    return {"rule": outcome.name, "status": outcome.status.value, "result": words.sentence(outcome)}
