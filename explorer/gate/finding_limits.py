"""The limits on findings; see ``limits``.

They count the same layers for secrets, practices and vulnerabilities: those above the base if it is certain where that
ends, and otherwise all. A guess of the base shows findings apart, but decides no verdict.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import islice
from typing import TYPE_CHECKING

from explorer.gate.limits import Status
from explorer.text.printable import printable
from explorer.text.units import counted

if TYPE_CHECKING:
    from explorer.analysis.findings.finding import Finding
    from explorer.gate.limits import Case, Outcome
    from explorer.gate.rules import Rule


_ALL_LAYERS = "all layers count, because it is not certain where a base ends: --base IMAGE names it"


def no_secrets(case: Case, rule: Rule, _: object) -> Iterator[Outcome]:
    """Judges the secrets above the base. It fails, too, if not all was searched."""
    # Imported here, as below, because few projects have these rules.
    from explorer.analysis.findings.finding import FindingKind

    secrets = [finding for finding in case.find_findings() if finding.kind is FindingKind.SECRET]
    outcome = _compared(case, rule, secrets)
    unsearched = _unsearched_words(case)
    if unsearched:
        reason = "; ".join(filter(None, (unsearched, outcome.reason)))
        outcome = replace(outcome, status=Status.FAIL, reason=reason)
    yield outcome


def _unsearched_words(case: Case) -> str:
    """Returns the first reason why secrets above the base may be missing, if any."""
    base_layers = case.account.base_layers if case.has_base else 0
    problems = [(layer, text) for layer, text in case.find_unsearched() if layer is None or layer >= base_layers]
    if not problems:
        return ""
    layer, text = problems[0]
    more = f", and {counted(len(problems) - 1, 'more problem')}" if len(problems) > 1 else ""
    return f"could not search all: {'' if layer is None else f'layer {layer}: '}{text}{more}"


def highest_severity(case: Case, rule: Rule, limit: str) -> Iterator[Outcome]:
    """Judges the findings above the base that are more severe than a limit."""
    from explorer.analysis.findings.finding import Severity

    rank = Severity(limit).rank
    findings = case.find_findings()
    severe = [finding for finding in findings if finding.severity.rank < rank]
    outcome = _compared(case, rule, severe, limit)
    unknown = len(counted_findings(case, [finding for finding in findings if not finding.has_severity]))
    if unknown and rank < Severity.INFO.rank:
        words = f"{counted(unknown, 'vulnerability has', 'vulnerabilities have')} no severity"
        outcome = replace(outcome, reason="; ".join(filter(None, (words, outcome.reason))))
    yield outcome


def _compared(case: Case, rule: Rule, findings: Sequence[Finding], severity: str = "") -> Outcome:
    found = counted_findings(case, findings)
    ignored = sum(not is_of_base(case, finding) for finding in findings) - len(found)
    remarks = [f"without {counted(ignored, 'ignored one')}"] if ignored else []
    if not case.has_base and any(finding.layer == 0 for finding in found):
        remarks.append(_ALL_LAYERS)
    reason = "; ".join([*remarks, *islice(_mistakes(case), 1)])
    return case.compared(rule, len(found), 0, findings=found, severity=severity, reason=reason)


def counted_findings(case: Case, findings: Sequence[Finding]) -> tuple[Finding, ...]:
    """Returns the findings above the base without the ignored ones, in their order."""
    from explorer.gate.ignored_findings import ignored_test

    is_ignored = ignored_test(case.rules.ignored_findings)
    return tuple(finding for finding in findings if not is_of_base(case, finding) and not is_ignored(finding))


def is_of_base(case: Case, finding: Finding) -> bool:
    """True if the base brings a finding, and it is certain where the base ends."""
    return case.has_base and finding.is_base


def _mistakes(case: Case) -> Iterator[str]:
    """Yields words about patterns of ignored findings that may be mistakes."""
    from explorer.gate.ignored_findings import similar_names, unmatched_words

    patterns, findings = case.rules.ignored_findings, case.find_findings()
    for name, other in similar_names(patterns, findings):
        yield f"nothing is named {printable(name)}; did you mean {other}?"
    yield from unmatched_words(patterns, findings)
