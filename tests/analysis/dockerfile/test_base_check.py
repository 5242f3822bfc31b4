"""The steps between the base and the lines of a Dockerfile."""

from __future__ import annotations

from dataclasses import replace

import pytest

from explorer.analysis.base.base import Base, Evidence
from explorer.analysis.dockerfile.map_steps import map_steps
from explorer.analysis.dockerfile.parse import parse_dockerfile
from tests.analysis.dockerfile.histories import history

_STEPS = history("+ /bin/sh -c #(nop) ADD file:aa in /\n- CMD bash\n+ /bin/sh -c a\n+ /bin/sh -c b\n")
_BASE = Base(1, "docker.io/library/debian:12", "", Evidence.KNOWN_IMAGE, True, "")
_PROBLEM = "no line made step 3 of the image, which is above its base: RUN a"


def _problem(text: str, base: Base | None, steps: str = "") -> str:
    made = history(steps) if steps else _STEPS
    return map_steps(parse_dockerfile(text, "Dockerfile"), made, base).problem


def test_a_step_above_the_base_without_a_line_is_named() -> None:
    """A Dockerfile that lost its first lines does not fit an image whose base is known by its name."""
    assert _problem("FROM debian:12\nRUN b\n", _BASE) == _PROBLEM
    assert _problem("FROM debian:12@sha256:aa\nRUN b\n", _BASE) == _PROBLEM
    assert _problem("FROM debian:12\nRUN a\nRUN b\n", _BASE) == ""


@pytest.mark.parametrize(
    "base",
    [None, replace(_BASE, exact=False), replace(_BASE, name="debian:11"), replace(_BASE, layers=None)],
)
def test_another_base_proves_nothing(base: Base | None) -> None:
    """A base that is a guess, of another name, or without an end proves no missing line."""
    assert _problem("FROM debian:12\nRUN b\n", base) == ""


def test_without_a_certain_base_the_lines_of_from_are_a_doubt() -> None:
    """The remark stands until it is proven that the base has all layers of FROM."""
    lost = parse_dockerfile("FROM debian:12\nRUN b\n", "Dockerfile")
    whole = parse_dockerfile("FROM debian:12\nRUN a\nRUN b\n", "Dockerfile")
    for base in (None, replace(_BASE, exact=False), replace(_BASE, name="debian:11")):
        assert "the base is not certain" in map_steps(lost, _STEPS, base).remark
    assert map_steps(whole, _STEPS, _BASE).remark == ""


def test_a_base_may_ask_for_steps_of_its_own() -> None:
    """Steps that ONBUILD of the base asks for are of its FROM."""
    steps = "+ /bin/sh -c #(nop) ADD file:aa in /\n- /bin/sh -c #(nop) ONBUILD RUN a\n+ /bin/sh -c a\n+ /bin/sh -c b"
    assert _problem("FROM debian:12\nRUN b\n", _BASE, steps) == ""
