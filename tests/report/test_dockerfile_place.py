"""The lines of the Dockerfile that findings and layers are from."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from explorer.analysis.dockerfile.parse import parse_dockerfile
from explorer.analysis.findings.finding import ConfigPlace, PathPlace, Place, StepPlace
from explorer.report.dockerfile_place import finding_place, layer_place, misfit_words
from tests.analysis.findings.made_findings import made_finding
from tests.images import explored_layers, file, layer

if TYPE_CHECKING:
    from pathlib import Path

    from explorer.pipeline import Exploration

TEXT = """\
# A comment.
FROM scratch
COPY a \\
  /a
ENV TOKEN=x OTHER=y
RUN rm /a
"""
HISTORY = [
    {"created_by": "COPY a /a # buildkit", "comment": "buildkit.dockerfile.v0"},
    {"created_by": "ENV TOKEN=x OTHER=y", "comment": "buildkit.dockerfile.v0", "empty_layer": True},
    {"created_by": "RUN /bin/sh -c rm /a # buildkit", "comment": "buildkit.dockerfile.v0"},
]


@pytest.fixture
def built(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Exploration:
    """An image with its Dockerfile in a directory of the repository, which is the current one."""
    (tmp_path / ".git").mkdir()
    (tmp_path / "docker").mkdir()
    monkeypatch.chdir(tmp_path / "docker")
    monkeypatch.delenv("GITHUB_WORKSPACE", raising=False)
    found = explored_layers(tmp_path, layer(file("a", b"a")), layer(file("b", b"b")), history=HISTORY)
    return replace(found, given_dockerfile=parse_dockerfile(TEXT, "./Dockerfile"))


@pytest.mark.parametrize(
    ("place", "layer_number", "lines"),
    [
        (PathPlace("a"), 0, (3, 4)),
        (PathPlace("b"), 1, (6, 6)),
        (StepPlace(2), None, (6, 6)),
        (ConfigPlace("Env.TOKEN"), None, (5, 5)),
        (ConfigPlace("User"), None, (2, 2)),
        (StepPlace(99), None, None),
    ],
)
def test_findings(built: Exploration, place: Place, layer_number: int | None, lines: tuple[int, int] | None) -> None:
    """A file is at the lines of its layer, a setting at those of its step, and one that no step sets at FROM."""
    found = finding_place(built, made_finding(place=place, layer=layer_number))
    assert (found and found[1:]) == lines


def test_paths_are_from_the_root_of_the_repository(
    built: Exploration, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A path is relative to the repository, or to the checkout that GitHub names; one outside stays as it is."""

    def name() -> str | None:
        place = layer_place(built, 0)
        return place and place.file

    assert name() == "docker/Dockerfile"
    monkeypatch.setenv("GITHUB_WORKSPACE", str(tmp_path / "docker"))
    assert name() == "Dockerfile"
    monkeypatch.setenv("GITHUB_WORKSPACE", "/elsewhere")
    assert name() == "./Dockerfile"


def test_a_dockerfile_of_another_image_has_no_lines(built: Exploration) -> None:
    """If the Dockerfile does not fit, no finding has lines, and the reason is known."""
    other = replace(built, given_dockerfile=parse_dockerfile("FROM scratch\nCOPY x /y\n", "Dockerfile"))
    assert finding_place(other, made_finding(layer=0)) is None
    assert layer_place(other, 0) is None
    assert misfit_words(other).startswith("Dockerfile does not fit the image: ")
    assert misfit_words(built) == ""
