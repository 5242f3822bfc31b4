"""The verdict on an image: its figures, and the wordings that fit."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from explorer.analysis.findings.finding import CREDENTIAL_FILE, Finding, FindingKind, PathPlace, Severity
from explorer.analysis.findings.image_findings import ImageFindings
from explorer.analysis.fixes.savings import NO_SAVINGS, Savings
from explorer.pipeline import Exploration
from explorer.viewmodel.verdict import Subject, fitting_wordings, verdict_parts
from tests.images import big, explored_layers, file, layer, whiteout
from tests.viewmodel.savings import example

HISTORY = [
    {"created_by": "RUN apt-get update"},
    {"created_by": "RUN rm -rf /var/lib/apt/lists/*"},
]
FULL = example()


def sentences(found: Savings, width: int = 500, findings: ImageFindings | None = None) -> list[str]:
    """The verdict's sentences in a width."""
    parts = verdict_parts(found, findings)
    return [
        part.figure + words
        for part, words in zip(parts, fitting_wordings(parts, [0] * len(parts), width), strict=False)
    ]


@pytest.fixture
def both(tmp_path: Path) -> Exploration:
    """An image with 2 MB of deleted package lists and 3 MB of a visible package cache."""
    return explored_layers(
        tmp_path,
        layer(big("var/lib/apt/lists/x", 2), big("var/cache/apt/archives/a.deb", 3)),
        layer(whiteout("var/lib/apt/lists/x")),
        history=HISTORY,
    )


def test_wasted_and_disposable_bytes_are_two_figures(both: Exploration) -> None:
    """The sum that the fixes save names its wasted and its disposable part."""
    found = both.savings
    assert (len(found.fixes), found.wasted_bytes, found.disposable_bytes) == (1, 2_000_000, 3_000_000)
    assert found.wasted_bytes + found.base_wasted_bytes == both.usage.wasted_bytes
    assert sentences(found)[0].startswith("1 fix saves 5.0 MB (2.0 MB wasted + ◌ 3.0 MB). Begin with: ")
    assert sentences(found)[1] == "3.0 MB that a container is not expected to need: apt's cache."


def test_the_kinds_of_disposable_files_are_named() -> None:
    """The largest kinds are named with their bytes."""
    assert sentences(FULL)[1] == "221 MB that a container is not expected to need: apt's cache 166 MB, logs 5 B."
    assert sentences(FULL, 150)[1] == "221 MB disposable, 166 MB of it apt's cache."


def named_like_logins(*paths: str, is_base: bool = False) -> ImageFindings:
    """Findings about the names of files."""
    practice = FindingKind.PRACTICE
    return ImageFindings(
        [
            Finding(CREDENTIAL_FILE, practice, Severity.MEDIUM, "", PathPlace(path), 1, "", "", is_base=is_base)
            for path in paths
        ]
    )


def test_a_login_by_its_name_is_a_hint() -> None:
    """A file that is named like a login, and was not searched, has a sentence of its own, as short as needed."""
    found = named_like_logins("root/.ssh/id_rsa")
    assert sentences(FULL, findings=found)[1] == "1 file is named like a login: /root/.ssh/id_rsa."
    assert sentences(FULL, 54, found)[1] == "1 file is named like a login."
    found = named_like_logins("root/.ssh/id_rsa", "app/.env")
    assert sentences(FULL, findings=found)[1] == "2 files are named like logins: /app/.env and 1 more."


def test_names_of_the_base_and_of_fixes_are_no_hint() -> None:
    """A fix whose file was searched or is not yet, and a file of the base, raise no doubt."""
    key = replace(FULL.fixes[0], secrets=["root/.ssh/id_rsa"])
    found = replace(FULL, fixes=[*FULL.fixes, key])
    assert not any("login" in words for words in sentences(found))
    assert not any("login" in words for words in sentences(found, findings=named_like_logins("a", is_base=True)))


def test_the_base_has_figures_of_its_own() -> None:
    """Only the authors of the base can save its bytes, and its two figures are not added."""
    assert sentences(FULL)[2] == "The base keeps ▲ 52 MB + ◌ 43 B, which only its authors can save."
    assert len(sentences(replace(FULL, base_wasted_bytes=0, base_disposable_bytes=0))) == 2


@pytest.mark.parametrize(
    ("wasted", "disposable", "words"),
    [
        (0, 0, "Nothing is wasted, and nothing looks disposable."),
        (0, 7, "Nothing is wasted."),
        (7, 0, "The steps after the base waste nothing."),
    ],
)
def test_nothing_to_save_is_said(wasted: int, disposable: int, words: str) -> None:
    """An image whose steps waste nothing says so."""
    found = replace(NO_SAVINGS, base_wasted_bytes=wasted, base_disposable_bytes=disposable)
    assert verdict_parts(found)[0].subject is Subject.CLEAN
    assert sentences(found)[0] == words


def test_an_image_without_waste(tmp_path: Path) -> None:
    """An image that wastes nothing has no fix."""
    savings = explored_layers(tmp_path, layer(file("a", b"1"))).savings
    assert sentences(savings) == ["Nothing is wasted, and nothing looks disposable."]


def test_a_secret_leaves_room_for_the_fixes() -> None:
    """The sentence on a secret is short enough for what the fixes save."""
    secret = Finding(
        "token", FindingKind.SECRET, Severity.HIGH, "Secret key or token", PathPlace("a/.env", 2), 6, "", "", 11
    )
    assert sentences(FULL, 66, ImageFindings([secret])) == [
        "Secret key or token in layer 6.",
        "5 fixes save 416 MB.",
    ]


@pytest.mark.parametrize("width", range(20, 220, 3))
def test_the_verdict_fits(width: int) -> None:
    """The sentences fit; the first one always shows, and none is shorter than in a narrower place."""
    shown = sentences(FULL, width)
    assert shown[0].startswith("5 fixes save 416 MB")
    assert len("  ".join(shown)) <= max(width, len("5 fixes save 416 MB."))
    assert len("".join(sentences(FULL, width + 1))) >= len("".join(shown))
