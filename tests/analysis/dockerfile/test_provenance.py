"""The Dockerfile in the provenance of a build, in both versions of its documents."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import pytest

from explorer.analysis.dockerfile.map_steps import DockerfileMap, map_image
from explorer.analysis.dockerfile.parse import parse_dockerfile
from explorer.model import HistoryStep, Image, Layer

_TEXT = "FROM debian\nRUN make \\\n  all\nENV A=1\nCOPY a /\nFROM x\nRUN other\n"
_RECORDED = ("# debian.sh", "RUN /bin/sh -c make   all # buildkit", "ENV A=1", "COPY a / # buildkit")
_OTHER_WORDS = ("# debian.sh", "RUN build", "ENV A=1", "COPY it / # buildkit")
_BUILDKIT = "https://mobyproject.org/buildkit@v1#metadata"


def _image(predicate: Mapping[str, Any], steps: Sequence[str] = _RECORDED) -> Image:
    """Returns an image whose history has these steps; all but ENV make a layer."""
    history: list[HistoryStep] = []
    for text in steps:
        layer = None if text.startswith("ENV") else sum(step.layer is not None for step in history)
        history.append(HistoryStep(text, "2026-03-01T10:00:00Z", "buildkit.dockerfile.v0", layer=layer))
    layers = tuple(Layer(number, None, digest=f"sha256:{number}") for number in range(3))  # type: ignore[arg-type]
    return Image("shop:1", "", layers, history=tuple(history), provenance=lambda: [predicate])


def _metadata(text: str = _TEXT) -> dict[str, Any]:
    def lines(first: int, last: int) -> dict[str, Any]:
        return {"locations": [{"ranges": [{"start": {"line": first}, "end": {"line": last}}]}]}

    def chain(layers: int) -> list[list[dict[str, Any]]]:
        return [[{"digest": f"sha256:{number}"} for number in range(layers)]]

    return {
        "source": {
            "infos": [{"filename": "Dockerfile", "language": "Dockerfile", "data": _encoded(text)}],
            "locations": {"step0": lines(1, 1), "step1": lines(2, 3), "step2": lines(5, 5), "step3": lines(7, 7)},
        },
        "layers": {
            "step0:0": chain(1),
            "step1:0": chain(2),
            "step2:0": chain(3),
            "step3:0": [[{"digest": "sha256:else"}]],
        },
    }


def _encoded(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def _old(metadata: Mapping[str, Any], target: str = "0") -> dict[str, Any]:
    """Returns a predicate of version 0.2."""
    return {
        "invocation": {"parameters": {"frontend": "dockerfile.v0", "args": {"target": target}}},
        "metadata": {"buildStartedOn": "2026-03-01T11:00:00Z", _BUILDKIT: metadata},
    }


def _new(metadata: Mapping[str, Any], target: str = "0") -> dict[str, Any]:
    """Returns a predicate of version 1."""
    return {
        "buildDefinition": {"externalParameters": {"request": {"args": {"target": target}}}},
        "runDetails": {"metadata": {"startedOn": "2026-03-01T11:00:00Z", "buildkit_metadata": metadata}},
    }


def _lines(mapped: DockerfileMap | None) -> dict[int, tuple[int, int]]:
    return {} if mapped is None else {step: (lines.first, lines.last) for step, lines in mapped.lines_by_step.items()}


@pytest.mark.parametrize("predicate_of", [_old, _new])
def test_provenance_holds_the_dockerfile_with_its_target_and_start(predicate_of: Any) -> None:
    """The steps get the lines of the attested text, and the target and the start of the build are known."""
    mapped = map_image(_image(predicate_of(_metadata())), None)
    assert _lines(mapped) == {0: (1, 1), 1: (2, 3), 2: (4, 4), 3: (5, 5)}
    assert mapped is not None
    assert mapped.dockerfile.build_started == datetime(2026, 3, 1, 11, tzinfo=UTC)
    assert (mapped.dockerfile.name, mapped.dockerfile.target, mapped.remark) == ("Dockerfile", "0", "")


@pytest.mark.parametrize("predicate_of", [_old, _new])
def test_the_map_of_provenance_counts_where_the_history_does_not_fit(predicate_of: Any) -> None:
    """If the words of the history differ, the layers still have the lines that provenance proves."""
    mapped = map_image(_image(predicate_of(_metadata()), _OTHER_WORDS), None)
    assert _lines(mapped) == {0: (1, 1), 1: (2, 3), 3: (5, 5)}
    assert mapped is not None
    assert mapped.lines_of_layer(1) == (2, 3)
    problem = "line 2: RUN make   all; no step of the image fits"
    assert (mapped.problem, mapped.remark) == ("", f"only layers have lines, because {problem}")


def test_a_dockerfile_that_the_user_names_counts_before_provenance() -> None:
    """The user's Dockerfile is compared, and not the attested one."""
    mapped = map_image(_image(_old(_metadata())), parse_dockerfile("FROM y\nRUN z\n", "mine"))
    assert mapped is not None
    assert (mapped.dockerfile.name, mapped.problem) == ("mine", "line 2: RUN z; no step of the image fits")


def test_provenance_helps_where_a_build_cannot() -> None:
    """If a build's own Dockerfile is out of reach, that of the provenance counts."""
    unknown = parse_dockerfile("FROM x\n", "x").__class__("", (), (), problem="it is remote")
    mapped = map_image(_image(_old(_metadata())), unknown)
    assert mapped is not None
    assert mapped.problem == ""
    without = map_image(_image({}), unknown)
    assert without is not None
    assert without.problem == "it is remote"


@pytest.mark.parametrize(
    "metadata",
    [
        {},
        {"source": 5},
        {"source": {"infos": "x"}},
        {"source": {"infos": [5, {}, {"filename": "x"}, {"filename": 5, "data": _encoded(_TEXT)}]}},
        {"source": {"infos": [{"filename": "x", "data": "no base64!"}]}},
        {"source": {"infos": [{"filename": "x", "data": _encoded("no Dockerfile")}]}},
        {"source": {"infos": [{"filename": "x", "data": _encoded("FROM x\n" + "#" * 1_100_000)}]}},
    ],
)
def test_documents_without_a_dockerfile_are_no_error(metadata: Mapping[str, Any]) -> None:
    """Provenance that holds no readable Dockerfile is as none at all."""
    assert map_image(_image(_old(metadata)), None) is None


@pytest.mark.parametrize(
    "locations",
    [
        5,
        {"step1": 5},
        {"step1": {"locations": 5}},
        {"step1": {"locations": [5, {"ranges": 5}, {"ranges": [5]}]}},
        {"step1": {"locations": [{"ranges": [{"start": 5, "end": {"line": "x"}}]}]}},
        {"step1": {"locations": [{"sourceIndex": 1, "ranges": [{"start": {"line": 2}, "end": {"line": 2}}]}]}},
        {"step1": {"locations": [{"ranges": [{"start": {"line": 9**20}, "end": {"line": -1}}]}]}},
    ],
)
def test_hostile_maps_give_no_lines(locations: Any) -> None:
    """A map with other values than lines, or of another source, gives no layer lines."""
    metadata = _metadata()
    metadata["source"]["locations"] = locations
    mapped = map_image(_image(_old(metadata), _OTHER_WORDS), None)
    assert mapped is not None
    assert _lines(mapped) == {}
    assert mapped.problem
