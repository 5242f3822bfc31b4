"""The list of images: files and registry images opened before, and the program without an image in a terminal."""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from explorer import __version__
from explorer.cli.image_list import opened_before
from explorer.layers.opened_images import OpenedImage
from tests.cli.in_terminal import program

NOW = datetime.now(UTC)


def opened(name: str, directory: str = "", **more: object) -> OpenedImage:
    """An image that was opened before."""
    image = OpenedImage(name, "linux/amd64", "sha256:1", (), (), (), NOW, directory=directory, program=__version__)
    return replace(image, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("image", "reference"),
    [
        (opened("shop.tar", "/srv"), "/srv/shop.tar"),
        (opened("./layout:1.2", "/srv"), "/srv/layout:1.2"),
        (opened("/tmp/shop.tar", "/srv"), "/tmp/shop.tar"),
        (opened("~/shop.tar", "/srv"), "~/shop.tar"),
        (opened("oci://layout", "/srv"), "oci:///srv/layout"),
        (opened("registry://ghcr.io/shop:1"), "registry://ghcr.io/shop:1"),
        (opened("shop:1"), None),
        (opened("docker://shop:1"), None),
        (opened("container://web", "/srv"), None),
        (opened("standard input"), None),
    ],
)
def test_references_that_open_an_image_again(image: OpenedImage, reference: str | None) -> None:
    """A relative path counts from the directory of then; images of engines are in the engines' own lists."""
    assert [each.reference for each in opened_before([image])] == ([reference] if reference else [])


def test_one_row_for_several_platforms() -> None:
    """A reference that was opened for several platforms is there once, at its last time."""
    images = [opened("/a.tar"), opened("/a.tar", opened=NOW - timedelta(days=1))]
    assert [each.opened for each in opened_before(images)] == [NOW]


def test_files_that_changed_or_are_missing(tmp_path: Path) -> None:
    """The waste of a file is known while nobody has written to it; a missing file is marked."""
    path = tmp_path / "shop.tar"
    path.touch()
    image = opened("shop.tar:1.2", str(tmp_path), wasted_bytes=7)

    def found() -> tuple[int | None, bool]:
        (each,) = opened_before([image])
        return each.wasted_bytes, each.is_missing

    for age, expected in ((60, 7), (-60, None)):
        time = NOW.timestamp() - age
        os.utime(path, (time, time))
        assert found() == (expected, False)
    path.unlink()
    assert found() == (None, True)


@pytest.mark.end_to_end
def test_the_program_alone_in_a_terminal(tmp_path: Path) -> None:
    """Without an image the list shows, the demo opens from it, and both are left again."""
    address = f"unix://{tmp_path}/none.sock"
    with program(XDG_CACHE_HOME=str(tmp_path), DOCKER_HOST=address, CONTAINER_HOST=address) as terminal:
        terminal.read(lambda output: b"No container engine" in output)
        assert b"demo" in terminal.output
        terminal.press(b"\r")
        terminal.read(lambda output: b"fixes save" in output)
        shown = len(terminal.output)
        terminal.press(b"\x1b")
        terminal.read(lambda output: b"No container engine" in output[shown:])
        assert b"No container engine" in terminal.output[shown:]
        terminal.press(b"q")
        assert terminal.wait() == 0


@pytest.mark.end_to_end
@pytest.mark.parametrize(("term", "pipeline"), [("dumb", ""), ("xterm-256color", "true")])
def test_the_program_alone_without_a_list(term: str, pipeline: str) -> None:
    """In a terminal without a cursor and in a pipeline, the program prints its usage."""
    with program(TERM=term, CI=pipeline) as terminal:
        assert terminal.wait() == 0
        assert b"Usage:" in terminal.output
