"""The colours: three themes, and colours of changes and waste from any theme."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from textual.color import Color
from textual.theme import Theme

OWN = Theme(
    name="layers",
    primary="#6cb6ff",
    secondary="#a5a3f5",
    accent="#f0b56b",
    success="#7ed09e",
    warning="#e8c46a",
    error="#f2818b",
    foreground="#cfd6e4",
    background="#0f131a",
    surface="#141a23",
    panel="#1d2531",
    dark=True,
    luminosity_spread=0.12,
    variables={
        "border": "#6cb6ff",
        "border-blurred": "#2c3748",
        "footer-background": "#141a23",
        "footer-key-foreground": "#f0b56b",
        "footer-description-foreground": "#98a3b5",
        "block-cursor-background": "#26405f",
        "block-cursor-foreground": "#ffffff",
        "block-cursor-text-style": "none",
        "change-added": "#7ed09e",
        "change-modified": "#e8c46a",
        "change-removed": "#f2818b",
        "waste": "#f2818b",
        "waste-bar": "#d9606c",
        "key": "#f0b56b",
    },
)

LIGHT = Theme(
    name="layers-light",
    primary="#1f66b5",
    secondary="#5b57b8",
    accent="#8d5300",
    success="#1b7140",
    warning="#805a00",
    error="#b3303f",
    foreground="#1f2733",
    background="#fbfbf9",
    surface="#f1f2f3",
    panel="#e4e7eb",
    dark=False,
    luminosity_spread=0.12,
    variables={
        "border": "#1f66b5",
        "border-blurred": "#c3cad3",
        "footer-background": "#f1f2f3",
        "footer-key-foreground": "#8d5300",
        "footer-description-foreground": "#4f5b6b",
        "block-cursor-background": "#c9def5",
        "block-cursor-foreground": "#10161f",
        "block-cursor-text-style": "none",
        "change-added": "#1b7140",
        "change-modified": "#805a00",
        "change-removed": "#b3303f",
        "waste": "#b3303f",
        "waste-bar": "#c4505d",
        "key": "#8d5300",
    },
)
SAFE = replace(
    OWN,
    name="layers-colour-blind",
    primary="#7aa6d9",
    secondary="#9a9ad6",
    accent="#d9d9d9",
    success="#56b4e9",
    warning="#f0e442",
    error="#e69f00",
    foreground="#d3d8df",
    variables={
        **OWN.variables,
        "footer-key-foreground": "#f0e442",
        "change-added": "#56b4e9",
        "change-modified": "#f0e442",
        "change-removed": "#e69f00",
        "waste": "#e69f00",
        "waste-bar": "#d08a00",
        "key": "#f0e442",
    },
)
"""A theme of blue, yellow and orange, which people with red-green blindness can tell apart."""
THEMES = (OWN, LIGHT, SAFE)


MIN_CONTRAST = 4.5
"""The least contrast ratio of text according to WCAG 2, level AA."""
TEXTS = (
    "muted",
    "faint-text",
    "change-added",
    "change-modified",
    "change-removed",
    "waste",
    "disposable",
    "severity-high",
    "severity-medium",
    "key",
    "code-command",
    "code-flag",
    "code-string",
    "code-operator",
)
"""The colours of text. Others, like ``faint``, ``thumb`` and ``waste-bar``, are colours of lines and bars."""
GROUNDS = ("background", "surface", "row-cursor-blurred", "row-cursor")
"""The backgrounds of text, in a selected row and elsewhere."""


ROW_STYLE, BLURRED_ROW_STYLE = "row-cursor-text-style", "row-cursor-blurred-text-style"
"""The text styles of a selected row, with and without the focus."""


def contrast(one: Color, other: Color) -> float:
    """Returns the WCAG 2 contrast ratio of two colours, from 1 to 21."""
    low, high = sorted((_luminance(one), _luminance(other)))
    return (high + 0.05) / (low + 0.05)


def _luminance(colour: Color) -> float:
    parts = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in colour.normalized]
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]


def legible(colour: Color, grounds: Sequence[Color], is_dark: bool) -> Color:
    """Returns the colour, lighter or darker until it can be read on all grounds."""
    end = Color(255, 255, 255) if is_dark else Color(0, 0, 0)
    steps = (colour.blend(end, percent / 100) for percent in range(0, 100, 2))
    return next((step for step in steps if min(contrast(step, ground) for ground in grounds) >= MIN_CONTRAST), end)


def derived(theme: Theme) -> dict[str, str]:
    """Returns the colours with a meaning, derived from those of every theme."""
    colours = theme.to_color_system().generate()
    variables = {
        "change-added": colours["text-success"],
        "change-modified": colours["text-warning"],
        "change-removed": colours["text-error"],
        "waste": colours["text-error"],
        "waste-bar": colours["error"],
        ROW_STYLE: "none",
        BLURRED_ROW_STYLE: "none",
        "disposable": colours["text-secondary"],
        "disposable-bar": colours["secondary"],
        "bar": colours["primary"],
        "severity-high": colours["text-error"],
        "severity-medium": colours["text-warning"],
        "key": colours["text-accent"],
        "code-command": colours["text-primary"],
        "code-flag": colours["text-secondary"],
        "code-string": colours["text-success"],
        "code-operator": colours["text-accent"],
    }
    if theme.ansi:
        grey = "ansi_bright_black"
        greys = dict.fromkeys(("faint", "faint-text", "thumb"), grey)
        # Nobody knows the terminal's colours, so a selected row keeps the contrast that they have elsewhere.
        selected = dict.fromkeys(("row-cursor", "row-cursor-blurred"), "ansi_default")
        styles = {ROW_STYLE: "reverse", BLURRED_ROW_STYLE: "underline"}
        return {**variables, **greys, **selected, **styles, "muted": "ansi_default"}
    background, foreground = Color.parse(colours["background"]), Color.parse(colours["foreground"])
    primary = Color.parse(colours["primary"])
    variables["row-cursor"] = background.blend(primary, 0.2 if theme.dark else 0.16).hex
    variables["row-cursor-blurred"] = background.blend(primary, 0.11 if theme.dark else 0.08).hex
    variables["muted"] = foreground.blend(background, 0.24).hex
    variables["faint-text"] = variables["thumb"] = foreground.blend(background, 0.5).hex
    variables["faint"] = foreground.blend(background, 0.72).hex
    grounds = [Color.parse({**colours, **variables}[name]) for name in GROUNDS]
    return variables | {name: legible(Color.parse(variables[name]), grounds, theme.dark).hex for name in TEXTS}
