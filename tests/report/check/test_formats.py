"""The formats of a verdict: their readers can parse them, and no text in an image can disturb them."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from explorer.gate.judge import judge
from explorer.gate.limits import Status
from explorer.gate.rules import RawSetting, resolve_rules
from explorer.report.check import Check, words
from explorer.report.check.as_text import check_text
from explorer.report.check.formats import FORMATS
from explorer.report.page import Page
from explorer.text.printable import encodable, printable
from tests.hostile import NAMES, REFERENCE, assert_golden, failing, hostile_exploration, passing
from tests.images import docker_archive, explored, file, image, layer, whiteout
from tests.markdown_reading import assert_harmless, inline, tables

ENDINGS = {"text": "txt", "json": "json", "markdown": "md", "junit": "xml", "github": "github.txt", "sarif": "sarif"}
PAGE = Page()
XSD = Path(__file__).parents[2] / "schemas" / "junit.xsd"


@pytest.fixture(scope="module")
def verdicts(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Check]:
    """Verdicts on a hostile image."""
    exploration = hostile_exploration(tmp_path_factory.mktemp("hostile"))
    return {"fail": failing(exploration), "pass": passing(exploration)}


@pytest.fixture
def failed(verdicts: dict[str, Check]) -> Check:
    """A verdict with rules that fail, pass and are off."""
    return verdicts["fail"]


@pytest.mark.parametrize("name", ENDINGS)
@pytest.mark.parametrize("verdict", ["fail", "pass"])
def test_every_format_is_as_it_was(verdicts: dict[str, Check], verdict: str, name: str) -> None:
    """A verdict in each format equals the golden file, each time it is written."""
    text = FORMATS[name](verdicts[verdict], PAGE)
    assert_golden(f"check-{verdict}.{ENDINGS[name]}", text)
    assert text == FORMATS[name](verdicts[verdict], PAGE)


def test_every_format_is_tested() -> None:
    """Each format has a golden file."""
    assert set(ENDINGS) == set(FORMATS)


def test_the_hostile_verdict_has_all_outcomes(failed: Check) -> None:
    """The golden files show rules that fail, pass and are off."""
    assert {outcome.status for outcome in failed.judgement.outcomes} == set(Status)


@pytest.mark.parametrize("name", ENDINGS)
def test_no_format_lets_control_characters_through(failed: Check, name: str) -> None:
    """Apart from newlines, the output has no control characters, no direction marks and no broken Unicode."""
    text = FORMATS[name](failed, PAGE)
    text.encode()
    assert text.endswith("\n")
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]", text)


def junit(check: Check) -> ET.Element:
    """Returns the document as Python's parser reads it."""
    return ET.fromstring(FORMATS["junit"](check, PAGE))


@pytest.mark.parametrize("verdict", ["fail", "pass"])
def test_junit_is_valid(verdicts: dict[str, Check], verdict: str) -> None:
    """A strict parser accepts the XML, and it has the form that Jenkins, GitLab and GitHub Actions expect."""
    etree.XMLSchema(etree.parse(XSD)).assertValid(etree.fromstring(FORMATS["junit"](verdicts[verdict], PAGE).encode()))


@pytest.mark.parametrize(
    "document",
    [
        "<testsuite/>",
        "<testsuites><testsuite name='a'><testcase name='b'/></testsuite></testsuites>",
        "<testsuites><testsuite name='a' tests='many'/></testsuites>",
        "<testsuites><testsuite name='a'><system-out/><testcase name='b' classname='c'/></testsuite></testsuites>",
    ],
)
def test_what_is_no_junit_is_refused(document: str) -> None:
    """The schema of the tests rejects invalid documents."""
    assert not etree.XMLSchema(etree.parse(XSD)).validate(etree.fromstring(document))


