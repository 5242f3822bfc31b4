"""SARIF: valid by its schema, with places that tools can show, and harmless for every name."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any
from urllib.parse import unquote_to_bytes, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft4Validator

from explorer.analysis.findings.finding import ConfigPlace, Finding, PathPlace, Severity, StepPlace
from explorer.model import Image
from explorer.report import sarif
from explorer.report.dockerfile_place import DockerfilePlace
from explorer.report.sarif import finding_results, finding_rules, sarif_document, sarif_run
from explorer.text.printable import printable
from tests.analysis.findings.made_findings import HOSTILE_PATH, made_finding, made_findings
from tests.hostile import REFERENCE, assert_golden

IMAGE = Image("shop:dev", "", ())
SCHEMA = Draft4Validator(
    json.loads((Path(__file__).parents[1] / "schemas" / "sarif-schema-2.1.0.json").read_text(encoding="utf-8"))
)


def document(
    findings: list[Finding], image: Image = IMAGE, place: DockerfilePlace | None = None, *warnings: str
) -> Any:
    """Returns the valid document of findings that are all at one place."""
    results = list(finding_results(findings, image, lambda _: place))
    text = sarif_document(sarif_run(finding_rules(findings), results, image, warnings))
    text.encode("ascii")
    found = json.loads(text)
    SCHEMA.validate(found)
    return found


def results(findings: list[Finding], *args: Any) -> list[Any]:
    """Returns the results of findings."""
    found: list[Any] = document(findings, *args)["runs"][0]["results"]
    return found


def test_the_document_is_as_it_was() -> None:
    """The document of findings of all kinds equals the golden file."""
    warning = "layer 1: /x is too large"
    assert_golden("findings.sarif", json.dumps(document(made_findings(), IMAGE, None, warning), indent=1) + "\n")


def test_rules_are_of_the_most_severe_finding() -> None:
    """Each name is one rule, with a help text, a level, and the score that GitHub makes a severity of."""
    found = [made_finding(severity=Severity.LOW), made_finding(severity=Severity.CRITICAL), made_finding("b")]
    rules = document(found)["runs"][0]["tool"]["driver"]["rules"]
    assert [(each["id"], each["properties"]["security-severity"]) for each in rules] == [
        ("private-key", "9.5"),
        ("b", "8.0"),
    ]
    assert [each["level"] for each in results(found)] == ["note", "error", "error"]
    assert rules[0]["help"]["text"] == "Use RUN --mount=type=secret."
    assert rules[0]["properties"]["tags"] == ["secret", "security"]


def test_places_are_lines_of_the_dockerfile_if_they_are_known() -> None:
    """With a Dockerfile a result is at its lines, and without one at the file in the image, or at the image."""
    place = DockerfilePlace("docker/My file", 12, 14)
    (found,) = results([made_finding()], IMAGE, place)
    physical = found["locations"][0]["physicalLocation"]
    assert physical["artifactLocation"] == {"uri": "docker/My%20file"}
    assert physical["region"] == {"startLine": 12, "endLine": 14}
    assert found["locations"][0]["logicalLocations"] == [{"fullyQualifiedName": "/app/key"}]
    (found,) = results([made_finding(place=PathPlace("app/key", 3))])
    physical = found["locations"][0]["physicalLocation"]
    assert physical["artifactLocation"] == {"uri": "app/key", "uriBaseId": "IMAGE"}
    assert physical["region"] == {"startLine": 3}
    for other in (StepPlace(1), ConfigPlace("User")):
        (found,) = results([made_finding(place=other)])
        assert found["locations"][0]["physicalLocation"]["artifactLocation"] == {"uri": "shop%3Adev"}


def test_fingerprints_are_stable() -> None:
    """Another layer, line or step has the same fingerprint; another path, name or setting has another."""

    def prints(*findings: Finding) -> list[str]:
        return [each["partialFingerprints"]["primaryLocationLineHash"] for each in results(list(findings))]

    first = made_finding(place=PathPlace("a", 1), layer=1)
    moved = made_finding(place=PathPlace("a", 9), layer=4, hidden_in=5)
    assert prints(first) == prints(moved)
    assert prints(made_finding(place=StepPlace(1))) == prints(made_finding(place=StepPlace(7)))
    others = [made_finding("b"), made_finding(place=PathPlace("b")), made_finding(place=ConfigPlace("a"))]
    assert len({*prints(first, moved, *others)}) == 5


def test_the_base_is_suppressed() -> None:
    """A result of the base is suppressed, with the reason."""
    (found,) = results([made_finding(is_base=True)])
    assert found["suppressions"][0]["justification"] == "It is of the base image."


def test_github_accepts_many_findings(monkeypatch: pytest.MonkeyPatch) -> None:
    """Results above GitHub's limit are left out with their rules, and a warning counts them."""
    assert sarif._MAX_RESULTS == 25_000
    monkeypatch.setattr(sarif, "_MAX_RESULTS", 2)
    run = document([made_finding(f"CVE-{number}") for number in range(5)])["runs"][0]
    assert (len(run["results"]), len(run["tool"]["driver"]["rules"])) == (2, 2)
    (warning,) = run["invocations"][0]["toolExecutionNotifications"]
    assert warning["message"]["text"] == "3 more results are left out"


def test_hostile_names() -> None:
    """Bytes of a path are escaped in its address, and texts have no link, no placeholder and no control character."""
    evil = printable("[click](https://evil.example) {0} %0A\n\x1b\u202e")
    finding = made_finding(evil, title=evil, why=evil, do=evil, place=PathPlace(HOSTILE_PATH))
    (found,) = results([finding], Image(REFERENCE, "", ()))
    uri = found["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
    assert re.fullmatch(r"[A-Za-z0-9_.~/%-]+", uri)
    assert unquote_to_bytes(uri) == HOSTILE_PATH.encode(errors="surrogateescape")
    text = found["message"]["text"]
    assert "](" not in text
    assert re.findall(r"\{+0", text) == ["{{0"] * 3
    assert not re.search(r"[\x00-\x1f\u202e]", text)


@pytest.mark.parametrize("path", ["//evil.example/x", "javascript:alert(1)", "../x", "\ud800", ""])
def test_addresses_are_relative(path: str) -> None:
    """No path becomes the address of another host, or one with a scheme."""
    (found,) = results([made_finding(place=PathPlace(path))])
    parts = urlsplit(found["locations"][0]["physicalLocation"]["artifactLocation"]["uri"])
    assert (parts.scheme, parts.netloc, parts.query, parts.fragment) == ("", "", "", "")


@given(st.text(alphabet=st.characters(codec=None, exclude_categories=())))
def test_any_name_is_valid(name: str) -> None:
    """The document is valid, and in ASCII, for every path, reference and name of a setting."""
    found = [made_finding(place=PathPlace(name)), made_finding(place=ConfigPlace(name))]
    image = Image(name, name, ())
    for place in (DockerfilePlace(name, 1, 1), None):
        document(found, image, place, name)
