"""Packages of images in registries: the files that are fetched for them, and those that are kept."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import pytest

from explorer.layers.cache import Cache
from explorer.layers.read_budget import ReadBudget
from explorer.model import Watcher
from explorer.pipeline import Exploration, explore
from explorer.sources import open_image
from explorer.sources.request import Request
from tests.analysis.packages.made_databases import dpkg_list, dpkg_status
from tests.fake_registry import FakeRegistry
from tests.images import big, digest, file, gzipped, image, layer
from tests.tables import ESTARGZ, packed, table_files

if TYPE_CHECKING:
    from pathlib import Path

DATABASE = dpkg_status({"bash": "5"}), dpkg_list("bash", ["/bin/bash"])
LAYERS = layer(*DATABASE, file("bin/bash", b"bash")), layer(big("opt/x", 0.1))


@pytest.fixture
def debian(shop: FakeRegistry) -> FakeRegistry:
    """A registry with an image of two layers, of which one has a database."""
    shop.add("1", image(*LAYERS), compress=gzipped, suffix="+gzip")
    return shop


def read(shop: FakeRegistry, cache: Cache | None, max_bytes: int | None = None, tag: str = ":1") -> Exploration:
    """Explores the registry's image."""
    budget = ReadBudget(max_fetched_bytes=max_bytes)
    return explore(open_image(Request(shop.reference(tag), Watcher(), budget=budget)), None, cache, budget)


def names(exploration: Exploration, *, fetches: bool = True) -> list[str]:
    """Returns the names of the packages."""
    usages = exploration.read_packages(Watcher(), fetches=fetches).usages
    return [usage.package.name for usage in usages if usage.package]


def blobs(shop: FakeRegistry) -> int:
    """Returns the number of blobs that were asked for so far."""
    return len(shop.asked("/blobs/"))


def test_only_layers_with_databases_are_fetched_again(debian: FakeRegistry, tmp_path: Path) -> None:
    """If the indexes are cached, only layers with databases are fetched, and only if that is wanted."""
    cache = Cache(tmp_path / "cache")
    assert read(debian, cache)
    exploration = read(debian, cache)
    before = blobs(debian)
    assert names(exploration, fetches=False) == []
    assert exploration.packages.problems == [(0, "the files of its packages are not fetched yet")]
    assert exploration.packages.needs_fetch
    assert blobs(debian) == before
    assert names(exploration) == ["bash"]
    assert blobs(debian) == before + 1
    exploration = read(debian, cache)
    after = blobs(debian)
    assert names(exploration, fetches=False) == ["bash"]
    assert blobs(debian) == after


def test_a_layer_that_was_just_read_needs_no_fetch(debian: FakeRegistry) -> None:
    """The bytes of a layer that was downloaded to list it are there."""
    exploration = read(debian, None)
    before = blobs(debian)
    assert names(exploration, fetches=False) == ["bash"]
    assert blobs(debian) == before


def test_layers_beyond_the_limit_are_unknown(debian: FakeRegistry) -> None:
    """A layer that may not be fetched is a problem of the packages, too."""
    exploration = read(debian, None, max_bytes=0)
    assert names(exploration) == []
    assert [number for number, _ in exploration.packages.problems] == [0, 1]


def test_files_of_a_table_are_fetched_alone(shop: FakeRegistry) -> None:
    """The databases of a layer with a table are fetched, but no executables."""
    program = file("usr/bin/program", random.Random(7).randbytes(300_000), mode=0o755)
    shop.add_files("1", table_files([packed(layer(*DATABASE, program), ESTARGZ)]))
    exploration = read(shop, None)
    assert names(exploration, fetches=False) == []
    shop.heard.clear()
    assert names(exploration) == ["bash"]
    assert shop.heard
    for request in shop.heard:
        start, _, end = request.headers["Range"].removeprefix("bytes=").partition("-")
        assert int(end) - int(start) < 100_000


def test_a_false_layer_keeps_nothing(debian: FakeRegistry, tmp_path: Path) -> None:
    """Packages of a blob that has not the diff ID of its image are not kept for that diff ID."""
    cache = Cache(tmp_path / "cache")
    honest = read(debian, cache)
    evil = layer(dpkg_status({"evil": "5"}), *DATABASE[1:], file("bin/bash", b"bash"))
    rootfs = {"type": "layers", "diff_ids": [digest(each) for each in LAYERS]}
    debian.add("2", image(evil, LAYERS[1], rootfs=rootfs), compress=gzipped, suffix="+gzip")
    assert names(read(debian, cache, tag=":2")) == ["evil"]
    assert names(honest) == ["bash"]
    assert names(read(debian, cache)) == ["bash"]