def test_junit_has_a_case_for_each_rule(failed: Check) -> None:
    """Each rule is a test case that failed, was skipped or passed, and the counts match."""
    root = junit(failed)
    cases = {case.get("name"): [part.tag for part in case] for case in root.iter("testcase")}
    expected = {Status.PASS: [], Status.FAIL: ["failure"], Status.SKIP: ["skipped"]}
    outcomes = failed.judgement.outcomes
    assert cases == {outcome.name: expected[outcome.status] for outcome in outcomes}
    for element in (root, *root.iter("testsuite")):
        assert element.get("tests") == str(len(outcomes))
        assert element.get("failures") == str(sum(parts == ["failure"] for parts in cases.values()))
        assert element.get("skipped") == str(sum(parts == ["skipped"] for parts in cases.values()))


def test_junit_failures_name_the_paths(failed: Check) -> None:
    """A failure has the figure, the limit, and the files that cause it."""
    failure = junit(failed).find(".//testcase[@name='forbidden-paths']/failure")
    assert failure is not None
    assert (failure.get("type"), failure.get("message")) == ("forbidden-paths", "found 11 paths; allowed none")
    assert f"/d/{NAMES[0]}  (shipped by layer 1, removed by layer 2)" in (failure.text or "")


def test_junit_tells_the_whole_verdict(failed: Check) -> None:
    """The standard output of the suite is the verdict for people; characters that XML cannot hold are escaped."""
    root = junit(failed)
    text = check_text(failed).replace("\ufffe", "\\ufffe").replace("\uffff", "\\uffff")
    assert root.findtext(".//system-out") == text
    assert "\\ufffe" in text
    suite = root.find("testsuite")
    assert suite is not None
    assert suite.get("name") == printable(REFERENCE)


class Command(NamedTuple):
    """A command that a runner of GitHub Actions executes."""

    name: str
    title: str
    message: str


def commands_in(log: str) -> list[Command]:
    """Returns the commands in a log as the runner finds them: in both syntaxes, unless they are paused."""
    found, pause = [], ""
    for line in re.split(r"\r\n|\r|\n", log):
        new = re.match(r"\s*::([\w-]+)(?: (.*?))?::(.*)", line) or re.match(r"\s*::(\w+)()::()", line)
        old = re.search(r"##\[([\w-]+)(.*?)\](.*)", line)
        match = new or old
        if pause:
            pause = "" if match and match[1] == pause else pause
        elif match and match[1] == "stop-commands":
            pause = match[3]
        elif match:
            properties = dict(each.split("=", 1) for each in (match[2] or "").split(",") if "=" in each)
            found.append(Command(match[1], _unescaped(properties.get("title", "")), _unescaped(match[3])))
    assert not pause, "commands are stopped for whatever comes next"
    return found


def _unescaped(text: str) -> str:
    for escape, character in (("%0D", "\r"), ("%0A", "\n"), ("%3A", ":"), ("%2C", ","), ("%25", "%")):
        text = text.replace(escape, character)
    return text


def test_github_has_one_annotation_for_each_rule_that_fails_or_is_off(failed: Check) -> None:
    """Errors and notices are those of the rules, in order; one warning lists problems."""
    kinds = {Status.FAIL: "error", Status.SKIP: "notice"}
    expected = [
        (kinds[outcome.status], f"layer-explorer: {outcome.name}")
        for outcome in failed.judgement.outcomes
        if outcome.status in kinds
    ]
    expected.append(("warning", "layer-explorer: problems"))
    found = commands_in(FORMATS["github"](failed, PAGE))
    assert [(command.name, command.title) for command in found] == expected
    assert len([command for command in found if command.name == "error"]) <= 10


