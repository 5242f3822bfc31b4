"""The rate and the time left of a step, with a given clock."""

from __future__ import annotations

import random
from itertools import pairwise

import pytest

from explorer.model import Progress
from explorer.text.pace import Pace, duration, fitted

MB = 1_000_000


def paced(*reports: tuple[float, int], total: int | None = 100 * MB) -> Pace:
    """Returns the pace after reports of (time, bytes)."""
    (began, done), *others = reports
    pace = Pace.of(Progress("Saving", done, total), began)
    for now, done in others:
        pace = pace.after(Progress("Saving", done, total), now)
    return pace


def test_a_steady_step() -> None:
    """After a second, a steady step has its rate and the time left."""
    pace = paced(*((number / 10, number * MB) for number in range(21)))
    assert pace.words(2.0) == ["20 MB of 100 MB", "20 %", "10 MB/s", "8 s left"]


def test_nothing_in_the_first_second() -> None:
    """The rate of the first second would jump, and is not shown; neither is a short wait."""
    assert paced((0, 0), (0.1, 30 * MB), (0.9, 40 * MB)).words(0.9) == ["40 MB of 100 MB", "40 %"]
    assert paced((0, 0)).words(0.9) == ["0 B of 100 MB"]
    assert paced((0, 0), total=None).words(0.9) == []


def test_waiting_for_the_first_byte() -> None:
    """Until the first byte, the time of the wait counts; it is no part of the rate."""
    assert paced((5, 0), (17, 0), total=None).words(17) == ["12 s"]
    reports = [(0.0, 0), (60.0, 0), *((60 + number / 10, number * MB) for number in range(1, 12))]
    assert paced(*reports).words(61.1)[2] == "10 MB/s"


def test_without_a_total() -> None:
    """A stream of unknown length has a rate, and no time left."""
    pace = paced(*((number / 10, number * MB) for number in range(21)), total=None)
    assert pace.words(2.0) == ["20 MB", "10 MB/s"]


def test_another_step_begins_again() -> None:
    """The rate of a step says nothing about the next one."""
    pace = paced((0, 0), (1, MB), (2, 2 * MB)).after(Progress("Reading", 0, None), 3)
    assert pace == Pace.of(Progress("Reading", 0, None), 3)


def test_a_step_that_stalls() -> None:
    """Without new bytes the rate falls, until no time left is shown."""
    pace = paced(*((number / 10, number * MB) for number in range(31)))
    for second in range(4, 14):
        pace = pace.after(pace.progress, second)
    assert pace.rate is not None
    assert pace.rate < 4 * MB
    for second in range(14, 600):
        pace = pace.after(pace.progress, second)
    assert pace.words(600) == ["30 MB of 100 MB", "30 %"]


def test_a_download_that_starts_over() -> None:
    """Fewer bytes than before are not a negative rate, and a clock that stands still divides by nothing."""
    pace = paced((0, 0), (1, 50 * MB), (2, 10 * MB), (2, 10 * MB), (3, 20 * MB))
    assert pace.rate is not None
    assert pace.rate > 0
    assert paced((0, 0), (0, MB), (0, 2 * MB)).rate is None


def test_more_than_the_total() -> None:
    """A total is an estimate: beyond it, the share is 100 % and no time is left."""
    pace = paced(*((number / 2, number * 30 * MB) for number in range(5)))
    assert pace.words(2)[:2] == ["120 MB of 100 MB", "100 %"]
    assert not any("left" in word for word in pace.words(2))


def test_the_time_left_does_not_jump() -> None:
    """With a rate that varies by half, the time left rarely rises, and never by more than a few seconds."""
    noise = random.Random(7)
    pace = paced((0.0, 0), total=1000 * MB)
    now, done, shown = 0.0, 0, []
    while done < 1000 * MB:
        now += 0.1
        done = min(done + round(noise.uniform(0.5, 1.5) * MB), 1000 * MB)
        pace = pace.after(Progress("Saving", done, 1000 * MB), now)
        seconds = [word for word in pace.words(now) if word.endswith(" s left")]
        shown += [int(word.split()[0]) for word in seconds]
    rises = [after - before for before, after in pairwise(shown) if after > before]
    assert len(shown) > 400
    assert max(rises, default=0) <= 5
    assert len(rises) < 30


@pytest.mark.parametrize(
    ("seconds", "exact", "estimate"),
    [
        (0.2, "0 s", "1 s"),
        (3.2, "3 s", "4 s"),
        (12, "12 s", "15 s"),
        (55, "55 s", "55 s"),
        (56, "56 s", "1 min"),
        (59.8, "1 min", "1 min"),
        (61, "1 min 1 s", "2 min"),
        (754, "12 min", "13 min"),
        (4800, "1 h 20 min", "1 h 20 min"),
    ],
)
def test_durations(seconds: float, exact: str, estimate: str) -> None:
    """Spans have two units at most; estimates are rounded up."""
    assert (duration(seconds), duration(seconds, is_estimate=True)) == (exact, estimate)


def test_words_that_do_not_fit() -> None:
    """The last words are left out first."""
    words = ["1.2 GB of 3.1 GB", "39 %", "85 MB/s"]
    assert [fitted(words, room, "  ") for room in (100, 31, 30, 16, 15)] == [
        "1.2 GB of 3.1 GB  39 %  85 MB/s",
        "1.2 GB of 3.1 GB  39 %  85 MB/s",
        "1.2 GB of 3.1 GB  39 %",
        "1.2 GB of 3.1 GB",
        "",
    ]
