"""The demo image shows each feature, costs next to nothing, and is the same on every machine."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from explorer.analysis.changes import change, differences
from explorer.layers.readers import WindowReader
from explorer.layers.streams import FileRange
from explorer.layers.tree import Version
from explorer.model import Cause, Change, Kind
from explorer.pipeline import Exploration
from explorer.sources.demo import write_demo
from tests.images import content_of, explored, opened


@pytest.fixture(scope="module")
def demo() -> Exploration:
    """The exploration of the demo image."""
    return explored("demo")


@pytest.fixture
def written(tmp_path: Path) -> Path:
    """The demo image's archive as a file."""
    path = tmp_path / "demo.tar"
    with path.open("w+b") as file:
        write_demo(file)
    return path


@pytest.mark.parametrize("cause", Cause)
def test_every_cause_of_waste(demo: Exploration, cause: Cause) -> None:
    """Bytes are wasted for every cause."""
    assert demo.usage.by_cause[cause] > 0


@pytest.mark.parametrize("wanted", [Change.ADDED, Change.MODIFIED, Change.REMOVED])
def test_every_kind_of_change(demo: Exploration, wanted: Change) -> None:
    """Some layer adds, some modifies and some removes files."""
    counts = {
        Change.ADDED: [figures.added for figures in demo.layers],
        Change.MODIFIED: [figures.modified for figures in demo.layers],
        Change.REMOVED: [figures.removed for figures in demo.layers],
    }
    assert any(counts[wanted])


@pytest.mark.parametrize("wanted", ["type", "bytes", "link", "mode", "owner", "time"])
def test_every_difference(demo: Exploration, wanted: str) -> None:
    """Some modified file differs in each way that a file can differ."""
    assert any(wanted in differences(demo.tree, old, new) for old, new in modifications(demo))


def modifications(demo: Exploration) -> Iterator[tuple[Version, Version]]:
    """The two sides of every modification from one layer to the next."""
    for layer in range(1, len(demo.layers)):
        for node in demo.tree.walk():
            if change(demo.tree, node, layer - 1, layer) is Change.MODIFIED:
                old, new = node.version_at(layer - 1), node.version_at(layer)
                assert old is not None
                assert new is not None
                yield old, new


@pytest.mark.parametrize("kind", [Kind.FILE, Kind.DIRECTORY, Kind.SYMLINK, Kind.HARDLINK])
def test_the_usual_kinds_of_files(demo: Exploration, kind: Kind) -> None:
    """Files, directories, symbolic and hard links are visible in a container."""
    assert any(entry.kind is kind for node in demo.tree.walk() if (entry := node.entry_at(demo.tree.top)))


def test_a_secret_that_was_deleted_too_late(demo: Exploration) -> None:
    """A file with a password is invisible at the top, but readable in the layer that added it."""
    node = demo.tree.find("/app/.env")
    assert node is not None
    assert node.entry_at(demo.tree.top) is None
    number, entry = node.history[0]
    assert entry is not None
    assert b"hunter2" in content_of(demo.image.layers[number].contents, demo.tree.layers[number], entry)


def test_nothing_is_odd_about_it(demo: Exploration) -> None:
    """The image and its layers have no problems, and each layer has its step."""
    assert demo.image.problems == ()
    assert all(figures.problems == () for figures in demo.layers)
    assert all(figures.layer.step and figures.layer.step.created_by for figures in demo.layers)
    assert any(step.layer is None for step in demo.image.history)
    assert any(figures.bytes == 0 for figures in demo.layers)


@pytest.mark.end_to_end
def test_the_digests_are_true(written: Path) -> None:
    """Every layer's diff_id is the digest of its tar, and the image's ID that of its configuration."""
    image = opened(written)
    for layer in image.layers:
        part = layer.contents.part  # type: ignore[attr-defined]
        assert layer.diff_id == f"sha256:{digest_of(part)}"


def digest_of(part: FileRange) -> str:
    """Returns the sha256 of a part of a file."""
    digest = hashlib.sha256()
    for piece in WindowReader(part).pieces(0, part.size):
        digest.update(piece)
    return digest.hexdigest()


def test_it_takes_little_room(written: Path) -> None:
    """Hundreds of megabytes are holes: the archive takes less than 3 MB on disk."""
    status = written.stat()
    assert status.st_size > 500_000_000
    assert status.st_blocks * 512 < 3_000_000


def test_it_is_the_same_every_time(demo: Exploration, written: Path) -> None:
    """Two demo images have the same ID and the same bytes."""
    again = opened(written)
    assert again.id == demo.image.id
    assert [layer.diff_id for layer in again.layers] == [layer.diff_id for layer in demo.image.layers]


def test_it_needs_no_engine() -> None:
    """The demo image is opened without the Docker SDK, which costs a quarter of a second."""
    code = """
import sys
from explorer.model import Watcher
from explorer.sources import open_image
from explorer.sources.request import Request
open_image(Request("demo", Watcher()))
print(sorted({"docker", "requests", "textual", "rich"} & set(sys.modules)))
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
