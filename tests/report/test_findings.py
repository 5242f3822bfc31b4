"""The list of findings, in every format."""

from __future__ import annotations

import json
import re

import pytest

from explorer.analysis.findings.finding import FindingKind, PathPlace, Severity
from explorer.analysis.findings.image_findings import ImageFindings
from explorer.report.dockerfile_place import DockerfilePlace
from explorer.report.findings import as_text
from explorer.report.findings_json import as_json
from explorer.report.findings_markdown import as_markdown
from explorer.report.page import Page, cells
from tests.analysis.findings.made_findings import made_finding, made_findings
from tests.hostile import REFERENCE, assert_golden
from tests.markdown_reading import assert_harmless, tables

FOUND = ImageFindings(made_findings(), [(None, "a layer is not there"), (1, "/x is too large")])
OWN = [each for each in FOUND.findings if not each.is_base]


def text(page: Page = Page(), rows: list = OWN) -> str:  # type: ignore[type-arg]  # noqa: B008
    """Returns the text of a list."""
    return "\n".join(as_text(rows, FOUND, page)) + "\n"


def test_every_format_is_as_it_was() -> None:
    """A list in each format equals the golden file."""
    assert_golden("findings.txt", text())
    assert_golden("findings.json", as_json(FOUND.findings, FOUND))
    assert_golden("findings.md", as_markdown(OWN, FOUND, REFERENCE))


@pytest.mark.parametrize("width", [40, 80, 100, 200])
def test_lines_fit_the_terminal(width: int) -> None:
    """No line is wider than the terminal, and only a terminal with colours has escape sequences."""
    plain = text(Page(width, is_terminal=True))
    assert max(map(cells, plain.splitlines())) <= width
    assert "\x1b" not in plain
    assert re.sub(r"\x1b\[[0-9;]*m", "", text(Page(width, is_terminal=True, has_colours=True))) == plain


def test_lines_of_the_dockerfile_are_named() -> None:
    """Each format has the lines of the Dockerfile, if they are known."""
    one = [made_finding()]
    found, place = ImageFindings(one), DockerfilePlace("docker/Dockerfile", 12, 14)
    lines = "\n".join(as_text(one, found, Page(), lambda _: place))
    assert "/app/key  (docker/Dockerfile:12-14, layer 1, visible)" in lines
    assert "`docker/Dockerfile:12-14`" in as_markdown(one, found, "x", lambda _: place)
    (document,) = json.loads(as_json(one, found, lambda _: place))["findings"]
    assert document["dockerfile"] == {"file": "docker/Dockerfile", "first_line": 12, "last_line": 14}
    assert str(DockerfilePlace("a\n", 3, 3)) == "a\\n:3"


def test_the_number_of_listed_findings() -> None:
    """If options leave out findings, the first line has the number of those listed."""
    assert text(rows=OWN[:2]).startswith("5 findings: 2 critical, 2 high, 1 medium; 2 of them listed\n")
    assert "listed\n" not in text()


def test_equal_findings_are_grouped() -> None:
    """Findings of one rule share a title and a remedy, and at most ten places are listed."""
    many = [made_finding(place=PathPlace(f"k{number}")) for number in range(12)]
    shown = "\n".join(as_text(many, ImageFindings(many), Page()))
    assert (shown.count("A private key"), shown.count("Do: "), shown.count("  (layer 1, visible)")) == (1, 1, 10)
    assert "and 2 more" in shown
    assert shown.startswith("12 findings: 12 high\n")


def test_the_base_is_counted_apart() -> None:
    """The numbers are of the findings above the base; one line counts those of the base, unless they are listed."""
    assert "5 findings: 2 critical, 2 high, 1 medium" in text()
    assert "The base has 1 finding: 1 low. --with-base lists them." in text()
    assert "--with-base" not in text(rows=list(FOUND.findings))


def test_markdown_is_harmless_and_fits_a_comment() -> None:
    """No text of an image becomes markup, and thousands of findings fit a comment on GitHub."""
    assert_harmless(as_markdown(FOUND.findings, FOUND, REFERENCE))
    many = [
        made_finding(
            f"CVE-{number}", FindingKind.VULNERABILITY, why="|`" * 5000, do="<" * 5000, place=PathPlace("|" * 900)
        )
        for number in range(1000)
    ]
    comment = as_markdown(many, ImageFindings(many), "r" * 5000)
    assert len(comment) < 65_536
    assert re.search(r"\nAnd \d+ more findings\.\n", comment)
    (rows,) = tables(as_markdown(OWN, FOUND, REFERENCE))
    assert [row[0] for row in rows[1:]] == ["critical", "high", "high", "medium"]


def test_json_has_valid_unicode() -> None:
    """Names that are not UTF-8 are escaped, and counts do not depend on the listed findings."""
    document = json.loads(as_json([], FOUND).encode("ascii"))
    assert document["counts"] == {"critical": 2, "high": 2, "medium": 1, "low": 0, "info": 0}
    assert document["base_counts"]["low"] == 1
    assert document["complete"] is False
    paths = [each["place"].get("path", "") for each in json.loads(as_json(OWN, FOUND))["findings"]]
    assert any(path.startswith("/d/\\xff|`<b>\n") for path in paths)


def test_no_findings() -> None:
    """A list without findings says so, and JSON is complete."""
    none = ImageFindings([])
    assert list(as_text([], none, Page())) == ["No findings"]
    assert json.loads(as_json([], none))["complete"] is True
    assert {each.value for each in Severity} == set(json.loads(as_json([], none))["counts"])
