"""The program's own themes: all text can be read."""

from __future__ import annotations

import pytest
from textual.color import Color
from textual.theme import BUILTIN_THEMES, Theme

from explorer.tui.theme import BLURRED_ROW_STYLE, GROUNDS, ROW_STYLE, TEXTS, THEMES, contrast, derived, legible

MIN_CONTRAST = 4.5
"""The least contrast ratio of text according to WCAG 2, level AA; not imported, so that a wrong one is noticed."""
OF_THEMES = ("foreground", "text-error", "text-success", "text-accent", "text-warning", "text-primary")
"""Colours of text that come with every theme."""
MARKS = {"faint", "thumb", "bar", "waste-bar", "disposable-bar", ROW_STYLE, BLURRED_ROW_STYLE, *GROUNDS}
"""Lines, bars, separators and backgrounds: they need no contrast of text."""


def colours(theme: Theme) -> dict[str, str]:
    """The colours of a theme, as the style sheets see them."""
    return {**derived(theme), **theme.to_color_system().generate(), **theme.variables}


@pytest.mark.parametrize("ground", GROUNDS)
@pytest.mark.parametrize("theme", THEMES, ids=lambda theme: theme.name)
def test_every_text_can_be_read(theme: Theme, ground: str) -> None:
    """Each colour of text has the contrast of WCAG, on the screen and in a selected row."""
    found = colours(theme)
    on = Color.parse(found[ground])
    poor = {name: contrast(Color.parse(found[name]), on) for name in (*TEXTS, *OF_THEMES)}
    assert {name: ratio for name, ratio in poor.items() if ratio < MIN_CONTRAST} == {}


@pytest.mark.parametrize("theme", THEMES, ids=lambda theme: theme.name)
def test_words_on_bars_can_be_read(theme: Theme) -> None:
    """The keys at the bottom, the image's name and the error of a filter have that contrast, too."""
    found = colours(theme)
    for text, ground in (
        ("footer-key-foreground", "footer-background"),
        ("footer-description-foreground", "footer-background"),
        ("primary", "surface"),
        ("error", "surface"),
        ("background", "key"),
    ):
        assert contrast(Color.parse(found[text]), Color.parse(found[ground])) >= MIN_CONTRAST, (text, ground)


def test_no_colour_is_forgotten() -> None:
    """Each derived colour is a text or one of the named marks."""
    assert set(derived(THEMES[0])) - set(TEXTS) - MARKS == set()


@pytest.mark.parametrize("name", ["ansi-dark", "ansi-light"])
def test_selected_rows_of_the_terminals_colours_can_be_read(name: str) -> None:
    """In the terminal's own colours, a selected row keeps the contrast of its texts, and is marked without a colour."""
    found = colours(BUILTIN_THEMES[name])
    assert {found[ground] for ground in GROUNDS} <= {"ansi_default", "transparent"}
    assert (found[ROW_STYLE], found[BLURRED_ROW_STYLE]) == ("reverse", "underline")


def test_contrast() -> None:
    """The ratio is that of WCAG: 21 of black on white, 1 of a colour on itself."""
    black, white, grey = Color(0, 0, 0), Color(255, 255, 255), Color.parse("#767676")
    assert contrast(black, white) == pytest.approx(21)
    assert contrast(grey, grey) == pytest.approx(1)
    assert contrast(grey, white) == pytest.approx(4.54, abs=0.01)


def test_legible_colours_stay() -> None:
    """Only colours that cannot be read change, and no more than necessary."""
    white = Color(255, 255, 255)
    dark, pale = Color.parse("#1f66b5"), Color.parse("#bbbbbb")
    assert legible(dark, [white], is_dark=False) == dark
    found = legible(pale, [white], is_dark=False)
    assert MIN_CONTRAST <= contrast(found, white) < MIN_CONTRAST + 0.5