def test_github_messages_are_what_was_found(failed: Check) -> None:
    """A message has the limit, its origin, and a line for each path, with percent signs intact."""
    by_title = {command.title: command.message for command in commands_in(FORMATS["github"](failed, PAGE))}
    lines = by_title["layer-explorer: forbidden-paths"].split("\n")
    assert lines[0] == "found 11 paths; allowed none [--forbidden-paths]"
    assert lines[1].startswith("Fix, 12 kB: Delete the files in the RUN that makes them")
    assert lines[2] == "With this fix: 0 paths, passes"
    assert lines[3] == "At fault:"
    assert [line.partition("/")[2].partition("  (")[0] for line in lines[4:-1]] == [
        f"d/{printable(name)}" for name in NAMES[:10]
    ]
    assert lines[-1] == "and 1 more"
    assert "allowed at least 90 %" in by_title["layer-explorer: lowest-efficiency"]


def test_github_ends_with_the_verdict_for_the_log(failed: Check) -> None:
    """The verdict for people follows the annotations, and the runner finds no commands in it."""
    text = check_text(failed)
    assert commands_in(text)
    assert text in FORMATS["github"](failed, PAGE)


def test_github_says_when_all_is_well(verdicts: dict[str, Check]) -> None:
    """A passed verdict is a notice with the figures."""
    found = commands_in(FORMATS["github"](verdicts["pass"], PAGE))
    assert [command.name for command in found] == ["notice", "warning", "notice"]
    assert found[-1].title == f"layer-explorer: {printable(REFERENCE)}"
    assert found[-1].message.startswith("PASS: 1 rule passed\n3 layers, ")


@pytest.mark.parametrize("verdict", ["fail", "pass"])
def test_markdown_is_harmless(verdicts: dict[str, Check], verdict: str) -> None:
    """Nothing from an image becomes HTML, a link, a mention, a picture or a cell of a table."""
    assert_harmless(FORMATS["markdown"](verdicts[verdict], PAGE))


def test_markdown_shows_names_as_they_are(failed: Check) -> None:
    """Code spans show the printable names exactly."""
    text = FORMATS["markdown"](failed, PAGE)
    code = [piece.content for piece in inline(text) if piece.type == "code_inline"]
    assert code[0] == printable(REFERENCE)
    assert len([name for name in NAMES if f"/d/{printable(name)}" in code]) >= 10
    rules, layers, forbidden, wasted = tables(text)
    assert [row[:2] for row in rules[1:]] == [[each.status.name, each.name] for each in failed.judgement.outcomes]
    assert (len(layers), len(forbidden), len(wasted)) == (4, 11, 11)
    assert wasted[0] == ["Size", "Path", "Cause", "Shipped by layer", "Hidden by layer"]


def test_markdown_fits_a_comment(failed: Check) -> None:
    """With long names and commands the comment stays below GitHub's limit of 65,536 characters."""
    image_ = failed.exploration.image
    long = replace(failed.exploration, image=replace(image_, reference="r" * 2000))
    wasted = tuple(waste._replace(path="`" * 100_000) for waste in failed.judgement.account.wasted)
    account = replace(failed.judgement.account, wasted=wasted)
    case = failed.judgement.case._replace(account=account)
    check = replace(failed, exploration=long, judgement=replace(failed.judgement, case=case))
    assert len(FORMATS["markdown"](check, PAGE)) < 65_536
    assert_harmless(FORMATS["markdown"](check, PAGE))


def test_json_tells_every_rule(failed: Check) -> None:
    """JSON has the numbers that the other formats have in words."""
    found = json.loads(FORMATS["json"](failed, PAGE))
    by_rule = {rule["rule"]: rule for rule in found["rules"]}
    assert found["verdict"] == "fail"
    assert [path["path"] for path in by_rule["forbidden-paths"]["paths"]] == [f"/d/{encodable(name)}" for name in NAMES]
    account = found["account"]
    counted = account["shipped_bytes"] - account["base_waste_bytes"]
    assert account["efficiency"] == pytest.approx(1 - account["wasted_bytes"] / counted)
    assert found["account"]["ignored_paths"] == ["kept`|<b>@octocat", "*.log"]


