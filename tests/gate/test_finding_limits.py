"""The rules about findings: which findings count, and which are left out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from explorer.analysis.findings.finding import ConfigPlace, Finding, FindingKind, PathPlace, Severity, StepPlace
from explorer.analysis.waste import byte_usage
from explorer.gate.ignored_findings import ignored_test, similar_names
from explorer.gate.judge import judge
from explorer.gate.limits import Outcome, Status
from explorer.gate.rules import RULES, RawSetting, resolve_rules
from explorer.gate.value_types import SEVERITIES
from tests.analysis.findings.made_findings import made_finding, made_findings
from tests.images import layer, merged

HIDDEN = made_finding(place=PathPlace("app/.env"), hidden_in=2)
CVE = made_finding("CVE-2024-1", FindingKind.VULNERABILITY, Severity.CRITICAL, PathPlace("usr/lib/x"))
ROOT_USER = made_finding("root-user", FindingKind.PRACTICE, Severity.MEDIUM, ConfigPlace("User"), None)
OF_BASE = made_finding(severity=Severity.CRITICAL, layer=0, is_base=True)


def outcomes(findings: Sequence[Finding], base: int | None = None, **asked: object) -> list[Outcome]:
    """Returns the outcomes of rules for an image with these findings."""
    tree = merged()
    rules = resolve_rules({key.replace("_", "-"): RawSetting(value, "--option") for key, value in asked.items()})
    return list(judge(tree, byte_usage(tree), tuple, rules, base, None, find_findings=lambda: findings).outcomes)


def only(findings: Sequence[Finding], base: int | None = None, **asked: object) -> Outcome:
    """Returns the only outcome."""
    (outcome,) = outcomes(findings, base, **asked)
    return outcome


def test_no_secrets_counts_deleted_secrets_alone() -> None:
    """A secret that a later layer deletes fails the rule; practices and vulnerabilities do not."""
    outcome = only([CVE, HIDDEN, ROOT_USER], no_secrets=True)
    assert (outcome.status, outcome.found, outcome.findings) == (Status.FAIL, 1, (HIDDEN,))
    assert only([CVE, ROOT_USER], no_secrets="true").status is Status.PASS


@pytest.mark.parametrize(
    ("limit", "names"),
    [
        ("critical", []),
        ("high", ["CVE-2024-1"]),
        ("medium", ["CVE-2024-1", "private-key"]),
        ("LOW", ["CVE-2024-1", "private-key", "root-user"]),
    ],
)
def test_highest_severity_counts_every_kind_above_the_limit(limit: str, names: list[str]) -> None:
    """Findings of every kind that are more severe than the limit fail the rule; those on the limit do not."""
    outcome = only([CVE, HIDDEN, ROOT_USER], highest_severity=limit)
    assert [each.id for each in outcome.findings] == names
    assert outcome.status is (Status.FAIL if names else Status.PASS)


def test_only_a_certain_base_is_left_out() -> None:
    """Findings of the base do not count if it is certain where the base ends; otherwise they do."""
    assert only([OF_BASE], base=0, no_secrets=True).status is Status.PASS
    assert only([OF_BASE], no_secrets=True).status is Status.FAIL


def test_the_verdict_says_that_all_layers_count() -> None:
    """The remark tells how to name the base, unless it is certain or no finding is in the lowest layer."""
    reason = only([OF_BASE], no_secrets=True).reason
    assert reason == "all layers count, because it is not certain where a base ends: --base IMAGE names it"
    assert only([replace(OF_BASE, is_base=False)], base=0, no_secrets=True).reason == ""
    assert only([HIDDEN, ROOT_USER], highest_severity="low").reason == ""


def test_ignored_findings_do_not_count() -> None:
    """Ignored findings are left out, and the outcome has their number."""
    outcome = only([HIDDEN, CVE], highest_severity="medium", ignored_findings=["CVE-2024-*"])
    assert (outcome.findings, outcome.reason) == ((HIDDEN,), "without 1 ignored one")
    assert only([HIDDEN], no_secrets=True, ignored_findings="private-key:/app/**").status is Status.PASS


@pytest.mark.parametrize(
    ("pattern", "matches"),
    [
        ("private-key", True),
        ("PRIVATE-*", True),
        ("private", False),
        ("private-key:/app", True),
        ("private-key:*.env", True),
        ("private-key:/srv", False),
        ("aws-key:/app", False),
    ],
)
def test_patterns_of_files(pattern: str, matches: bool) -> None:
    """A pattern is a whole name, with a path as in a .gitignore file if it has one."""
    assert ignored_test([pattern])(HIDDEN) is matches


def test_patterns_of_settings_and_other_names() -> None:
    """The key of a setting can be named, names of other tools count, and names may have a colon."""
    variable = made_finding("aws-key", place=ConfigPlace("Env.TOKEN"), layer=None)
    assert [ignored_test([each])(variable) for each in ("aws-key:Env.TOKEN", "aws-key:Env.*", "aws-key:User")] == [
        True,
        True,
        False,
    ]
    assert not ignored_test(["aws-key:x"])(made_finding("aws-key", place=StepPlace(1)))
    assert ignored_test(["DL3002"])(made_finding("root-user", other_ids=("CIS-DI-0001", "DL3002")))
    advisory = made_finding("RHSA-2024:1234", place=PathPlace("usr/a:b"))
    assert all(ignored_test([each])(advisory) for each in ("RHSA-2024:1234", "RHSA-*", "RHSA-2024:1234:/usr/a:b"))


def test_a_misspelt_name_is_named() -> None:
    """A name that no finding can have has the similar one that exists; patterns and advisories have none."""
    outcome = only([], no_secrets=True, ignored_findings=["rot-user"])
    assert outcome.reason == "nothing is named rot-user; did you mean root-user?"
    assert list(similar_names(["root-user", "root-*", "CVE-2020-1", "zzzzz", "DL3002"], [])) == []


@pytest.mark.parametrize(
    ("pattern", "remark"),
    [
        ("private-key:step 2", "private-key:step 2 matches no place; private-key has /app/.env"),
        (
            "private-key,root-user",
            "private-key,root-user is one name with a comma; write each name as a value of its own",
        ),
        ("root-user:/a", "root-user:/a matches no place; root-user has User"),
        ("private-key:/app", ""),
        ("late-cleanup:/a", ""),
        ("CVE-2024-*:/x", "CVE-2024-*:/x matches no place; CVE-2024-1 has /usr/lib/x"),
    ],
)
def test_a_pattern_that_matches_nothing_has_a_remark(pattern: str, remark: str) -> None:
    """A place that no finding of the name has, and a list in one value, do not count in silence."""
    reason = only([HIDDEN, ROOT_USER, CVE], highest_severity="info", ignored_findings=[pattern]).reason
    assert (remark in reason) if remark else ("matches" not in reason)


def test_findings_are_read_only_if_a_rule_counts_them() -> None:
    """Other rules, and rules that are off, read no findings; without a limit the defaults apply."""

    def fail() -> list[Finding]:
        raise AssertionError

    tree = merged()
    for asked in ({"most-layers": 3, "ignored-findings": ["x"]}, {"no-secrets": False}, {"highest-severity": "off"}):
        rules = resolve_rules({key: RawSetting(value, "--option") for key, value in asked.items()})
        judge(tree, byte_usage(tree), tuple, rules, None, None, find_findings=fail)
    assert only([HIDDEN], no_secrets="off").status is Status.SKIP
    assert "lowest-efficiency" in {each.name for each in outcomes([], ignored_findings=["x"])}


def test_values() -> None:
    """Each type takes its words and refuses others."""
    parse = {key: rule.type.parse for key, rule in RULES.items()}
    assert [parse["no-secrets"](each) for each in (True, "yes", "maybe", 1, "off")] == [True, True, None, None, None]
    assert [parse["highest-severity"](each) for each in ("High", "none", 3)] == ["high", None, None]
    wrong: tuple[object, ...] = ("", "a b", ":x", "a:", "a:[", ["a", ""], [])
    assert [each for each in wrong if parse["ignored-findings"](each) is not None] == []
    assert parse["ignored-findings"](["a:/b c", "X*"]) == ("a:/b c", "X*")
    assert list(SEVERITIES) == [each.value for each in Severity]


def test_every_made_finding_is_at_fault() -> None:
    """A limit without findings above it lists all that are more severe, the most severe first."""
    outcome = only(made_findings(), base=0, highest_severity="info")
    assert [each.severity.value for each in outcome.findings] == ["critical", "critical", "high", "high", "medium"]


def test_no_secrets_fails_if_something_above_the_base_is_not_searched() -> None:
    """The reason is that of the first; problems of the base's layers are its own."""
    rules = resolve_rules({"no-secrets": RawSetting(True, "--option")})
    tree = merged(layer(), layer())
    problems = [(0, "of the base"), (1, "cut"), (None, "settings")]

    def judged(base: int | None, unsearched: Sequence[tuple[int | None, str]]) -> Outcome:
        found = judge(tree, byte_usage(tree), tuple, rules, base, None, find_unsearched=lambda: unsearched)
        return found.outcomes[0]

    outcome = judged(1, problems)
    assert outcome.status is Status.FAIL
    assert outcome.reason == "could not search all: layer 1: cut, and 1 more problem"
    assert judged(1, problems[:1]).status is Status.PASS
    assert judged(None, problems[:1]).status is Status.FAIL


