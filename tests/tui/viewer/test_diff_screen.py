"""The diff: metadata, lines and digests of a path at two layers."""

from __future__ import annotations

import gzip
from dataclasses import replace
from pathlib import Path

import pytest

from explorer.pipeline import Exploration
from explorer.tui.main.screen import MainScreen
from explorer.tui.viewer.diff_screen import DiffScreen
from tests.images import (
    explored_layers,
    file,
    layer,
    symlink,
    whiteout,
)
from tests.tui.driving import Show
from tests.tui.viewer.viewing import lines, message, select, settled, slowed


@pytest.mark.end_to_end
async def test_diff(show: Show, rich: Exploration) -> None:
    """d shows metadata that differs first, then the lines, each with a mark in front."""
    async with show(rich) as screen:
        await select(screen, "etc/hosts")
        await screen.press("d")
        await settled(screen)
        assert lines(screen) == ["@@ -3,4 +3,4 @@", *["  127.0.0.1 localhost"] * 3, "− old", "+ new"]
        text = screen.text()
        assert "− layer 0   + layer 1" in text
        assert "~ mode         − -rw-r--r--" in text
        await screen.press("escape")
        assert screen.shows(MainScreen)


@pytest.mark.end_to_end
async def test_diff_of_the_layer_that_shipped_it(show: Show, rich: Exploration) -> None:
    """A path that the selected layer did not change shows the diff of the layer that shipped it."""
    async with show(rich) as screen:
        await select(screen, "code.py", layer=1)
        await screen.press("d")
        await settled(screen)
        assert lines(screen)[1:] == ["+ import os", "+ print('hello')"]
        assert "− nothing   + layer 0: new" in screen.text()


@pytest.mark.end_to_end
async def test_diff_removed(show: Show, rich: Exploration) -> None:
    """A removed file has only removed lines."""
    async with show(rich) as screen:
        await select(screen, "etc/gone")
        await screen.press("d")
        await settled(screen)
        assert lines(screen) == ["@@ -1,1 +0,0 @@", "− I was here"]
        assert "+ layer 1: removed" in screen.text()


@pytest.mark.end_to_end
async def test_diff_of_one_large_file(show: Show, tmp_path: Path) -> None:
    """A large file that came or went says that it has no version to compare with."""
    large = b"line\n" * 300_000
    exploration = explored_layers(tmp_path, layer(file("old", large)), layer(whiteout("old"), file("new", large)))
    async with show(exploration) as screen:
        for path, words in (("old", "no newer version to compare"), ("new", "no older version to compare")):
            await select(screen, path)
            await screen.press("d")
            await settled(screen)
            assert words in message(screen)
            assert "line by line" not in message(screen)
            await screen.press("escape")


@pytest.mark.end_to_end
async def test_diff_of_the_end(show: Show, tmp_path: Path) -> None:
    """A missing newline at the end shows as diff shows it, with or without other differences."""
    exploration = explored_layers(
        tmp_path,
        layer(file("both", b"one\ntwo"), file("end", b"one\n")),
        layer(file("both", b"ONE\ntwo\n"), file("end", b"one")),
    )
    missing = "\\ No newline at end of file"
    async with show(exploration) as screen:
        for path, diff_lines in (
            ("both", ["− one", "− two", missing, "+ ONE", "+ two"]),
            ("end", ["− one", "+ one", missing]),
        ):
            await select(screen, path)
            await screen.press("d")
            await settled(screen)
            assert lines(screen)[1:] == diff_lines
            await screen.press("escape")


@pytest.mark.end_to_end
async def test_diff_binary(show: Show, rich: Exploration) -> None:
    """Binaries compare by digest, and extended attributes that differ have a line."""
    async with show(rich) as screen:
        await select(screen, "bin")
        await screen.press("d")
        await settled(screen)
        text = screen.text()
        assert "~ sha256" in text
        assert "~ user.a" in text
        assert "Not text: binary." in text
        assert "sha256" in text


@pytest.mark.end_to_end
async def test_diff_of_long_values(show: Show, tmp_path: Path) -> None:
    """Values that are too long for one line stand below each other."""
    old, new = "a" * 40, "b" * 40
    exploration = explored_layers(tmp_path, layer(symlink("link", old)), layer(symlink("link", new)))
    async with show(exploration) as screen:
        await select(screen, "link")
        await screen.press("d")
        await settled(screen)
        shown = [line.strip() for line in screen.text().splitlines()]
        assert f"~ link         − {old}" in shown
        assert f"+ {new}" in shown


@pytest.mark.end_to_end
async def test_diff_of_compressed_text(show: Show, tmp_path: Path) -> None:
    """Gzipped texts compare by digest, because their bytes differ."""
    old, new = gzip.compress(b"old\n"), gzip.compress(b"new\n")
    exploration = explored_layers(tmp_path, layer(file("changes.gz", old)), layer(file("changes.gz", new)))
    async with show(exploration) as screen:
        await select(screen, "changes.gz")
        await screen.press("d")
        await settled(screen)
        assert "Not text: gzip archive." in screen.text()
        assert "~ sha256" in screen.text()


@pytest.mark.end_to_end
async def test_diff_same_bytes(show: Show, rich: Exploration) -> None:
    """Identical contents are recognized without reading them."""
    exploration, _ = slowed(rich)
    async with show(exploration) as screen:
        await select(screen, "touched")
        await screen.press("d")
        await settled(screen)
        assert "The contents are identical." in screen.text()
        assert "~ mode" in screen.text()


@pytest.mark.end_to_end
async def test_diff_directory(show: Show, rich: Exploration) -> None:
    """A directory has the totals of what changed below it, and these files, the largest first."""
    async with show(rich) as screen:
        await select(screen, "new")
        await screen.press("d")
        await settled(screen)
        assert isinstance(screen.app.screen, DiffScreen)
        assert "No file below this directory differs." in screen.text()
        await screen.press("escape")
        await select(screen, "etc")
        await screen.press("d")
        await settled(screen)
        assert "− 1 file removed, 11 B" in screen.text()
        assert "~ 1 file modified, " in screen.text()
        assert sorted(line[0] for line in lines(screen)) == ["~", "−"]


@pytest.mark.end_to_end
async def test_diff_with_a_base(show: Show, rich: Exploration) -> None:
    """While comparing layers, the diff is with the other layer, and an unchanged path says so."""
    async with show(rich) as screen:
        await select(screen, "code.py", layer=1)
        screen.main.view = replace(screen.main.view, base=0)
        await screen.pilot.pause()
        await screen.press("d")
        await settled(screen)
        assert "Unchanged since layer 0, which shipped it." in screen.text()