def test_an_image_without_layers_has_a_verdict_in_every_format(tmp_path: Path) -> None:
    """An image that ships nothing wastes nothing, in words too."""
    path = tmp_path / "empty.tar"
    path.write_bytes(docker_archive(image()))
    found, rules = explored(path), resolve_rules()
    check = Check(found, rules, judge(found.tree, found.usage, tuple, rules, None, None))
    texts = {name: write(check, PAGE) for name, write in FORMATS.items()}
    assert "0 layers, nothing shipped" in texts["text"]
    assert_harmless(texts["markdown"])
    assert [case.get("name") for case in junit(check).iter("testcase")] == [
        "lowest-efficiency",
        "highest-user-wasted-percent",
    ]


def test_rounding_hides_no_waste(tmp_path: Path) -> None:
    """An image that wastes a small share is not shown as 100 % efficient."""
    path = tmp_path / "image.tar"
    path.write_bytes(docker_archive(image(layer(file("a", b"a" * 1_000_000), file("b", b"b")), layer(whiteout("b")))))
    found, rules = explored(path), resolve_rules()
    check = Check(found, rules, judge(found.tree, found.usage, tuple, rules, None, None))
    assert "99.9999 % efficient" in check_text(check)


@pytest.mark.parametrize("name", ENDINGS)
def test_the_kinds_of_disposable_files_are_named(tmp_path: Path, name: str) -> None:
    """A rule about disposable bytes that fails names the largest kinds with their places, in every format."""
    path = tmp_path / "image.tar"
    doc = [file(f"usr/share/doc/{number}", b"a" * 50) for number in range(2)]
    path.write_bytes(docker_archive(image(layer(*doc, file("tmp/x", b"a")))))
    found, rules = explored(path), resolve_rules({"highest-disposable-bytes": RawSetting(100, "--option")})
    check = Check(found, rules, judge(found.tree, found.usage, lambda: found.disposables, rules, None, None))
    text = FORMATS[name](check, PAGE)
    if name == "json":
        (rule,) = json.loads(text)["rules"]
        assert rule["disposables"][0] == {
            "kind": "documentation",
            "name": "documentation",
            "bytes": 100,
            "files": 2,
            "directory": "/usr/share/doc",
        }
    elif name == "markdown":
        _, kinds, *_ = tables(text)
        assert kinds[1:] == [
            ["100 B", "documentation", "2", "/usr/share/doc"],
            ["1 B", "temporary files", "1", "/tmp"],
        ]
    else:
        assert "   100 B  documentation  (2 files, most in /usr/share/doc)" in text


@pytest.mark.parametrize(
    ("waste", "limit", "shown"),
    [
        (287, "90%", "71 %"),
        (104, "10%", "90 %"),
        (104, "90%", "89.6 %"),
        (100, "90%", "90 %"),
        (1, "100%", "99.9 %"),
        (3, "90%", "99.7 %"),
        (996, "1%", "0.4 %"),
    ],
)
def test_a_share_has_the_decimals_that_its_limit_needs(tmp_path: Path, waste: int, limit: str, shown: str) -> None:
    """A share has no decimals, unless it would look like its limit, or like all or nothing."""
    path = tmp_path / "image.tar"
    layers = layer(file("a", b"a" * (1000 - waste)), file("b", b"b" * waste)), layer(whiteout("b"))
    path.write_bytes(docker_archive(image(*layers)))
    found, rules = explored(path), resolve_rules({"lowest-efficiency": RawSetting(limit, "--option")})
    check = Check(found, rules, judge(found.tree, found.usage, tuple, rules, None, None))
    assert words.found(check.judgement.outcomes[0]) == shown


