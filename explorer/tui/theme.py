"""The colours: one theme of our own, and the colours of changes, bars and waste made from whatever theme is chosen."""

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
        "row-cursor": cursor,
        "row-cursor-blurred": blurred,
    }
