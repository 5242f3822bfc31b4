"""The Dockerfile pane: keys in; lines, figures and the selected layer out."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest

from explorer.analysis.dockerfile.dockerfile import Dockerfile
from explorer.analysis.dockerfile.parse import parse_dockerfile
from explorer.pipeline import Exploration
from explorer.tui.dockerfile.dockerfile_list import DockerfileList
from tests.analysis.dockerfile.timed_image import time_at, timed_image
from tests.tui.driving import HOSTILE, Screen, Show

_TEXT = """\
ARG BASE=debian
FROM golang AS build
RUN make

FROM ${BASE}
RUN apt-get update && \\
\ttrue
ENV A=1
RUN rm -rf /var/cache/apt/*
CMD go
"""
_STEPS = (
    ("/bin/sh -c #(nop) ADD file:aa in /", 0, False),
    ("/bin/sh -c apt-get update && true", 100, False),
    ("/bin/sh -c #(nop)  ENV A=1", 101, True),
    ("/bin/sh -c rm -rf /var/cache/apt/*", 131, False),
    ('/bin/sh -c #(nop)  CMD ["/bin/sh" "-c" "go"]', 131.5, True),
)


@pytest.fixture
def image(tmp_path: Path) -> Exploration:
    return timed_image(tmp_path, _STEPS)


def with_dockerfile(image: Exploration, text: str = _TEXT, started: datetime | None = None) -> Exploration:
    return replace(image, given_dockerfile=replace(parse_dockerfile(text, "Dockerfile"), build_started=started))


def listed(screen: Screen) -> DockerfileList:
    return screen.main.query_one(DockerfileList)


def line(screen: Screen, text: str) -> str:
    """Returns the line of the screen with a text, its blanks joined."""
    lines = (" ".join(each.split()) for each in screen.text().splitlines())
    return next((each for each in lines if text in each), "")


@pytest.mark.end_to_end
@pytest.mark.parametrize("size", [(80, 24), (200, 60)])
async def test_lines_have_their_figures(show: Show, image: Exploration, size: tuple[int, int]) -> None:
    """Bytes and waste stand at the line where an instruction begins, those of the base at FROM."""
    async with show(with_dockerfile(image), size=size) as screen:
        await screen.loaded()
        await screen.press("B", "z")
        assert "5 1.0 kB" in line(screen, "FROM ${BASE}")
        assert "6 320 B 300 B" in line(screen, "RUN apt-get")
        assert "3 – RUN make" in line(screen, "RUN make")
        assert "30 s" in line(screen, "RUN rm -rf /var/cache")


@pytest.mark.end_to_end
async def test_a_cached_line(show: Show, image: Exploration) -> None:
    """A step from before the build was cached."""
    started = time_at(120)
    async with show(with_dockerfile(image, started=started)) as screen:
        await screen.loaded()
        await screen.press("B", "z")
        assert "320 B 300 B CACHED" in line(screen, "RUN apt-get")
        assert "CACHED" not in line(screen, "RUN rm -rf /var/cache")


@pytest.mark.end_to_end
async def test_layers_and_lines_select_each_other(show: Show, image: Exploration) -> None:
    """A selected layer marks its lines and moves the cursor there; a line selects its layer, a comment none."""
    async with show(with_dockerfile(image)) as screen:
        await screen.loaded()
        screen.layers.select(1)
        await screen.press("B")
        assert listed(screen).selected is not None
        assert listed(screen).cursor == 5
        assert "▌ 7 true" in line(screen, "▌ 7")
        await screen.press("j")
        assert screen.main.view.layer == 1
        await screen.press("j", "j")
        assert screen.main.view.layer == 2
        await screen.press("g")
        assert (screen.main.view.layer, listed(screen).cursor) == (2, 0)
        screen.layers.select(0)
        await screen.settled()
        assert listed(screen).cursor == 4


@pytest.mark.end_to_end
async def test_enter_shows_the_files(show: Show, image: Exploration) -> None:
    """Enter goes to the files as of the line's layer, and Backspace comes back; a line without a layer says so."""
    async with show(with_dockerfile(image), notifications=True) as screen:
        await screen.loaded()
        screen.layers.select(1)
        await screen.press("B", "enter")
        assert (screen.main.pane, screen.main.view.layer) == ("files", 1)
        await screen.press("backspace")
        assert screen.main.pane == "dockerfile"
        await screen.press("g", "enter")
        assert screen.said[-1] == "This line made no layer."
        await screen.press("j", "j", "enter")
        assert screen.said[-1] == "This stage is not in the image."


@pytest.mark.end_to_end
async def test_without_a_dockerfile(show: Show, image: Exploration) -> None:
    """The pane says how to get a Dockerfile, and makes none up."""
    async with show(image, size=(80, 24)) as screen:
        await screen.loaded()
        await screen.press("B")
        assert "lx --dockerfile FILE IMAGE" in screen.text()
        assert listed(screen).count == 0


@pytest.mark.end_to_end
async def test_a_dockerfile_of_another_image(show: Show, image: Exploration) -> None:
    """It shows the text without figures, and the reason."""
    async with show(with_dockerfile(image, "FROM debian\nRUN other\n")) as screen:
        await screen.loaded()
        await screen.press("B", "z")
        assert "No figures, because this Dockerfile does not fit the image. Line 2: RUN other" in screen.text()
        assert "2 RUN other" in line(screen, "2 RUN other")
        assert "size" not in line(screen, " # ")


@pytest.mark.end_to_end
async def test_an_unknown_dockerfile(show: Show, image: Exploration) -> None:
    """The reason why the Dockerfile of a build is unknown stands in its place."""
    unknown = Dockerfile("", (), (), problem="the build has several Dockerfiles")
    async with show(replace(image, given_dockerfile=unknown)) as screen:
        await screen.loaded()
        await screen.press("B")
        assert "The build has several Dockerfiles." in screen.text()


@pytest.mark.end_to_end
async def test_copying(show: Show, image: Exploration) -> None:
    """Y copies the line, and with Shift all lines of the instruction."""
    async with show(with_dockerfile(image)) as screen:
        await screen.loaded()
        screen.layers.select(1)
        await screen.press("B", "j", "y")
        assert screen.app.clipboard == "\ttrue"
        await screen.press("Y")
        assert screen.app.clipboard == "RUN apt-get update && \\\n\ttrue"


@pytest.mark.end_to_end
async def test_long_lines(show: Show, image: Exploration) -> None:
    """The rest of a long line comes in sight with the arrow, and no further than its end."""
    async with show(with_dockerfile(image, f"FROM debian\n# {'x' * 300} end\n"), size=(80, 24)) as screen:
        await screen.loaded()
        await screen.press("B")
        assert "end" not in screen.text()
        await screen.press(*["right"] * 60)
        assert "xx end" in screen.text()
        await screen.press(*["left"] * 60)
        assert "# xx" in screen.text()


@pytest.mark.end_to_end
async def test_hostile_text(show: Show, image: Exploration) -> None:
    """A hostile line is shown escaped, in terminals of all sizes."""
    names = [name.replace("\n", " ") for name in HOSTILE]
    text = "FROM debian\n" + "".join(f"# {name}\nRUN {name}\n" for name in names)
    async with show(with_dockerfile(image, text)) as screen:
        await screen.loaded()
        await screen.press("B", "z")
        assert "# [bold red]x" in screen.text()
        assert "RUN a[/b].so" in screen.text()
        for size in ((30, 8), (80, 24)):
            await screen.resize(*size)
            await screen.press("G", "l", "y")


@pytest.mark.end_to_end
async def test_a_doubt_is_shown_in_full(show: Show, image: Exploration) -> None:
    """A remark without room beside the name goes on below it, if the pane is high enough."""
    async with show(with_dockerfile(image), size=(80, 24)) as screen:
        await screen.press("B")
        assert "of lines that are not in the file" in " ".join(screen.text().replace("┃", "").split())
        assert line(screen, "FROM ${BASE}") != ""
