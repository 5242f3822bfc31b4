"""Help texts as lines."""

from __future__ import annotations

import re
from textwrap import dedent

import pytest
from textual.widget import Widget

from explorer.tui.dialogs.help_screen import help_lines, styled_paragraph
from explorer.tui.files.file_tree import FileTree
from explorer.tui.layers.layer_list import LayerList
from explorer.tui.waste.waste_list import WasteList
from explorer.tui.widgets.filter_bar import FilterInput


@pytest.mark.parametrize("pane", [FileTree, FilterInput, LayerList, WasteList])
@pytest.mark.parametrize("width", [4, 20, 60, 200])
def test_all_of_it_fits(pane: type[Widget], width: int) -> None:
    """No line is wider than the pane, and no word is lost, at any width."""
    words = pane.HELP or ""
    lines = list(help_lines(dedent(words), width))
    assert all(line.cell_length <= width for line in lines)
    shown = "".join(line.plain for line in lines).replace("•", "")
    expected = styled_paragraph(re.sub(r"^(# |- )", "", dedent(words), flags=re.MULTILINE)).plain
    assert "".join(shown.split()) == "".join(expected.split())


def test_styles() -> None:
    """Code, bold and italic words lose their signs; a sign inside code stays."""
    line = styled_paragraph("**b** goes to `usr/lib/**/*.a`, *twice* `*`")
    assert line.plain == "b goes to usr/lib/**/*.a, twice *"
    assert [line.plain[span.start : span.end] for span in line.spans] == ["b", "usr/lib/**/*.a", "twice", "*"]


def test_lists() -> None:
    """A list item of several lines stays to the right of its bullet."""
    lines = [line.plain for line in help_lines("# Head\n\n- one item that is\n  long\n- two", 12)]
    assert lines == ["Head", "", "• one item", "  that is", "  long", "• two", ""]
