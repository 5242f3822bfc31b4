"""The rows of the causes why two builds differ."""

from __future__ import annotations

from explorer.analysis.image_diff.rebuilds.build_differences import DifferenceCause, DifferingPlace
from explorer.viewmodel.cause_rows import CausePlace, cause_rows, causes_of, opened_at_first

DATE = DifferenceCause("date", "Dates", "A step writes one.", "Do not.", [DifferingPlace("/a", "in 1 line", 1)])
TIME = DifferenceCause("time", "Times", "Later.", "", [DifferingPlace(f"/{name}") for name in range(20)])


def test_only_open_causes_have_places() -> None:
    """The places of a cause are rows inside if it is open."""
    rows = cause_rows([DATE, TIME], {"date"})
    assert [(row.depth, row.is_open) for row in rows.rows] == [(0, True), (1, None), (0, False)]


def test_long_causes_are_closed_at_first() -> None:
    """A cause with many places is closed at first."""
    assert opened_at_first([DATE, TIME]) == {"date"}


def test_the_causes_of_a_path() -> None:
    """A path has all causes that name it."""
    assert causes_of([DATE, TIME], "a") == [CausePlace(DATE, DATE.places[0])]
