"""The metadata-only steps among the layers, and the details of the selected row."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from explorer.pipeline import Exploration
from explorer.tui.layers.details import Details
from explorer.viewmodel.view import View
from tests.images import docker_archive, explored, explored_layers, file, image, layer
from tests.tui.driving import Screen, Show


def details(screen: Screen, width: int = 100) -> str:
    return "\n".join(line.plain for line in screen.main.query_one(Details).wrapped(width))


@pytest.mark.end_to_end
async def test_steps_between_the_layers(show: Show, sample: Exploration) -> None:
    """A metadata-only step has its place in the list, its settings, and the files of the layer below."""
    async with show(sample) as screen:
        assert [screen.layers.render_line(number).text.split()[0] for number in (0, 1, 3)] == ["0", "CMD", "1"]
        await screen.press("home", "down")
        assert screen.main.view == View(0)
        assert screen.main.query_one(Details).border_title == "Step after layer 0"
        assert 'CMD set to ["sh"]' in details(screen)
        await screen.press("down")
        assert screen.main.view == View(1)
        assert screen.main.query_one(Details).border_title == "Layer 1"
        await screen.press("up", "up")
        assert screen.main.query_one(Details).border_title == "Layer 0"


@pytest.fixture
def stepped(tmp_path: Path) -> Exploration:
    """Two layers, two steps between them, and one after them."""
    keywords = ("RUN a", "ENV A=1", "USER b", "RUN b", 'CMD ["c"]')
    steps = [{"created_by": words, "empty_layer": not words.startswith("RUN")} for words in keywords]
    path = tmp_path / "image.tar"
    path.write_bytes(docker_archive(image(layer(file("a", b"1" * 9)), layer(file("b", b"1")), history=steps)))
    return explored(path)


@pytest.mark.end_to_end
async def test_steps_can_be_folded(show: Show, stepped: Exploration) -> None:
    """A key folds the metadata-only steps into one line and shows them again; the selected layer stays."""
    async with show(stepped) as screen:
        await screen.press("home", "down", "a")
        assert [row.layer for row in screen.layers.layer_rows] == [0, 1]
        assert screen.layers.count == 3
        assert screen.layers.selected_layer == 0
        await screen.press("down", "a")
        assert screen.layers.count == 5
        assert screen.layers.selected_layer == 1
        assert screen.main.view == View(1)


@pytest.mark.end_to_end
async def test_steps_are_folded_where_rows_are_short(show: Show, stepped: Exploration) -> None:
    """Steps have rows of their own where all rows fit; otherwise one row names them, and Enter there shows them."""
    async with show(stepped) as screen:
        assert screen.layers.count == 5
        await screen.resize(120, 14)
        assert screen.layers.count == 3
        await screen.press("end")
        assert screen.layers.render_line(2).text.strip().startswith("▸    + 3 metadata-only steps: ENV, USER, CMD")
        assert "ENV A=1" in details(screen)
        await screen.press("y", "Y")
        assert screen.said == ["A metadata-only step has no digest.", "Press a to show the steps, then select one."]
        await screen.press("enter")
        assert screen.layers.count == 5
        assert screen.layers.has_focus
        await screen.press("s", "S")
        assert screen.layers.count == 3
        await screen.press("a")
        assert [row.is_empty for row in screen.layers.rows] == [False, True, True, False, True]


async def test_no_steps_to_fold(show: Show, tmp_path: Path) -> None:
    """The key is not offered if every step made a layer."""
    async with show(explored_layers(tmp_path, layer(file("a", b"1")))) as screen:
        assert not [each for each in screen.main.active_bindings.values() if each.binding.id == "layers.steps"]


@pytest.mark.end_to_end
async def test_odd_histories(show: Show, tmp_path: Path) -> None:
    """Empty steps before the first layer, layers without a step, and hundreds of steps can be selected."""
    steps = [{"created_by": f"ENV A={number}", "empty_layer": True} for number in range(300)]
    made = image(layer(file("a", b"1")), layer(file("b", b"1")), history=[*steps, {"created_by": "RUN x"}, *steps])
    path = tmp_path / "image.tar"
    path.write_bytes(docker_archive(made))
    async with show(explored(path)) as screen:
        assert screen.layers.count == 3
        await screen.press("a")
        assert screen.layers.count == 602
        assert screen.layers.selected_layer == 1
        await screen.press("home")
        assert screen.main.view == View(0)
        await screen.press("end", "up")
        assert "ENV A: 298 → 299" in details(screen)
        assert screen.main.view == View(0)


async def test_an_image_without_layers(show: Show, tmp_path: Path) -> None:
    """An image without layers shows its steps, and compares nothing."""
    path = tmp_path / "image.tar"
    path.write_bytes(docker_archive(image(history=[{"created_by": 'CMD ["x"]', "empty_layer": True}])))
    async with show(explored(path)) as screen:
        assert screen.main.query_one(Details).border_title == "Step"
        assert 'CMD ["x"]' in details(screen)
        await screen.press("m")
        assert screen.said == ["There is nothing to compare: the image has no layers."]
        assert screen.main.view.base is None


@pytest.mark.end_to_end
async def test_the_figures_follow_the_instruction(show: Show, sample: Exploration) -> None:
    """The instruction comes first, then the counts of changes, and how much is in the final image."""
    async with show(sample) as screen:
        await screen.press("home", "down", "down")
        assert details(screen).splitlines()[:5] == [
            "RUN apt-get update",
            " && apt-get install -y compiler",
            "",
            "4 files  + 3 added  ~ 1 modified",
            "6.0 of 10 MB is in the final image",
        ]
        await screen.press("down")
        assert "adds no data" in details(screen)
        await screen.press("down")
        assert "1.5 MB  twice in this layer, or never visible" in details(screen)


async def test_findings_come_later(show: Show, sample: Exploration) -> None:
    """The disposable bytes and the fixes of the layer show once they are computed, after the first paint."""
    async with show(sample) as screen:
        assert "Fixes (w), with the part" in details(screen)
        await screen.press("1")
        assert "Fixes (w), with the part" in details(screen)


async def test_a_long_instruction_follows_the_figures(show: Show, tmp_path: Path) -> None:
    """A long instruction has its first lines above the figures, and all lines below them."""
    path = tmp_path / "image.tar"
    steps = [{"created_by": "RUN " + " && ".join(f"echo {number}" for number in range(20))}]
    path.write_bytes(docker_archive(image(layer(file("a", b"1")), history=steps)))
    async with show(explored(path)) as screen:
        lines = details(screen).splitlines()
        assert lines[3] == "    … 17 more lines below"
        assert lines.index(" && echo 19") > lines.index("all 1 B is in the final image")


async def test_download_size_and_time(show: Show, sample: Exploration) -> None:
    """The details show the compressed size, the media type, and the time since the previous step."""
    top = sample.image.layers[3]
    steps = [replace(step, created=f"2026-01-31T09:0{number}:00Z") for number, step in enumerate(sample.image.history)]
    pulled = replace(top, download_bytes=top.number * 1_000_000, media_type="application/x-tar", step=steps[4])
    other = replace(sample.image, layers=(*sample.image.layers[:3], pulled), history=tuple(steps))
    async with show(replace(sample, image=other)) as screen:
        text = details(screen)
        assert "3.0 MB, 43 % of the 7.0 MB on disk" in text
        assert "application/x-tar" in text
        assert "2026-01-31 09:04 UTC (10 months ago), a minute after the previous step" in text
