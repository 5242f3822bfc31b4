"""Reading a layer, walking along a file's history, comparing two layers, and what the image says of itself."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from explorer.analysis.changes import changes
from explorer.analysis.comparison import compared
from explorer.analysis.directories import Directories
from explorer.analysis.path_history import PathChange, history
from explorer.analysis.sizes import directory_sizes
from explorer.model import Change, Entry, HistoryStep, Kind
from explorer.tui.history.history_bar import HistoryBar
from explorer.tui.history.history_items import fit_items, history_items
from explorer.tui.layers.details import Details
from explorer.tui.layers.step_text import instruction_lines
from explorer.tui.main.comparison_text import sentence
from explorer.tui.main.header import ImageHeader, ImageSummary, comparison_line
from explorer.tui.main.image_pane import ImagePane
from explorer.viewmodel.history_navigation import index_at, next_layer
from explorer.viewmodel.layer_rows import LayerRow, row_command
from explorer.viewmodel.view import View
from tests.images import docker_archive, explored, explored_layers, file, hardlink, image, layer, whiteout

if TYPE_CHECKING:
    from pathlib import Path

    from explorer.pipeline import Exploration
    from tests.tui.driving import Screen, Show


def told(step: str, width: int = 60) -> list[str]:
    return [line.plain for line in instruction_lines(HistoryStep(step), width)]


def details(screen: Screen, width: int = 100) -> str:
    return "\n".join(line.plain for line in screen.main.query_one(Details).wrapped(width))


def the_line(screen: Screen) -> HistoryBar:
    return screen.main.query_one(HistoryBar)


# Instructions


def test_commands_in_lines() -> None:
    """Each command stands on a line of its own, under RUN, with flags before and build arguments after."""
    assert told("RUN |1 A=1 /bin/sh -c --mount=type=cache,target=/x a && b; c # buildkit") == [
        "RUN --mount=type=cache,target=/x",
        "    a",
        " && b;",
        "    c",
        "    with A=1",
    ]
    assert told("RUN /bin/bash -o pipefail -c a | b") == ["RUN a | b", "    by /bin/bash -o pipefail -c"]


def test_here_documents_keep_their_lines() -> None:
    """A here-document is shown line by line as it is."""
    assert told("RUN /bin/sh -c cat <<EOF\na && b\n\tc\nEOF # buildkit") == [
        "RUN cat <<EOF",
        "    a && b",
        "        c",
        "    EOF",
    ]


def test_other_instructions() -> None:
    """Variables stand one below the other; copies of the classic builder say what kind of thing was copied."""
    assert told("ENV A=1 B=two words") == ["ENV A=1", "    B=two words"]
    assert told("/bin/sh -c #(nop) COPY file:0a in /app ") == ["COPY (a file) to /app"]
    assert told('CMD ["a" "b"]') == ['CMD ["a", "b"]']
    assert told("") == ["(no command recorded)"]


def test_hostile_instructions(hostile: Exploration) -> None:
    """No command reaches the screen as it is, and none is laid out without end."""
    for step in ("RUN \x1b[2J && [red]", "ENV A=\x1b B=\u202e", "COPY \x07 [/]", "RUN --mount=\x1b a", "|1 A=\x1b sh"):
        assert not set("".join(told(step))) & set("\x1b\x07\u202e")
    for step in ("RUN " + "a;" * 500_000, "ENV " + "A=1 " * 250_000, "RUN " + "--a " * 250_000):
        assert len(told(step)) < 500


# Steps that made no layer


async def test_steps_between_the_layers(show: Show, sample: Exploration) -> None:
    """A step that made no layer stands in its place, tells what it set, and shows the files of the layer below."""
    async with show(sample) as screen:
        assert [screen.layers.render_line(number).text.split()[0] for number in (0, 1, 2)] == ["0", "CMD", "1"]
        await screen.press("home", "down")
        assert screen.main.view == View(0)
        assert screen.main.query_one(Details).border_title == "Step after layer 0"
        assert 'CMD set to ["sh"]' in details(screen)
        await screen.press("down")
        assert screen.main.view == View(1)
        assert screen.main.query_one(Details).border_title == "Layer 1"
        await screen.press("up", "up")
        assert screen.main.query_one(Details).border_title == "Layer 0"


async def test_steps_can_be_hidden(show: Show, sample: Exploration) -> None:
    """A key hides the steps that made no layer and shows them again; the selected layer stays."""
    async with show(sample) as screen:
        await screen.press("home", "down", "a")
        assert screen.layers.count == 4
        assert screen.layers.selected_layer == 0
        await screen.press("down", "a")
        assert screen.layers.count == 5
        assert screen.layers.selected_layer == 1
        assert screen.main.view == View(1)


async def test_no_steps_to_hide(show: Show, tmp_path: Path) -> None:
    """Where every step made a layer the key is not offered."""
    async with show(explored_layers(tmp_path, layer(file("a", b"1")))) as screen:
        assert not [each for each in screen.main.active_bindings.values() if each.binding.id == "layers.steps"]


async def test_odd_histories(show: Show, tmp_path: Path) -> None:
    """Empty steps before the first layer, layers unknown to the history and hundreds of steps can be walked through."""
    steps = [{"created_by": f"ENV A={number}", "empty_layer": True} for number in range(300)]
    made = image(layer(file("a", b"1")), layer(file("b", b"1")), history=[*steps, {"created_by": "RUN x"}, *steps])
    path = tmp_path / "image.tar"
    path.write_bytes(docker_archive(made))
    async with show(explored(path)) as screen:
        assert screen.layers.count == 602
        assert screen.layers.selected_layer == 1
        await screen.press("home")
        assert screen.main.view == View(0)
        await screen.press("end", "up")
        assert "ENV A: 298 → 299" in details(screen)
        assert screen.main.view == View(0)


async def test_an_image_without_layers(show: Show, tmp_path: Path) -> None:
    """Its steps are told, nothing can be compared, and a list that hides them all says so."""
    path = tmp_path / "image.tar"
    path.write_bytes(docker_archive(image(history=[{"created_by": 'CMD ["x"]', "empty_layer": True}])))
    async with show(explored(path)) as screen:
        assert screen.main.query_one(Details).border_title == "Step"
        assert 'CMD ["x"]' in details(screen)
        await screen.press("m")
        assert screen.said == ["There is nothing to compare: the image has no layers."]
        assert screen.main.view.base is None
        screen.app.clear_notifications()
        await screen.press("a")
        assert screen.layers.count == 0
        assert "a shows them" in screen.text()
        await screen.press("a")
        assert "a shows them" not in screen.text()
        assert screen.layers.count == 1


def test_tools_without_a_dockerfile() -> None:
    """What a tool noted of a layer stands beside its comment, which tells the layers apart."""
    jib = HistoryStep("jib-maven-plugin:3.4.0", comment="dependencies")
    assert row_command(LayerRow(0, jib)) == "jib-maven-plugin:3.4.0: dependencies"
    assert row_command(LayerRow(0, HistoryStep("RUN /bin/sh -c make", comment="buildkit.dockerfile.v0"))) == "RUN make"
    assert row_command(LayerRow(0, None)) == "(no command recorded)"


# Details


async def test_what_survives_comes_first(show: Show, sample: Exploration) -> None:
    """The first thing said of a layer is how much of it survives, and which layers hid the rest."""
    async with show(sample) as screen:
        await screen.press("home", "down", "down")
        first = details(screen).splitlines()[0]
        assert first == "6.0 of 10 MB is in the final image; 4.2 MB removed by layer 3"
        await screen.press("down")
        assert details(screen).startswith("adds no data")
        await screen.press("down")
        assert "twice in layer 3" in details(screen)


async def test_details_tell_what_is_pulled_and_when_it_was_made(show: Show, sample: Exploration) -> None:
    """The compressed size stands beside the size on disk, with the media type and the time since the step before."""
    top = sample.image.layers[3]
    steps = [replace(step, created=f"2026-01-31T09:0{number}:00Z") for number, step in enumerate(sample.image.history)]
    pulled = replace(top, download_bytes=top.number * 1_000_000, media_type="application/x-tar", step=steps[4])
    other = replace(sample.image, layers=(*sample.image.layers[:3], pulled), history=tuple(steps))
    async with show(replace(sample, image=other)) as screen:
        text = details(screen)
        assert "3.0 MB, 43 % of the 7.0 MB on disk" in text
        assert "application/x-tar" in text
        assert "2026-01-31 09:04 UTC (10 months ago), a minute after the previous step" in text


# A path's history


def test_differences_have_values(tmp_path: Path) -> None:
    """Mode, owner, link and type say what they were and what they are."""
    found = explored_layers(
        tmp_path, layer(file("a", b"1", mode=0o644)), layer(file("a", b"1", mode=0o4755, uid=65534))
    )
    node = found.tree.find("a")
    assert node is not None
    moments = list(history(Directories(found.tree), directory_sizes(found.tree), node))
    long, short = history_items(moments, False)[1].long.plain, history_items(moments, False)[1].short.plain
    assert long == "1 ~ 1 B mode 0644 → 4755, owner 0:0 → 65534:0"
    assert short == "1 ~ 1 B mode, owner"


def test_neighbours() -> None:
    """From any layer there is a way to the nearest ones that touched the path."""
    assert [next_layer([1, 4, 7], layer, 1) for layer in (0, 1, 5, 7)] == [1, 4, 7, None]
    assert [next_layer([1, 4, 7], layer, -1) for layer in (0, 1, 5, 7)] == [None, None, 4, 4]
    assert [index_at([1, 4, 7], layer) for layer in (0, 1, 5, 9)] == [None, 0, 1, 2]


@pytest.mark.parametrize("room", range(0, 200, 9))
@pytest.mark.parametrize("place", [None, 0, 7, 19])
def test_the_selected_moment_stays_in_sight(room: int, place: int | None) -> None:
    """However narrow the line, the selected layer's moment is on it, and as many around it as there is room for."""
    old, new = (Entry("a", Kind.FILE, 1, mode, 0, 0, 0, "", (), 0) for mode in (0o644, 0o600))
    pieces = history_items([PathChange(layer, Change.MODIFIED, 1, ("mode",), old, new) for layer in range(20)], False)
    kept, left_out = fit_items(pieces, room, place)
    place = 19 if place is None else place
    assert left_out <= place < left_out + len(kept)
    assert len(kept) == 1 or sum(text.cell_length + 3 for text in kept) <= room
    assert len(kept) == 20 or len(kept) >= room // 18


