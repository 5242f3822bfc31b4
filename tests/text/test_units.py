"""Figures and times for people."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from explorer.text import units

NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("written", "count"),
    [
        ("0", 0),
        ("512 B", 512),
        ("20MB", 20_000_000),
        (" 20 mb ", 20_000_000),
        ("10M", 10_000_000),
        (".5GiB", 1 << 29),
        ("1.0000000001 TB", 1_000_000_000_100),
        *(
            (written, None)
            for written in ("", "B B", ".", "5.", "-1", "1e3", "3i", "3iB", "3x", "٣MB", "1 K B", "9" * 31)
        ),
    ],
)
def test_sizes_as_people_write_them(written: str, count: int | None) -> None:
    """Digits with a decimal or binary unit are parsed exactly; any other text is not a size."""
    assert units.parse_size(written) == count


@pytest.mark.parametrize(
    ("count", "shown"),
    [
        (0, "0 B"),
        (1, "1 B"),
        (999, "999 B"),
        (1000, "1.0 kB"),
        (4_540_000, "4.5 MB"),
        (9_960_000, "10 MB"),
        (166_999_999, "167 MB"),
        (999_960, "1.0 MB"),
        (999_999_999, "1.0 GB"),
        (3_050_000_000, "3.1 GB"),
        (9_949, "9.9 kB"),
        (9_950, "10 kB"),
        (999_499, "999 kB"),
        (999_500, "1.0 MB"),
        (999_949, "1.0 MB"),
        (10**30, "1.0 QB"),
        (987 * 10**12, "987 TB"),
    ],
)
def test_size(count: int, shown: str) -> None:
    """Sizes are in decimal units with two or three digits."""
    assert units.size(count) == shown


_UNITS: dict[str, Fraction] = {
    unit: Fraction(1000**power) for power, unit in enumerate(["B", "kB", "MB", "GB", "TB", "PB", "EB", "ZB", "YB"])
}


def meant(shown: str) -> Fraction:
    """Returns the bytes that a shown size means."""
    number, _, unit = shown.partition(" ")
    return Fraction(number) * _UNITS[unit]


_sizes = st.one_of(
    st.integers(0, 10**26),
    st.builds(lambda power, near: max(0, 10**power + near), st.integers(0, 26), st.integers(-600, 600)),
    st.builds(lambda power, near: max(0, 9995 * 10**power + near), st.integers(0, 20), st.integers(-600, 600)),
)


def rounded_exactly(count: int) -> str:
    """Returns the text of a size below 10 EB, computed with integers; halves are rounded up."""
    for power, unit in enumerate(["B", "kB", "MB", "GB", "TB", "PB", "EB"]):
        tenths, whole = ((2 * factor * count // 1000**power + 1) // 2 for factor in (10, 1))
        if power and tenths < 100:
            return f"{tenths // 10}.{tenths % 10} {unit}"
        if whole < 1000:
            return f"{whole} {unit}"
    raise AssertionError(count)


def test_a_size_is_exact_only_beside_one_that_looks_the_same() -> None:
    """A number of bytes is exact if another one rounds to the same size, and rounded if both are equal."""
    assert units.size_beside(5_242_881, 5_242_880) == "5,242,881 bytes"
    assert units.size_beside(5_242_880, 5_242_880) == "5.2 MB"
    assert units.size_beside(5_242_880, 9_000_000) == "5.2 MB"
    assert units.size_beside(999, 999) == "999 B"


@given(
    st.one_of(
        st.integers(0, 10**14),
        st.builds(lambda half, power: half * 10**power // 2, st.integers(1, 20_000), st.integers(0, 10)),
        st.builds(
            lambda count, power, near: max(0, count * 10**power + near),
            st.integers(1, 1000),
            st.integers(0, 11),
            st.integers(-1, 1),
        ),
    )
)
def test_sizes_are_rounded_exactly(count: int) -> None:
    """Up to 100 TB each size equals exact arithmetic, also if a float is slightly below a half."""
    assert units.size(count) == rounded_exactly(count)


@given(_sizes, _sizes)
def test_sizes_are_short_and_in_order(count: int, other: int) -> None:
    """A size has two or three digits, no 1000 of a unit, an error below 5 %, and grows with the bytes."""
    shown = units.size(count)
    number, _, unit = shown.partition(" ")
    assert len(number) <= 3
    assert unit in _UNITS
    assert abs(meant(shown) - count) * 20 <= count
    assert (meant(shown) <= meant(units.size(other))) if count <= other else (meant(shown) >= meant(units.size(other)))


@pytest.mark.parametrize(
    ("share", "shown"), [(0, "0 %"), (1, "100 %"), (0.69, "69 %"), (0.9999, ">99 %"), (0.0001, "<1 %")]
)
def test_percent(share: float, shown: str) -> None:
    """Only the whole is 100 %, and only nothing is 0 %."""
    assert units.percent(share) == shown


@pytest.mark.parametrize(
    ("given_time", "shown"),
    [
        ("2026-01-31T09:07:59Z", "2026-01-31 09:07 UTC (10 months ago)"),
        ("2026-01-31T10:00:00.123456789+01:00", "2026-01-31 09:00 UTC (10 months ago)"),
        ("0001-01-01T00:00:00Z", ""),
        (None, ""),
        ("yesterday\x1b", "yesterday\\x1b"),
    ],
)
def test_timestamp(given_time: str | None, shown: str) -> None:
    """A time is shown to the minute in UTC, with its age; an invalid time is shown as it is."""
    assert units.timestamp(given_time, NOW) == shown


def test_utc_time() -> None:
    """A time without a calendar date shows as seconds."""
    assert units.utc_time(1_700_000_000_000_000_000) == "2023-11-14 22:13:20"
    assert units.utc_time(2**70) == f"{2**70 // 10**9} s after 1970"
    assert units.utc_time(-(2**70)).endswith("s after 1970")


def test_counts() -> None:
    """One is singular, other numbers are plural; thousands have separators."""
    assert [units.counted(count, "file") for count in (0, 1, 1200)] == ["0 files", "1 file", "1,200 files"]
    assert [units.counted(count, "directory", "directories") for count in (1, 2)] == ["1 directory", "2 directories"]


@pytest.mark.parametrize(
    ("created", "shown"),
    [
        (NOW, "now"),
        (NOW - timedelta(seconds=1), "a second ago"),
        (NOW - timedelta(minutes=3), "3 minutes ago"),
        (NOW - timedelta(days=2), "2 days ago"),
        (NOW - timedelta(days=303), "10 months ago"),
        (datetime(1970, 1, 1, tzinfo=UTC), "57 years ago"),
        (NOW + timedelta(hours=5), "5 hours from now"),
        (NOW.astimezone(timezone(timedelta(hours=9))) - timedelta(hours=1), "an hour ago"),
        (datetime.max.replace(tzinfo=UTC), "7,978 years from now"),
    ],
)
def test_age(created: datetime, shown: str) -> None:
    """Ages are in words and do not depend on time zones."""
    assert units.age(created, NOW) == shown
