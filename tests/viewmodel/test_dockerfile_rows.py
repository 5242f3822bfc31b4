"""The lines of the Dockerfile with the figures of their instructions."""

from __future__ import annotations

import pytest

from explorer.analysis.dockerfile.instruction_usage import instruction_usage
from explorer.analysis.dockerfile.map_steps import map_steps
from explorer.analysis.dockerfile.parse import parse_dockerfile
from explorer.viewmodel.dockerfile_rows import DockerfileRows, dockerfile_rows
from tests.analysis.dockerfile.histories import history

_TEXT = """\
ARG BASE=debian
FROM golang AS build
# builds
RUN make

FROM ${BASE}
RUN apt-get update && \\
\t# in between
    true
ENV A=1
COPY a /
"""
_HISTORY = """
+ /bin/sh -c #(nop) ADD file:aa in /
+ /bin/sh -c #(nop) ADD file:bb in /
+ /bin/sh -c apt-get update &&     true
- /bin/sh -c #(nop)  ENV A=1
+ /bin/sh -c #(nop) COPY file:cc in /
"""


def lines(text: str = _TEXT, steps: str = _HISTORY) -> DockerfileRows:
    mapped = map_steps(parse_dockerfile(text, "Dockerfile"), history(steps))
    usages = () if mapped.problem else instruction_usage(mapped, history(steps), (), ())
    return dockerfile_rows(mapped, usages)


def test_a_line_has_its_instruction() -> None:
    """Each line of an instruction has its figures, and the first alone shows them; comments have none."""
    rows = lines().rows
    assert [row.number for row in rows if row.usage is not None] == [1, 2, 4, 6, 7, 8, 9, 10, 11]
    assert [row.number for row in rows if row.first_usage is not None] == [1, 2, 4, 6, 7, 10, 11]
    assert rows[6].usage is rows[8].usage


def test_stages_that_are_not_in_the_image() -> None:
    """Lines of another stage are dim, with its comments, but not those before the first stage."""
    assert [row.number for row in lines().rows if not row.is_in_image] == [2, 3, 4, 5]


@pytest.mark.parametrize(
    ("index", "selected", "layer"), [(5, 0, 0), (5, 1, 1), (5, 3, 1), (6, 0, 2), (8, 0, 2), (9, 0, None), (3, 0, None)]
)
def test_the_layer_of_a_line(index: int, selected: int, layer: int | None) -> None:
    """A line leads to its layer; FROM to the selected layer of the base, or else to its top."""
    assert lines().layer_at(index, selected) == layer


@pytest.mark.parametrize(
    ("layer", "step", "expected"), [(0, None, (6, 6)), (1, None, (6, 6)), (2, None, (7, 9)), (2, 3, (10, 10))]
)
def test_the_lines_of_a_layer(layer: int, step: int | None, expected: tuple[int, int]) -> None:
    """A layer and a metadata-only step lead to the lines of their instruction."""
    assert lines().lines_of(layer, step) == expected


def test_a_squashed_layer() -> None:
    """The lines of a squashed layer lead to it, although no single one made it."""
    steps = "+ ADD file:aa in /\n- RUN a\n- ENV A=1\n- RUN b\n+@@merge sha256:a"
    shown = lines("FROM debian\nRUN a\nENV A=1\nRUN b\n", steps)
    assert [shown.layer_at(index, 0) for index in range(4)] == [0, 1, 1, 1]
    assert shown.lines_of(1, 1) == shown.lines_of(1, None) == (2, 4)


def test_a_dockerfile_that_does_not_fit() -> None:
    """It has its text, but no line has figures, a layer, or the mark of another stage."""
    shown = lines("FROM a\nRUN other\n")
    assert [row.text for row in shown.rows] == ["FROM a", "RUN other"]
    assert all(row.usage is None and row.is_in_image for row in shown.rows)
    assert shown.layer_at(1, 0) is None
    assert shown.lines_of(2, None) is None


def test_hostile_lines() -> None:
    """A line moves no cursor and is as long as a screen needs; a tab is blanks."""
    rows = lines(f"FROM a\nRUN\techo \x1b[31m\n# {'x' * 100_000}\n").rows
    assert rows[1].text == "RUN     echo \\x1b[31m"
    assert len(rows[2].text) == 10_000
