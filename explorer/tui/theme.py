"""The colours: themes of our own, and the colours of changes, bars and waste made from whatever theme is chosen."""

from __future__ import annotations

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
    accent="#9a5b00",
    success="#1e7a45",
    warning="#8a6100",
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
        "footer-key-foreground": "#9a5b00",
        "footer-description-foreground": "#4f5b6b",
        "block-cursor-background": "#c9def5",
        "block-cursor-foreground": "#10161f",
        "block-cursor-text-style": "none",
        "change-added": "#1e7a45",
        "change-modified": "#8a6100",
        "change-removed": "#b3303f",
        "waste": "#b3303f",
        "waste-bar": "#c4505d",
        "key": "#9a5b00",
    },
)
SAFE = Theme(
    name="layers-colour-blind",
    primary="#7aa6d9",
    secondary="#9a9ad6",
    accent="#d9d9d9",
    success="#56b4e9",
    warning="#f0e442",
    error="#e69f00",
    foreground="#d3d8df",
    background="#0f131a",
    surface="#141a23",
    panel="#1d2531",
    dark=True,
    luminosity_spread=0.12,
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
"""Blue, yellow and orange: the three that red-green blind eyes tell apart."""
OURS = (OWN, LIGHT, SAFE)


def derived(theme: Theme) -> dict[str, str]:
    """Colours with a meaning on this screen, made from the colours that every theme has."""
    colours = theme.to_color_system().generate()
    if theme.ansi:
        cursor, blurred = colours["primary"], "ansi_bright_black"
        muted, faint, faint_text = "ansi_default", "ansi_bright_black", "ansi_bright_black"
    else:
        background, foreground = Color.parse(colours["background"]), Color.parse(colours["foreground"])
        primary = Color.parse(colours["primary"])
        cursor = background.blend(primary, 0.3).hex
        blurred = background.blend(primary, 0.12).hex
        muted = foreground.blend(background, 0.35).hex
        faint = foreground.blend(background, 0.72).hex
        faint_text = foreground.blend(background, 0.5).hex
    return {
        "muted": muted,
        "faint": faint,
        "faint-text": faint_text,
        "change-added": colours["text-success"],
        "change-modified": colours["text-warning"],
        "change-removed": colours["text-error"],
        "waste": colours["text-error"],
        "waste-bar": colours["error"],
        "bar": colours["primary"],
        "key": colours["text-accent"],
        "code-command": colours["text-primary"],
        "code-flag": colours["text-secondary"],
        "code-string": colours["text-success"],
        "code-operator": colours["text-accent"],
        "row-cursor": cursor,
        "row-cursor-blurred": blurred,
    }
