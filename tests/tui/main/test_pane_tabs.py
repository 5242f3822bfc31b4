"""The tabs of the panes, as much of them as fits into a border."""

from __future__ import annotations

import pytest
from textual.content import Content

from explorer.tui.main.pane_tabs import Tab, tabs_line

_TABS = (
    Tab("files", "Files", "f", True),
    Tab("waste", "Waste", "w", False),
    Tab("packages", "Packages", "P", False),
    Tab("findings", "Findings", "F", False, 12),
    Tab("dockerfile", "Dockerfile", "o", False),
    Tab("image", "Image", "x", False),
)


@pytest.mark.parametrize(
    ("room", "expected"),
    [
        (63, " Files │ Waste │ Packages │ Findings 12 │ Dockerfile │ x Image "),
        (62, " Files │ Waste │ Packages │ Findings │ Dockerfile │ x Image "),
        (60, " Files │ Waste │ Packages │ Findings │ Dockerfile │ x Image "),
        (59, "Files│Waste│Packages│Findings│Dockerfile│x Image"),
        (45, "Files│Waste│Packag…│Findin…│Docker…│x Image"),
        (34, "Files│Was…│Pac…│Fin…│Doc…│x Ima…"),
        (20, "Files│w│P│F│o│x"),
        (3, "Files│w│P│F│o│x"),
    ],
)
def test_tabs_that_fit(room: int, expected: str) -> None:
    """Numbers, blanks and the ends of titles go, in this order; the keys and the shown title stay."""
    assert Content.from_markup(tabs_line(_TABS, room)).plain == expected