def test_a_vast_share_is_not_exact(tmp_path: Path) -> None:
    """If the user's layers ship nearly nothing and hide much, their share says no more than that it is vast."""
    path = tmp_path / "image.tar"
    path.write_bytes(docker_archive(image(layer(file("a", b"a" * 1000)), layer(whiteout("a"), file("b", b"b")))))
    found, rules = explored(path), resolve_rules({"highest-user-wasted-percent": RawSetting("10%", "--option")})
    check = Check(found, rules, judge(found.tree, found.usage, tuple, rules, None, None))
    assert "over 1,000 %  at most 10 %" in check_text(check)


@given(st.text())
def test_any_name_survives_junit(name: str) -> None:
    """The document can be parsed for every name of a rule's origin."""
    ET.fromstring(FORMATS["junit"](_named(name), PAGE))


@given(st.text())
def test_any_name_is_no_command(name: str) -> None:
    """The runner finds only the intended commands for every name of a rule's origin."""
    assert [command.name for command in commands_in(FORMATS["github"](_named(name), PAGE))] == ["notice", "notice"]


@given(st.text(alphabet=st.one_of(st.sampled_from("`|\\ @<:[]*_&\n"), st.characters())))
def test_any_name_is_harmless_in_markdown(name: str) -> None:
    """A rule's origin of any name is in its cell, as code, exactly."""
    name = f"/{name}/"
    text = FORMATS["markdown"](_named(name), PAGE)
    assert_harmless(text)
    assert printable(name) in [piece.content for piece in inline(text) if piece.type == "code_inline"]


def _named(origin: str) -> Check:
    """Returns a verdict on an empty image, with a disabled rule of some origin."""
    from explorer.analysis.waste import byte_usage
    from explorer.model import Image
    from explorer.pipeline import Exploration
    from tests.images import merged

    tree = merged()
    exploration = Exploration(Image("made", "", ()), tree, byte_usage(tree), ())
    rules = resolve_rules({"most-layers": RawSetting("off", origin)})
    return Check(exploration, rules, judge(tree, exploration.usage, tuple, rules, None, None))


@pytest.fixture(scope="module")
def damaged(tmp_path_factory: pytest.TempPathFactory) -> Check:
    """A verdict on an image whose configuration is damaged, and which all rules pass."""
    passed = passing(hostile_exploration(tmp_path_factory.mktemp("damaged")))
    image = replace(passed.exploration.image, damage=("the configuration has another digest",))
    return replace(passed, exploration=replace(passed.exploration, image=image))


@pytest.mark.parametrize("name", ENDINGS)
def test_every_format_has_the_damage(damaged: Check, name: str) -> None:
    """A verdict on a damaged image lists the damage, and ends with it although all rules pass."""
    text = FORMATS[name](damaged, PAGE)
    assert "the configuration has another digest" in text
    assert ("DAMAGED: 1 rule passed; the image is damaged" in text) == (name != "json")
    allowed = FORMATS[name](replace(damaged, allows_damage=True), PAGE)
    assert ("PASS: 1 rule passed; the image is damaged" in allowed) == (name != "json")


def test_damage_is_an_error_unless_it_is_allowed(damaged: Check) -> None:
    """JUnit and GitHub show damage as an error; if it is allowed, as none and as a warning."""
    allowed = replace(damaged, allows_damage=True)
    kinds = [
        {each.title: each.name for each in commands_in(FORMATS["github"](check, PAGE))} for check in (damaged, allowed)
    ]
    assert [kind["layer-explorer: damage"] for kind in kinds] == ["error", "warning"]
    assert [len(junit(check).findall(".//testcase[@name='damage']/error")) for check in (damaged, allowed)] == [1, 0]
    etree.XMLSchema(etree.parse(XSD)).assertValid(etree.fromstring(FORMATS["junit"](damaged, PAGE).encode()))


def test_problems_of_the_image_are_listed(damaged: Check) -> None:
    """The problems of the image's documents stand before those of its layers."""
    image = replace(damaged.exploration.image, problems=("the history is odd",))
    check = replace(damaged, exploration=replace(damaged.exploration, image=image))
    assert "missed these\n  the history is odd\n  layer 1: " in check_text(check)
