"""The table of all practices."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from explorer.analysis.findings.finding import (
    ConfigPlace,
    Finding,
    FindingKind,
    PathPlace,
    Place,
    Severity,
)
from explorer.analysis.findings.practices.own_steps import own_steps
from explorer.analysis.findings.practices.practices import FINDERS, PRACTICES, besides_secrets
from explorer.model import HistoryStep
from tests.analysis.findings.practices.cases import findings, run
from tests.images import file, layer


def test_ids() -> None:
    """Each practice has an ID of its own, which can be an argument, and a title and a remedy."""
    names = [practice.id for practice in PRACTICES]
    assert sorted(names) == sorted(FINDERS)
    assert all(re.fullmatch("[a-z]+(-[a-z]+)*", name) for name in names)
    assert all(practice.title[0].isupper() for practice in PRACTICES)
    assert max(len(practice.title) for practice in PRACTICES) <= 42
    assert all(practice.do.endswith(".") for practice in PRACTICES)


def test_the_readme_names_each_practice() -> None:
    """The README's table has each practice once."""
    readme = (Path(__file__).parents[4] / "README.md").read_text()
    table = readme.partition("| about | practices |")[2].partition("\n\n")[0]
    assert sorted(re.findall("`([a-z-]+)`", table)) == sorted(practice.id for practice in PRACTICES)


def test_a_good_image(tmp_path: Path) -> None:
    """An image that keeps all practices has no finding."""
    assert findings(tmp_path, [run("make")], [layer(file("srv/app", b"x", mode=0o755))]) == []


def _finding(rule: str, place: Place, layer: int | None) -> Finding:
    return Finding(rule, FindingKind.PRACTICE, Severity.LOW, "", place, layer, "", "")


@pytest.mark.parametrize(
    ("practice", "is_left"),
    [
        (_finding("secret-variable", ConfigPlace("Env.A"), None), False),
        (_finding("secret-variable", ConfigPlace("Env.B"), None), True),
        (_finding("build-only-variable", ConfigPlace("Env.A"), None), True),
        (_finding("credential-file", PathPlace("a"), 1), False),
        (_finding("credential-file", PathPlace("a"), 2), True),
        (_finding("context-files", PathPlace("a"), 1), True),
    ],
)
def test_what_the_search_for_secrets_answers(practice: Finding, is_left: bool) -> None:
    """A variable with a secret, and a file that was searched, are not reported by their names, too."""
    assert bool(besides_secrets([practice], [ConfigPlace("Env.A")], {2})) is is_left


_DAY = "2026-01-{:02}T00:00:00Z"


@pytest.mark.parametrize(
    ("days", "first"),
    [((1, 1, 20, 20), 2), ((1, 1, 1, 20), 3), ((1, 20, 20, 20), 1), ((1, 1, 1, 1), 3), ((1, 10, 11, 20), 2)],
)
def test_steps_between_the_base_and_the_first_layer(days: tuple[int, ...], first: int) -> None:
    """A step without a layer is of the base unless its date is nearer to the steps above."""
    layers = (0, None, None, 1)
    history = [HistoryStep("CMD x", _DAY.format(day), layer=number) for day, number in zip(days, layers, strict=True)]
    assert own_steps(history, 1)[0].number == first


def test_steps_after_the_comment_of_buildah() -> None:
    """The comment that names the base is at the first step above it."""
    history = [
        HistoryStep("ADD", layer=0),
        HistoryStep("CMD"),
        HistoryStep("CMD", comment="FROM 0123456789ab"),
        HistoryStep("ENV", comment="FROM x:1"),
        HistoryStep("RUN", layer=1),
    ]
    assert [step.number for step in own_steps(history, 1)] == [3, 4]
    assert [step.number for step in own_steps(history, 0)] == [0, 1, 2, 3, 4]
