"""The command ``duplicates``."""

from __future__ import annotations

import json

import pytest

from tests.cli.running import run
from tests.images import big, docker_archive, file, hardlink, image, layer


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> str:
    """An archive with a library that two directories have, nine equal files, and hard links."""
    path = tmp_path_factory.mktemp("images") / "shop.tar"
    made = image(
        layer(big("opt/a/lib/one", 2), big("opt/a/lib/two", 1, 2), hardlink("opt/two", "opt/a/lib/two")),
        layer(big("srv/b/lib/one", 2), big("srv/b/lib/two", 1, 2), *(big(f"n{name}", 0.1, 3) for name in range(9))),
        layer(file("small", b"1"), file("tiny", b"1")),
    )
    path.write_bytes(docker_archive(made))
    return str(path)


def test_groups_of_places(shop: str) -> None:
    """A group has a line for each place, the first of them with the figures, and the last line is the sum."""
    lines = [line.split() for line in run("duplicates", shop).stdout.splitlines()]
    assert lines[0] == ["saves", "links", "layer", "path"]
    assert lines[1:4] == [
        ["3.0", "MB", "2", "0", "/opt/a"],
        ["1", "/srv/b"],
        ["800", "kB", "8", "1", "/n0"],
    ]
    assert lines[-2] == ["and", "1", "more", "place"]
    assert lines[-1][:3] == ["3.8", "MB", "10"]


@pytest.mark.end_to_end
def test_json_and_options(shop: str) -> None:
    """``--top`` changes no sum, and ``--min-size`` leaves out smaller files."""
    whole = json.loads(run("duplicates", "--format", "json", shop).stdout)
    fewer = json.loads(run("duplicates", "--format", "json", "--top", "1", shop).stdout)
    assert fewer == {**whole, "groups": whole["groups"][:1]}
    assert run("duplicates", "--min-size", "3M", shop).stderr == "No two files of 3 MB or more have the same content.\n"
    tiny = json.loads(run("duplicates", "--format", "json", "--min-size", "1", shop).stdout)
    assert tiny["saves_bytes"] == whole["saves_bytes"] + 1


def test_wrong_size() -> None:
    """A size that is none ends with 2 before the image is read."""
    done = run("duplicates", "no-such-image.tar", "--min-size", "big")
    assert done.exit_code == 2
    assert "--min-size big is no size" in done.stderr
