"""The command ``compare``."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.running import run
from tests.images import big, docker_archive, image, layer, whiteout


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, str]:
    """Two archives that differ in a layer."""
    folder = tmp_path_factory.mktemp("images")
    base = layer(big("usr/lib/a", 1), big("usr/lib/b", 2))
    for name, top in (
        ("old.tar", layer(big("app/a", 0.1))),
        ("new.tar", layer(big("app/a", 0.3), whiteout("usr/lib/a"))),
    ):
        (folder / name).write_bytes(docker_archive(image(base, top)))
    return str(folder / "old.tar"), str(folder / "new.tar")


def test_sizes_and_files_come_in_the_text(pair: tuple[str, str]) -> None:
    """The text has the sizes of both images and the paths that differ, the largest change first."""
    done = run("compare", *pair)
    assert (done.exit_code, done.stderr) == (0, "")
    assert "  visible       3.1 MB    2.3 MB  -800 kB" in done.stdout
    paths = [line.rpartition(" ")[2] for line in done.stdout.splitlines()]
    assert 0 < paths.index("/usr/lib/a") < paths.index("/app/a")


@pytest.mark.parametrize("place", [0, 1])
def test_an_error_names_the_image(pair: tuple[str, str], place: int, tmp_path: Path) -> None:
    """An error says if it is about the old or the new image."""
    words = [*pair]
    words[place] = str(tmp_path / "nothing.tar")
    done = run("compare", *words)
    assert done.exit_code == 3
    assert f"layer-explorer: the {('old', 'new')[place]} image: there is no file " in done.stderr


def test_standard_input_is_one_image() -> None:
    """Both images on standard input are an error."""
    done = run("compare", "-", "-")
    assert (done.exit_code, "standard input holds one image" in done.stderr) == (2, True)