async def test_walking_along_the_history(show: Show, sample: Exploration) -> None:
    """Brackets go to the layers that touched the selected path, which stays selected, and stop at the ends."""
    async with show(sample) as screen:
        await screen.press("f", "e")
        screen.files.cursor = screen.names.index("index")
        await screen.pilot.pause()
        assert the_line(screen).stops == [1, 3]
        await screen.press("left_square_bracket")
        assert screen.main.view == View(1)
        assert screen.layers.selected_layer == 1
        assert screen.selected == "var/cache/index"
        await screen.press("left_square_bracket")
        assert screen.main.view == View(1)
        await screen.press("right_square_bracket")
        assert screen.main.view == View(3)
        assert screen.selected == "var/cache/index"
        assert screen.app.focused is screen.files


async def test_walking_to_where_the_path_is_hidden(show: Show, sample: Exploration) -> None:
    """What would hide the path there gives way: hidden kinds, and a comparison in which it is nowhere."""
    async with show(sample) as screen:
        await screen.press("home", "f", "2", "e")
        screen.files.cursor = screen.names.index("passwd")
        await screen.pilot.pause()
        await screen.press("right_square_bracket")
        assert screen.main.view == View(1)
        assert screen.selected == "etc/passwd"
        screen.layers.select(3)
        await screen.press("m")
        screen.layers.select(1)
        await screen.pilot.pause()
        screen.files.cursor = screen.names.index("index")
        await screen.press("right_square_bracket")
        assert screen.main.view == View(3)
        assert screen.selected == "var/cache/index"


