"""The Dockerfile in the provenance of a build.

BuildKit attests it with ``mode=max``. The document holds the text, and a map from the steps of the build to lines. With
the layers of each step, that map proves the lines of a layer even if the history has other words.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

from explorer.analysis.base.json_objects import nested
from explorer.analysis.base.provenance import buildkit_metadata, layer_chains
from explorer.analysis.dockerfile.dockerfile import Dockerfile, LineRange
from explorer.analysis.dockerfile.read_dockerfile import MAX_DOCKERFILE_BYTES, dockerfile_of
from explorer.errors import UsageError
from explorer.model import Layer
from explorer.text.units import parsed_time

_MAX_STEPS = 1_000
_MAX_RANGES = 100
_MAX_NAME_CHARS = 1_000


class ProvenDockerfile(NamedTuple):
    """A Dockerfile, with the lines of the layers whose step is known."""

    dockerfile: Dockerfile
    lines_by_layer: Mapping[int, LineRange]


def proven_dockerfile(predicates: Sequence[Mapping[str, Any]], layers: Sequence[Layer]) -> ProvenDockerfile | None:
    """Returns the first Dockerfile that provenance holds; None if there is none."""
    for predicate in predicates:
        source = nested(buildkit_metadata(predicate), "source")
        infos = source.get("infos")
        for index, each in enumerate(infos[:_MAX_STEPS] if isinstance(infos, list) else ()):
            dockerfile = _dockerfile(each) if isinstance(each, dict) else None
            if dockerfile is None:
                continue
            dockerfile = replace(
                dockerfile,
                target=_target(predicate),
                build_started=parsed_time(_started(predicate)),
                is_of_build=True,
            )
            return ProvenDockerfile(dockerfile, dict(_lines_by_layer(predicate, source, index, layers)))
    return None


def _dockerfile(source: Mapping[str, Any]) -> Dockerfile | None:
    name, encoded = source.get("filename"), source.get("data")
    if not isinstance(name, str) or not isinstance(encoded, str) or len(encoded) > 2 * MAX_DOCKERFILE_BYTES:
        return None
    try:
        return dockerfile_of(base64.b64decode(encoded, validate=True), name[:_MAX_NAME_CHARS] or "Dockerfile")
    except (binascii.Error, ValueError, UsageError):
        # It may be in another language.
        return None


def _target(predicate: Mapping[str, Any]) -> str:
    """Returns the stage that the build was asked for; the second place is of SLSA 1."""
    for keys in (
        ("invocation", "parameters", "args"),
        ("buildDefinition", "externalParameters", "request", "args"),
    ):
        target = nested(predicate, *keys).get("target")
        if isinstance(target, str):
            return target[:_MAX_NAME_CHARS]
    return ""


def _started(predicate: Mapping[str, Any]) -> str | None:
    started = nested(predicate, "metadata").get("buildStartedOn")
    started = started or nested(predicate, "runDetails", "metadata").get("startedOn")
    return started if isinstance(started, str) else None


def _lines_by_layer(
    predicate: Mapping[str, Any], source: Mapping[str, Any], index: int, layers: Sequence[Layer]
) -> Iterator[tuple[int, LineRange]]:
    """Yields the layers whose step has lines.

    They are those that its chain has more than the chains of the steps below.
    """
    own = [layer.digest for layer in layers]
    locations = nested(source, "locations")
    fitting = []
    for output, chain in layer_chains(predicate).items():
        lines = _lines(locations.get(output.partition(":")[0]), index)
        if lines is not None and 0 < len(chain) <= len(own) and list(chain) == own[: len(chain)]:
            fitting.append((len(chain), lines))
    below = 0
    for height, lines in sorted(fitting):
        yield from ((number, lines) for number in range(below, height))
        below = max(below, height)


def _lines(locations: object, index: int) -> LineRange | None:
    """Returns the lines of a step in a source, from the first to the last."""
    found = locations.get("locations") if isinstance(locations, dict) else None
    lines: list[int] = []
    for location in found[:_MAX_RANGES] if isinstance(found, list) else ():
        # A source of number 0 is left out of the document.
        if not isinstance(location, dict) or location.get("sourceIndex", 0) != index:
            continue
        ranges = location.get("ranges")
        for each in ranges[:_MAX_RANGES] if isinstance(ranges, list) else ():
            if isinstance(each, dict):
                lines += [line for end in ("start", "end") if isinstance(line := nested(each, end).get("line"), int)]
    return LineRange(min(lines), max(lines)) if lines else None
