"""The bytes and the time of each instruction of a Dockerfile."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from explorer.analysis.disposables.disposables import Disposable
from explorer.analysis.dockerfile.dockerfile import CONTENT_KEYWORDS, DockerfileInstruction
from explorer.analysis.dockerfile.map_steps import DockerfileMap
from explorer.analysis.layer_stats import LayerStats
from explorer.model import HistoryStep
from explorer.text.units import parsed_time


@dataclass(frozen=True, slots=True)
class InstructionUsage:
    """The figures of an instruction.

    Those of FROM are of the whole base. None means that a figure is unknown.
    """

    instruction: DockerfileInstruction
    is_in_image: bool
    """True if it is of the stage that made the image, or of one that this stands on."""
    steps: tuple[int, ...] = ()
    """Indexes in ``Image.history``."""
    layers: tuple[int, ...] = ()
    bytes: int | None = None
    """Bytes that its layers ship; None if a squashed layer has its files."""
    wasted_bytes: int | None = None
    """Shipped bytes that a later layer hides."""
    hides_bytes: int | None = None
    """Bytes of earlier layers that its layers hide."""
    disposable_bytes: int | None = None
    """Bytes that its layers ship, that a container sees, and that it is not expected to need."""
    seconds: float | None = None
    """The time since the step before; None for FROM and its first follower, and for a cached step."""
    is_cached: bool | None = None
    """True if the builder took the step from its cache; None if the start of the build is unknown."""


def instruction_usage(
    mapped: DockerfileMap,
    history: Sequence[HistoryStep],
    layers: Sequence[LayerStats],
    disposables: Iterable[Disposable],
) -> list[InstructionUsage]:
    """Returns the figures of each instruction of a Dockerfile that fits its image."""
    steps: defaultdict[DockerfileInstruction, list[int]] = defaultdict(list)
    for step, made in sorted(mapped.made_by.items()):
        steps[made].append(step)
    stage = mapped.stage
    in_image = {*mapped.made_by.values(), *((stage.base_line, *stage.instructions) if stage else ())}
    times = _times(mapped, history)
    disposable_bytes: defaultdict[int, int] = defaultdict(int)
    for each in disposables:
        disposable_bytes[each.shipped_in] += each.bytes
    usages = []
    for made in mapped.dockerfile.instructions:
        own = tuple(_layers(mapped, made, steps[made], history))
        figures = [layers[number] for number in own if number < len(layers)]
        is_unknown = made not in in_image or _is_squashed(mapped, made) or any(each.is_unread for each in figures)
        seconds, is_cached = times.get(steps[made][-1], (None, None)) if steps[made] else (None, None)
        usages.append(
            InstructionUsage(
                made,
                made in in_image,
                tuple(steps[made]),
                own,
                None if is_unknown else sum(each.bytes for each in figures),
                None if is_unknown else sum(each.wasted_bytes for each in figures),
                None if is_unknown else sum(each.hides_bytes for each in figures),
                None if is_unknown else sum(disposable_bytes[number] for number in own),
                seconds,
                is_cached,
            )
        )
    return usages


def _layers(
    mapped: DockerfileMap, made: DockerfileInstruction, steps: Iterable[int], history: Sequence[HistoryStep]
) -> Iterator[int]:
    """Yields the layers of an instruction."""
    if made.keyword == "FROM":
        yield from sorted(layer for layer, lines in mapped.lines_by_layer.items() if lines == made.lines)
        return
    for step in steps:
        layer = history[step].layer
        if layer is not None and layer not in mapped.squashed_layers:
            yield layer


def _is_squashed(mapped: DockerfileMap, made: DockerfileInstruction) -> bool:
    """True if a layer may have the files of the instruction and of others."""
    return made.keyword in (*CONTENT_KEYWORDS, "FROM") and bool(mapped.squashed_at(made.first_line))


def _times(mapped: DockerfileMap, history: Sequence[HistoryStep]) -> Mapping[int, tuple[float | None, bool | None]]:
    """Returns the seconds of each own step, and True if it was cached."""
    own = [
        step for step, made in sorted(mapped.made_by.items()) if made.keyword != "FROM" and _has_own_time(history[step])
    ]
    times = {step: parsed_time(history[step].created) for step in own}
    started = mapped.dockerfile.build_started
    if len(own) > 1 and len(set(times.values())) == 1:
        # The builder was asked for one time for all steps.
        return {}
    found = {}
    for before, step in zip([None, *own], own, strict=False):
        earlier, time = None if before is None else times[before], times[step]
        is_cached = None if started is None or time is None else time < started
        found[step] = (None if is_cached else _seconds(earlier, time, started), is_cached)
    return found


def _has_own_time(step: HistoryStep) -> bool:
    """True unless BuildKit gave the step the time of another one.

    It runs nothing for a setting.
    """
    return step.layer is not None or not step.comment.startswith("buildkit")


def _seconds(earlier: datetime | None, time: datetime | None, started: datetime | None) -> float | None:
    """Returns the seconds since the step before, or since the build started."""
    beginnings = [each for each in (earlier, started) if each is not None]
    if time is None or not beginnings:
        return None
    seconds = (time - max(beginnings)).total_seconds()
    return seconds if seconds >= 0 else None
