"""The README's keys and the bindings agree."""

from __future__ import annotations

import re
from pathlib import Path

from explorer.tui.bindings import key_name, settings_schema

README = Path(__file__).parent.parent.parent / "README.md"
SECTION = README.read_text().partition("\n## Keys\n")[2].partition("\n### ")[0]
NAMES = {"↑": "up", "↓": "down", "←": "left", "→": "right", "PgUp": "pageup", "PgDn": "pagedown", "Esc": "escape"}
"""Key in the README to Textual's name, where they differ in more than capitals."""
NOT_IN_README = {*"12345678", "space"}
"""The README has only the ends of the range of digits, and Space does the same as Enter."""


def named_keys(text: str) -> dict[str, str | None]:
    """Returns the code in a text with Textual's name of the key; None if there is no such key."""
    codes = re.findall(r"`([^`]+)`", text)
    return {code: NAMES.get(code) or key_name(code if len(code) == 1 else code.lower()) for code in codes}


def test_the_keys_of_the_readme_exist() -> None:
    """Each key in the first column of the README's table is a binding, or one of Textual's own."""
    schema = settings_schema()
    keys = {key for binding in schema.bindings.values() for written in binding.keys for key in written.split(",")}
    cells = re.findall(r"^\| (`.*?) \| ", SECTION, re.MULTILINE)
    assert len(cells) > 10
    unknown = {code for code, key in named_keys(" ".join(cells)).items() if key not in {*keys, *schema.reserved}}
    assert unknown == set()


def test_the_readme_has_the_keys_of_the_main_screen() -> None:
    """The README has a key of each binding with a tooltip in the main screen and its panes."""
    keys = {*named_keys(SECTION).values(), *NOT_IN_README}
    missing = {
        name: binding.keys
        for name, binding in settings_schema().bindings.items()
        if name.startswith(("app.", "explore.", "files.", "layers.", "split.", "waste."))
        and binding.tooltip
        and keys.isdisjoint(key for written in binding.keys for key in written.split(","))
    }
    assert missing == {}
