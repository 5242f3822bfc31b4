"""Platforms are understood as containerd does."""

from __future__ import annotations

import pytest

from explorer.sources.platforms import best_matches, matches_platform

PLATFORMS = ["linux/amd64", "linux/arm64", "linux/arm/v6", "linux/arm/v7", "linux/386", "windows(10.0.20348.1)/amd64"]


@pytest.mark.parametrize(
    ("wanted", "best"),
    [
        ("linux/arm64/v8", 1),
        ("linux/arm64/8", 1),
        ("linux/arm64/v9", 1),
        ("linux/aarch64", 1),
        ("arm64v8", 1),
        ("linux/arm", 3),
        ("linux/armhf", 3),
        ("linux/armel", 2),
        ("linux/arm/v8", 3),
        ("linux/arm/6", 2),
        ("x86_64", 0),
        ("linux/amd64/v1", 0),
        ("linux/amd64/v3", 0),
        ("Linux/AMD64", 0),
        ("i386", 4),
        ("windows/amd64", 5),
        ("windows(10.0.20348)/amd64", 5),
        ("windows(10.0.2034)/amd64", None),
        ("linux/arm/v5", None),
        ("linux/s390x", None),
        ("linux", 0),
    ],
)
def test_spellings_and_compatible_variants(monkeypatch: pytest.MonkeyPatch, wanted: str, best: int | None) -> None:
    """Other spellings mean the same platform, and a lower variant fits if the wanted one is missing."""
    monkeypatch.setattr("platform.machine", lambda: "x86_64")
    assert best_matches(PLATFORMS, wanted) == ([] if best is None else [best])


def test_only_a_named_variant_excludes_higher_ones() -> None:
    """A platform without a variant also finds an image for a higher one."""
    assert matches_platform("linux/amd64/v3", "linux/amd64")
    assert not matches_platform("linux/amd64/v3", "linux/amd64/v2")
    assert best_matches(["windows/amd64", "linux/amd64"], "amd64") == [1]
    assert best_matches(["windows/amd64"], "amd64") == [0]


def test_a_variant_of_thousands_of_digits_is_no_number() -> None:
    """A variant with more digits than a number may have fits itself alone."""
    vast = f"linux/arm/v{'9' * 5000}"
    assert best_matches([vast, "linux/arm/v7"], "linux/arm") == [1]
    assert best_matches([vast, "linux/arm/v7"], vast) == [0]
