"""The bytes and the time of each instruction of a Dockerfile."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from explorer.analysis.dockerfile.instruction_usage import InstructionUsage
from explorer.analysis.dockerfile.parse import parse_dockerfile
from explorer.pipeline import Exploration
from tests.analysis.dockerfile.timed_image import time_at, timed_image

_TEXT = """\
ARG BASE=debian
FROM golang AS build
RUN make
FROM ${BASE}
RUN apt-get update
ENV A=1
RUN rm -rf /var/cache/apt/*
CMD go
"""
_STEPS = (
    ("/bin/sh -c #(nop) ADD file:aa in /", 0, False),
    ('/bin/sh -c #(nop)  CMD ["bash"]', 1, True),
    ("/bin/sh -c apt-get update", 100, False),
    ("/bin/sh -c #(nop)  ENV A=1", 101, True),
    ("/bin/sh -c rm -rf /var/cache/apt/*", 131, False),
    ('/bin/sh -c #(nop)  CMD ["/bin/sh" "-c" "go"]', 131.5, True),
)


def _usage(exploration: Exploration, started: float | None = None) -> dict[int, InstructionUsage]:
    """Returns the figures by line."""
    dockerfile = parse_dockerfile(_TEXT, "Dockerfile")
    if started is not None:
        dockerfile = replace(dockerfile, build_started=time_at(started))
    exploration = replace(exploration, given_dockerfile=dockerfile)
    return {usage.instruction.first_line: usage for usage in exploration.instruction_usage}


def test_each_line_has_the_bytes_of_its_layers(tmp_path: Path) -> None:
    """A line has the shipped, wasted and hidden bytes of its layers, and FROM those of the base."""
    exploration = timed_image(tmp_path, _STEPS)
    usage = _usage(exploration)
    figures = {line: (each.bytes, each.wasted_bytes, each.hides_bytes) for line, each in usage.items()}
    assert [figures[line] for line in (4, 5, 6, 7, 8)] == [
        (1000, 0, 0),
        (320, 300, 0),
        (0, 0, 0),
        (2, 0, 300),
        (0, 0, 0),
    ]
    assert sum(each.bytes or 0 for each in usage.values()) == exploration.usage.shipped_bytes


def test_lines_of_other_stages_are_not_in_the_image(tmp_path: Path) -> None:
    """The lines of a stage that the image does not stand on have no figures."""
    usage = _usage(timed_image(tmp_path, _STEPS))
    assert [line for line, each in usage.items() if not each.is_in_image] == [1, 2, 3]
    assert (usage[3].bytes, usage[3].steps, usage[3].layers) == (None, (), ())


def test_a_line_has_the_seconds_since_the_step_before(tmp_path: Path) -> None:
    """The time is the difference in the history; between the base and the first step there is none."""
    usage = _usage(timed_image(tmp_path, _STEPS))
    assert [usage[line].seconds for line in (4, 5, 6, 7, 8)] == [None, None, 1, 30, 0.5]
    assert {each.is_cached for each in usage.values()} == {None}


def test_steps_older_than_the_build_were_cached(tmp_path: Path) -> None:
    """If the start of the build is known, older steps were cached, and the first new step began with the build."""
    usage = _usage(timed_image(tmp_path, _STEPS), 121)
    assert [(usage[line].is_cached, usage[line].seconds) for line in (5, 6, 7, 8)] == [
        (True, None),
        (True, None),
        (False, 10),
        (False, 0.5),
    ]
    assert _usage(timed_image(tmp_path, _STEPS), 95)[5].seconds == 5


def test_settings_of_buildkit_take_no_time(tmp_path: Path) -> None:
    """BuildKit gives a setting the time of the next layer, so only layers have times."""
    exploration = timed_image(tmp_path, _STEPS)
    steps = [replace(step, comment="buildkit.dockerfile.v0") for step in exploration.image.history]
    image = replace(exploration.image, history=tuple(steps))
    usage = _usage(replace(exploration, image=image), 121)
    assert [(usage[line].is_cached, usage[line].seconds) for line in (5, 6, 7, 8)] == [
        (True, None),
        (None, None),
        (False, 10),
        (None, None),
    ]


@pytest.mark.parametrize("at", [5, None])
def test_a_time_that_says_nothing_is_unknown(tmp_path: Path, at: int | None) -> None:
    """Equal times of all steps, as reproducible builds have them, and times that go back, are no durations."""
    times = [0, 0, *([at] * 4 if at else [9, 8, 7, 6])]
    steps = [(text, time, empty) for (text, _, empty), time in zip(_STEPS, times, strict=True)]
    assert {each.seconds for each in _usage(timed_image(tmp_path, steps)).values()} == {None}


def test_a_squashed_layer_gives_no_line_its_bytes(tmp_path: Path) -> None:
    """The bytes of lines whose files are in one layer are unknown; those of the base are known."""
    steps = [(text, at, number not in (0, 5)) for number, (text, at, _) in enumerate(_STEPS)]
    usage = _usage(timed_image(tmp_path, steps))
    assert [usage[line].bytes for line in (4, 5, 6, 7, 8)] == [1000, None, 0, None, 0]


def test_without_a_dockerfile_that_fits_there_are_no_figures(tmp_path: Path) -> None:
    """No line has figures if no Dockerfile is known, or if it is of another image."""
    exploration = timed_image(tmp_path, _STEPS)
    assert exploration.dockerfile_map is None
    assert not exploration.instruction_usage
    other = replace(exploration, given_dockerfile=parse_dockerfile("FROM x\nRUN y\n", "Dockerfile"))
    assert not other.instruction_usage