def test_a_finding_of_several_places_is_ignored_only_if_all_match() -> None:
    """A copy of a key in a directory of tests is no reason to ignore the one in use."""
    key = made_finding(place=PathPlace("test/key", 3), other_places=(PathPlace("etc/key"),))
    assert not ignored_test(["private-key:/test/**"])(key)
    assert not ignored_test(["private-key:/test/**", "aws-key:/etc"])(key)
    assert ignored_test(["private-key:/test/**", "private-*:/etc"])(key)


@pytest.mark.parametrize(
    ("patterns", "matches"),
    [
        (["aws-key:Env.TOKEN"], True),
        (["aws-key:step 1"], True),
        (["aws-key:Env.OTHER"], False),
        (["aws-key:step 2"], False),
    ],
)
def test_a_secret_of_an_instruction_is_ignored_by_its_key_or_its_step(patterns: list[str], matches: bool) -> None:
    """The step of an ENV and the variable that it sets are one place."""
    place = StepPlace(1, "Env.TOKEN")
    variable = made_finding("aws-key", place=place, layer=None, other_places=(ConfigPlace("Env.TOKEN"),))
    assert ignored_test(patterns)(variable) is matches
    repeated = made_finding("aws-key", place=place, layer=None, other_places=(StepPlace(4), ConfigPlace("Env.TOKEN")))
    assert not ignored_test(patterns)(repeated)


def test_a_verdict_says_how_many_vulnerabilities_have_no_severity() -> None:
    """They pass as information, but may be severe; those of the base do not count."""
    unknown = replace(CVE, severity=Severity.INFO, has_severity=False)
    outcome = only([unknown, replace(unknown, id="CVE-2024-2"), ROOT_USER], highest_severity="medium")
    assert (outcome.status, outcome.reason) == (Status.PASS, "2 vulnerabilities have no severity")
    assert only([unknown], highest_severity="info").reason == ""
    assert only([replace(unknown, is_base=True, layer=0)], base=0, highest_severity="low").reason == ""
