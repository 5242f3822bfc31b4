"""Words about what was searched for findings."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from explorer.analysis.base.base import Base, Evidence
from explorer.report.searched import base_words, searched_words
from tests.images import explored_layers, file, layer

if TYPE_CHECKING:
    from pathlib import Path

_ALL = "Searched: the history, the settings and 2 layers."
_LEFT_OUT = "practices there are left out here, but `lx check` counts them."


@pytest.mark.parametrize(
    ("base", "words"),
    [
        (Base(0, "", "", Evidence.OPTION, exact=True, reason=""), _ALL),
        (
            Base(1, "a", "", Evidence.HISTORY, exact=False, reason=""),
            f"{_ALL} Layer 0 seems to be the base's, a: {_LEFT_OUT}",
        ),
        (
            Base(2, "", "", Evidence.HISTORY, exact=False, reason=""),
            f"{_ALL} The lowest 2 layers seem to be the base's: {_LEFT_OUT}",
        ),
        (
            Base(1, "a", "", Evidence.OPTION, exact=True, reason=""),
            "Searched: the history, the settings and 1 layer above the base.",
        ),
    ],
)
def test_what_was_searched(tmp_path: Path, base: Base, words: str) -> None:
    """The layers are counted, and a guess of the base says that the check counts what is left out."""
    found = replace(explored_layers(tmp_path, layer(file("a")), layer(file("b"))), find_given_base=lambda: base)
    assert searched_words(found) == words
    assert words.endswith(base_words(found))
