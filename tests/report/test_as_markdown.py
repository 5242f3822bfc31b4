"""The report in Markdown: figures, layers and waste as tables, and nothing in an image can disturb them."""

from __future__ import annotations

from pathlib import Path

import pytest

from explorer.pipeline import Exploration
from explorer.report.formats import FORMATS
from explorer.report.page import Page
from explorer.text.words import layer_command
from tests.hostile import assert_golden, hostile_exploration
from tests.images import NOW, docker_archive, explored, file, image, layer
from tests.markdown_reading import assert_harmless, inline, tables


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Exploration:
    """An image with hostile texts."""
    return hostile_exploration(tmp_path_factory.mktemp("hostile"))


@pytest.mark.parametrize(("name", "ending"), [("text", "txt"), ("json", "json"), ("markdown", "md")])
def test_every_format_is_as_it_was(hostile: Exploration, name: str, ending: str) -> None:
    """The report in each format equals the golden file."""
    assert_golden(f"report.{ending}", FORMATS[name](hostile, NOW, Page()))


def test_markdown_is_harmless(hostile: Exploration) -> None:
    """Nothing from an image becomes HTML, a link, a mention, a picture or a cell of a table."""
    assert_harmless(FORMATS["markdown"](hostile, NOW, Page()))


def test_the_tables_hold_the_report() -> None:
    """The tables have disposable files, directories, causes, and each layer with its command as code."""
    demo = explored("demo")
    text = FORMATS["markdown"](demo, NOW, Page())
    assert_harmless(text)
    figures, disposables, directories, causes, wasted, layers = tables(text)
    assert ["wasted", "491 MB, 490,931,668 bytes"] in figures
    assert disposables[1] == ["19 MB", "", "16", "tests of installed packages", "likely"]
    assert directories[1] == ["48 MB", "24 %", "/app/models"]
    assert [row[1] for row in causes[1:]] == ["removed", "recopied", "overwritten", "duplicate"]
    assert wasted[1] == ["120 MB", "8", "/var/cache/apt", "most shipped by layer 2, removed by layer 12"]
    assert [row[0] for row in layers[1:]] == [str(number) for number in range(13)]
    code = [piece.content for piece in inline(text) if piece.type == "code_inline"]
    assert layer_command(demo.image.layers[1]) in code


def test_the_markdown_begins_with_the_verdict() -> None:
    """The first words are what to change and what it saves; the fixes follow the figures."""
    text = FORMATS["markdown"](explored("demo"), NOW, Page())
    assert text.splitlines()[:5] == [
        "# `demo`",
        "",
        "- 11 fixes save 502 MB of 687 MB (73 %): 483 MB wasted and 19 MB disposable",
        "- Disposable: tests of installed packages 19 MB",
        "- The base image: 8.4 MB wasted; only another base saves it",
    ]
    assert "## Fixes\n\nThe `-` lines are your present Dockerfile" in text
    assert "### 1. Delete apt" in text


def test_an_image_without_waste_and_one_without_layers(tmp_path: Path) -> None:
    """An image without waste or layers gets a sentence, not an empty table."""
    path = tmp_path / "image.tar"
    path.write_bytes(docker_archive(image(layer(file("a", b"a")))))
    assert "Nothing is wasted." in FORMATS["markdown"](explored(path), NOW, Page())
    path.write_bytes(docker_archive(image()))
    text = FORMATS["markdown"](explored(path), NOW, Page())
    assert "The image has no layers." in text
    assert_harmless(text)
