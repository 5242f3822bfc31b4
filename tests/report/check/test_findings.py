"""Verdicts about findings, in every format; the findings have hostile texts."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from explorer.analysis.dockerfile.parse import parse_dockerfile
from explorer.analysis.findings.finding import FindingKind, PathPlace
from explorer.analysis.findings.image_findings import ImageFindings
from explorer.gate.judge import judge
from explorer.gate.rules import RawSetting, resolve_rules
from explorer.report.check import Check
from explorer.report.check.formats import FORMATS
from explorer.report.page import Page
from tests.analysis.findings.made_findings import made_finding, made_findings
from tests.images import explored_layers, file, layer, whiteout
from tests.markdown_reading import assert_harmless
from tests.report.check.test_formats import commands_in, junit
from tests.report.test_sarif import SCHEMA

if TYPE_CHECKING:
    from pathlib import Path

    from explorer.analysis.findings.finding import Finding
    from explorer.pipeline import Exploration

DOCKERFILE = "FROM scratch\nCOPY a /a\nRUN b\nRUN \\\n  rm /a\n"
HISTORY = [
    {"created_by": "COPY a /a # buildkit", "comment": "buildkit.dockerfile.v0"},
    {"created_by": "RUN /bin/sh -c b # buildkit", "comment": "buildkit.dockerfile.v0"},
    {"created_by": "RUN /bin/sh -c rm /a # buildkit", "comment": "buildkit.dockerfile.v0"},
]
TEXTS = ["text", "markdown", "github", "junit", "sarif"]


def verdict(exploration: Exploration, findings: list[Finding], problems: bool = True, **asked: object) -> Check:
    """Returns the verdict on an image with these findings; its base has one layer."""
    asked = {**asked, "base_layers": 1}
    rules = resolve_rules({key.replace("_", "-"): RawSetting(value, "--option") for key, value in asked.items()})
    found = ImageFindings(findings, [(1, "/x|`<b> is too large")] if problems else [])
    judgement = judge(
        exploration.tree,
        exploration.usage,
        tuple,
        rules,
        1,
        None,
        find_findings=lambda: found.findings,
        find_unsearched=lambda: found.problems,
    )
    return Check(exploration, rules, judgement, findings=found)


@pytest.fixture
def exploration(tmp_path: Path) -> Exploration:
    """An image of three layers, with its Dockerfile."""
    found = explored_layers(
        tmp_path,
        layer(file("a", b"a" * 5000)),
        layer(file("b", b"b")),
        layer(whiteout("a")),
        history=HISTORY,
    )
    return replace(found, given_dockerfile=parse_dockerfile(DOCKERFILE, "Dockerfile"))


@pytest.mark.parametrize("name", TEXTS)
def test_findings_are_named(exploration: Exploration, name: str) -> None:
    """Each format names the findings, their places and remedies, the ignored ones and what may be missing."""
    check = verdict(exploration, made_findings(), highest_severity="low", ignored_findings=["root-*"])
    text = FORMATS[name](check, Page())
    assert "/app/.env:3" in text
    assert "RUN --mount=type=secret" in text.replace("`", "")
    assert "4 findings" in text
    assert "none above low" in text
    assert "is too large" in text
    assert "base.key" not in text
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]", text)
    if name == "markdown":
        assert_harmless(text)
    if name == "junit":
        assert len(junit(check).findall(".//failure")) == 1
    if name == "sarif":
        SCHEMA.validate(json.loads(text))


@pytest.mark.parametrize("name", TEXTS[:4])
def test_many_findings_are_counted(exploration: Exploration, name: str) -> None:
    """At most ten findings are listed, and the number of the others follows."""
    many = [made_finding(place=PathPlace(f"k{number}")) for number in range(14)]
    text = FORMATS[name](verdict(exploration, many, no_secrets=True), Page())
    assert "and 4 more findings" in text.lower()
    assert "k9" in text or name == "markdown"
    assert "k10" not in text


def test_json_has_all_findings(exploration: Exploration) -> None:
    """The JSON has every finding at fault, the limit, the counts, and why findings may be missing."""
    check = verdict(exploration, made_findings(), highest_severity="low", ignored_findings=["root-user"])
    document = json.loads(FORMATS["json"](check, Page()))
    (rule,) = document["rules"]
    assert (rule["found"], rule["limit"], rule["severity"], len(rule["findings"])) == (4, 0, "low", 4)
    assert document["findings"] == {
        "counts": {"critical": 2, "high": 2, "medium": 0, "low": 0, "info": 0},
        "ignored": 1,
        "base": 1,
        "problems": ["layer 1: /x|`<b> is too large"],
    }


def test_problems_are_no_silent_pass(exploration: Exploration) -> None:
    """A rule that passes although findings may be missing has the reasons in the verdict."""
    text = FORMATS["text"](verdict(exploration, [], highest_severity="low"), Page())
    assert "PASS  highest-severity" in text
    assert "Problems: the rules may have missed these\n  layer 1: /x|`<b> is too large" in text


@pytest.mark.parametrize("name", [*TEXTS, "json"])
def test_what_is_not_searched_fails_no_secrets(exploration: Exploration, name: str) -> None:
    """A layer or a file that was not searched may hold a secret: every format says so."""
    check = verdict(exploration, [], no_secrets=True)
    text = FORMATS[name](check, Page())
    assert not check.judgement.passes
    reason = "could not search all: layer 1: /x|`<b> is too large"
    if name == "text":
        assert f"FAIL  no-secrets  0 findings ({reason})  none" in text
    elif name == "github":
        assert f"::error title=layer-explorer%3A no-secrets::found 0 findings; allowed none; {reason}" in text
    elif name == "junit":
        assert len(junit(check).findall(".//failure")) == 1
    elif name == "sarif":
        (result,) = json.loads(text)["runs"][0]["results"]
        assert (result["ruleId"], result["level"]) == ("no-secrets", "error")
        assert reason in result["message"]["text"]
    elif name == "json":
        (rule,) = json.loads(text)["rules"]
        assert (rule["status"], rule["reason"]) == ("fail", reason)
    else:
        assert "could not search all" in text


def test_annotations_are_at_the_lines_of_the_dockerfile(exploration: Exploration) -> None:
    """The error of a rule is at the first lines at fault, and other lines have errors of their own."""
    findings = [made_finding(layer=2), made_finding("b", layer=1), made_finding("c", layer=2)]
    log = FORMATS["github"](verdict(exploration, findings, problems=False, no_secrets=True), Page())
    first, second, *_ = log.splitlines()
    assert first.startswith("::error file=Dockerfile,line=4,endLine=5,title=layer-explorer%3A no-secrets::found 3 ")
    assert second.startswith("::error file=Dockerfile,line=3,endLine=3,title=layer-explorer%3A no-secrets::high  b: /")
    assert [each.name for each in commands_in(log)] == ["error", "error"]


def test_waste_is_annotated_at_the_step_that_a_fix_changes(exploration: Exploration) -> None:
    """Rules about bytes are at the lines of the layers that fixes change, or that are at fault."""
    log = FORMATS["github"](verdict(exploration, [], problems=False, forbidden_paths=["/b"]), Page())
    assert log.startswith("::error file=Dockerfile,line=3,endLine=3,title=layer-explorer%3A forbidden-paths::")
    log = FORMATS["github"](verdict(exploration, [], problems=False, highest_layer_bytes="0"), Page())
    assert log.startswith("::error file=Dockerfile,line=3,endLine=3,")


def test_at_most_ten_errors(exploration: Exploration) -> None:
    """GitHub shows ten errors of a step: each rule has one, and other lines fill up."""
    instructions = "".join(f"RUN {number}\n" for number in range(30))
    history = [{**HISTORY[1], "created_by": f"RUN /bin/sh -c {number} # buildkit"} for number in range(30)]
    image = replace(
        exploration.image,
        history=tuple(replace(exploration.image.history[1], created_by=each["created_by"]) for each in history),
    )
    from explorer.analysis.findings.finding import StepPlace

    many = replace(exploration, image=image, given_dockerfile=parse_dockerfile(f"FROM scratch\n{instructions}", "D"))
    findings = [made_finding(f"k{number}", place=StepPlace(number), layer=None) for number in range(30)]
    check = verdict(many, findings, problems=False, no_secrets=True, highest_severity="low")
    errors = [each for each in commands_in(FORMATS["github"](check, Page())) if each.name == "error"]
    assert len(errors) == 10
    last = errors[-1]
    assert last.title == "layer-explorer: 22 more places in the Dockerfile"
    assert last.message.splitlines()[0].startswith("D:10: no-secrets: high  k8: ")
    assert sum("  k29: " in each.message for each in errors) == 1
    assert not any("more findings. " in each.message for each in errors)


def test_a_finding_is_annotated_once(exploration: Exploration) -> None:
    """A finding that breaks two rules is at its line once, and the second rule has the number of them."""
    findings = [made_finding(layer=2), made_finding("b", layer=1), made_finding("c", FindingKind.PRACTICE, layer=1)]
    check = verdict(exploration, findings, problems=False, no_secrets=True, highest_severity="low")
    errors = [each for each in commands_in(FORMATS["github"](check, Page())) if each.name == "error"]
    assert sum("  b: " in each.message for each in errors) == 1
    assert [each.title for each in errors if "  c: " in each.message] == ["layer-explorer: highest-severity"]
    assert "Also at fault: 2 findings of the rules above" in errors[1].message


def test_remedies_that_are_left_out_are_counted(exploration: Exploration) -> None:
    """Each format has the number of the remedies that it leaves out, and a second rule does not repeat the first."""
    many = [replace(made_finding(f"k{number}"), title=f"T{number}") for number in range(8)]
    check = verdict(exploration, many, problems=False, no_secrets=True, highest_severity="low")
    for name in TEXTS[:4]:
        text = FORMATS[name](check, Page()).replace("`", "")
        assert "3 more remedies; lx findings has all" in text
        if name in ("text", "markdown"):
            assert text.count("T1: ") == 1
            assert "T7: " in text


def test_a_warning_says_that_a_dockerfile_does_not_fit(exploration: Exploration) -> None:
    """If the Dockerfile does not fit, no annotation names a line, and a warning says why."""
    other = replace(exploration, given_dockerfile=parse_dockerfile("FROM scratch\nCOPY x /y\n", "Dockerfile"))
    log = FORMATS["github"](verdict(other, made_findings(), problems=False, no_secrets=True), Page())
    assert "file=" not in log
    (warning,) = [each for each in commands_in(log) if each.name == "warning"]
    assert warning.message.startswith("No line is named, because Dockerfile does not fit the image: ")


def test_hostile_names_of_dockerfiles(exploration: Exploration) -> None:
    """The path of a Dockerfile adds no property and no command to an annotation."""
    name = "D,line=9::x%0A\n::error::y\x1b"
    hostile = replace(exploration, given_dockerfile=parse_dockerfile(DOCKERFILE, name))
    log = FORMATS["github"](verdict(hostile, made_findings(), problems=False, no_secrets=True), Page())
    assert {each.title for each in commands_in(log)} == {"layer-explorer: no-secrets"}
    first = log.splitlines()[0]
    assert first.startswith("::error file=D%2Cline=9%3A%3Ax%250A\\n%3A%3Aerror%3A%3Ay\\x1b,line=3,endLine=3,title=")


def test_sarif_has_the_failed_rules(exploration: Exploration) -> None:
    """A failed rule about bytes is a result at its lines; findings name the rules that they break."""
    check = verdict(exploration, made_findings(), no_secrets=True, highest_layer_bytes="0")
    document = json.loads(FORMATS["sarif"](check, Page()))
    SCHEMA.validate(document)
    (run,) = document["runs"]
    first, *others = run["results"]
    assert first["ruleId"] == "highest-layer-bytes"
    assert first["locations"][0]["physicalLocation"]["region"] == {"startLine": 3, "endLine": 3}
    assert [each["properties"]["failedRules"] for each in others] == [["no-secrets"]] * 4 + [[]]
    assert run["properties"]["verdict"] == "FAIL: 2 of 2 rules fail"
    assert len(run["properties"]["rules"]) == 2
