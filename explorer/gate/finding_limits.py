"""The limits on findings; see ``limits``.

They count the same layers for secrets, practices and vulnerabilities: those above the base if it is certain where that
ends, and otherwise all. A guess of the base shows findings apart, but decides no verdict.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
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
    unknown = len(_compared(case, rule, [finding for finding in findings if not finding.has_severity]).findings)
    if unknown and rank < Severity.INFO.rank:
        words = f"{counted(unknown, 'vulnerability has', 'vulnerabilities have')} no severity"
        outcome = replace(outcome, reason="; ".join(filter(None, (words, outcome.reason))))
    yield outcome


def _compared(case: Case, rule: Rule, findings: Sequence[Finding], severity: str = "") -> Outcome:
    from explorer.gate.ignored_findings import ignored_test, similar_names, unmatched_words

    own = [finding for finding in findings if not is_of_base(case, finding)]
    is_ignored = ignored_test(case.rules.ignored_findings)
    counted_findings = tuple(finding for finding in own if not is_ignored(finding))
    similar = similar_names(case.rules.ignored_findings, case.find_findings())
    hints = [f"nothing is named {printable(name)}; did you mean {other}?" for name, other in similar]
    hints += unmatched_words(case.rules.ignored_findings, case.find_findings())
    ignored = len(own) - len(counted_findings)
    remarks = [f"without {counted(ignored, 'ignored one')}"] if ignored else []
    if not case.has_base and any(finding.layer == 0 for finding in counted_findings):
        remarks.append(_ALL_LAYERS)
    reason = "; ".join([*remarks, *hints[:1]])
    return case.compared(rule, len(counted_findings), 0, findings=counted_findings, severity=severity, reason=reason)


def is_of_base(case: Case, finding: Finding) -> bool:
    """True if the base brings a finding, and it is certain where the base ends."""
    return case.has_base and finding.is_base