async def test_the_line_takes_arrows_and_clicks(show: Show, sample: Exploration) -> None:
    """With the focus on the line the arrows walk along it; a click on a layer's moment goes there."""
    async with show(sample) as screen:
        await screen.press("f", "e")
        screen.files.cursor = screen.names.index("tool")
        await screen.pilot.pause()
        await screen.press("tab")
        if screen.app.focused is not the_line(screen):
            await screen.press("tab")
        assert screen.app.focused is the_line(screen)
        await screen.press("left")
        assert screen.main.view == View(0)
        await screen.press("end")
        assert screen.main.view == View(3)
        text = the_line(screen).render().plain
        await screen.pilot.click(the_line(screen), offset=(text.index("0 + 4") + 2, 0))
        await screen.pilot.pause()
        assert screen.main.view == View(0)
        assert screen.selected == "usr/bin/tool"


async def test_the_selected_moment_is_highlighted(show: Show, sample: Exploration) -> None:
    """The selected layer's moment stands out from the others."""
    async with show(sample) as screen:
        await screen.press("f", "e")
        screen.files.cursor = screen.names.index("tool")
        await screen.pilot.pause()
        line = the_line(screen)
        assert [span.style for span in line.render().spans if "on $row-cursor" in str(span.style)] == ["on $row-cursor"]
        await screen.press("left_square_bracket")
        content = line.render()
        found = [content.plain[span.start : span.end] for span in content.spans if span.style == "on $row-cursor"]
        assert found == ["0 + 4.0 MB"]
        line.focus()
        await screen.pilot.pause()
        content = line.render()
        found = [content.plain[span.start : span.end] for span in content.spans if span.style == "reverse"]
        assert found == ["0 + 4.0 MB"], "with the focus it stands out without a colour"


async def test_the_active_tab_needs_no_colour(show: Show, sample: Exploration) -> None:
    """Of the three panes' names that of the one that shows is underlined."""
    async with show(sample) as screen:
        right = screen.main.query_one("#right")
        for key, name in (("w", "Waste"), ("i", "Image"), ("f", "Files")):
            await screen.press(key)
            strip = screen.app.screen._compositor.render_strips()[right.region.y]
            lined = [segment.text for segment in strip if segment.style and segment.style.underline]
            assert lined == [name]


# Comparing


def test_comparison(tmp_path: Path) -> None:
    """The sums are what one layer sees more and less than the other, in either direction."""
    found = explored_layers(
        tmp_path,
        layer(file("a", b"1" * 1000), file("b", b"1" * 100), hardlink("c", "b"), file("d", b"1")),
        layer(file("a", b"1" * 1500), whiteout("b"), file("e", b"1" * 7)),
    )
    forth, back = (compared(found.tree, changes(found.tree, *points)) for points in ((0, 1), (1, 0)))
    assert (forth.more, forth.less) == (507, 0)
    assert (back.more, back.less) == (0, 507)
    assert sentence(forth).plain == "layer 0 → layer 1  + 1 ~ 1 − 1 files  +507 B"
    assert sentence(back).plain == "layer 1 → layer 0  back in time  + 1 ~ 1 − 1 files  −507 B"


async def test_comparing_says_so(show: Show, sample: Exploration) -> None:
    """While two layers are compared the first line says which, and how they differ; the base is marked; a key swaps."""
    async with show(sample) as screen:
        headline = screen.main.query_one(ImageHeader)
        await screen.press("home", "m")
        assert "compared with layer 0: select another one" in headline.render().plain
        await screen.press("end")
        assert "layer 0 → layer 3  + 3 ~ 2 − 1 files  +7.5 MB" in headline.render().plain
        assert screen.layers.render_line(0).text.startswith("◆")
        await screen.press("M")
        assert screen.main.view == View(0, base=3)
        assert "layer 3 → layer 0  back in time" in headline.render().plain
        assert screen.layers.render_line(4).text.startswith("◆")
        await screen.press("escape")
        assert "shipped" in headline.render().plain
        assert "◆" not in screen.text()


@pytest.mark.parametrize("width", range(1, 201, 7))
def test_a_comparison_fits(sample: Exploration, width: int) -> None:
    """The comparison fits every width; the image's name gives way."""
    content = comparison_line(ImageSummary("made:1"), compared(sample.tree, changes(sample.tree, 0, 3)), width)
    assert content.cell_length <= width
    assert "layer 0 → layer 3" in content.plain or width < 20


# The image


async def test_image_pane_tells_sizes(show: Show, sample: Exploration) -> None:
    """The image pane tells how large the image is beside what its documents say."""
    async with show(sample) as screen:
        text = "\n".join(line.plain for line in screen.main.query_one(ImagePane).wrapped(120))
        for words in (
            "shipped",
            "visible",
            "wasted",
            "4, and 1 step of the history that made none",
            "A container starts",
        ):
            assert words in text
