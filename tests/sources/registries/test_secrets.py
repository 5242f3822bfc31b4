"""Secrets of images in registries: files are fetched to search them only if that is wanted."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

from explorer.layers.cache import Cache
from explorer.model import Watcher
from explorer.pipeline import Exploration
from tests.analysis.findings.secrets.made_secrets import WITH_TOKEN
from tests.images import digest, file, gzipped, image, layer
from tests.sources.registries.test_packages import blobs, read
from tests.tables import ESTARGZ, packed, table_files

if TYPE_CHECKING:
    from pathlib import Path

    from tests.fake_registry import FakeRegistry

LAYERS = layer(file("a.png", b"picture" * 9)), layer(file("conf", WITH_TOKEN))
NOT_FETCHED = "its files are not searched for secrets, because they are not fetched yet"


def rules(exploration: Exploration, *, fetches: bool = True) -> list[str]:
    """Returns the rules of the secrets that are found."""
    findings = exploration.read_findings(Watcher(), fetches=fetches).findings
    return [each.id for each in findings if each.kind.value == "secret"]


def test_only_layers_with_files_to_search_are_fetched_again(shop: FakeRegistry, tmp_path: Path) -> None:
    """If the indexes are cached, other layers are fetched only if that is wanted, and only once."""
    shop.add("1", image(*LAYERS), compress=gzipped, suffix="+gzip")
    cache = Cache(tmp_path / "cache")
    assert read(shop, cache)
    exploration = read(shop, cache)
    before = blobs(shop)
    assert rules(exploration, fetches=False) == []
    known = exploration.known_findings
    assert known is not None
    assert (known.needs_fetch, known.problems) == (True, [(1, NOT_FETCHED)])
    assert blobs(shop) == before
    assert rules(exploration) == ["github-token"]
    assert blobs(shop) == before + 1
    exploration = read(shop, cache)
    after = blobs(shop)
    assert rules(exploration, fetches=False) == ["github-token"]
    assert blobs(shop) == after


def test_layers_beyond_the_limit_are_unknown(shop: FakeRegistry) -> None:
    """A layer that may not be fetched is a problem of the findings, too."""
    shop.add("1", image(*LAYERS), compress=gzipped, suffix="+gzip")
    exploration = read(shop, None, max_bytes=0)
    assert rules(exploration) == []
    problems = exploration.read_findings(Watcher()).problems
    assert [number for number, _ in problems] == [0, 1]


def test_files_of_a_table_are_fetched_if_wanted(shop: FakeRegistry) -> None:
    """A layer with a table of contents is not fetched to search it before the user asks."""
    large = file("model.onnx", random.Random(7).randbytes(300_000))
    shop.add_files("1", table_files([packed(layer(file("conf", WITH_TOKEN), large), ESTARGZ)]))
    exploration = read(shop, None)
    shop.heard.clear()
    assert rules(exploration, fetches=False) == []
    assert not shop.heard
    assert rules(exploration) == ["github-token"]


def test_a_false_layer_keeps_nothing(shop: FakeRegistry, tmp_path: Path) -> None:
    """Secrets of a blob that has not the diff ID of its image are not kept for that diff ID."""
    shop.add("1", image(*LAYERS), compress=gzipped, suffix="+gzip")
    cache = Cache(tmp_path / "cache")
    honest = read(shop, cache)
    rootfs = {"type": "layers", "diff_ids": [digest(each) for each in LAYERS]}
    clean = layer(file("conf", b"x" * len(WITH_TOKEN)))
    shop.add("2", image(LAYERS[0], clean, rootfs=rootfs), compress=gzipped, suffix="+gzip")
    assert rules(read(shop, cache, tag=":2")) == []
    assert rules(honest) == ["github-token"]
    assert rules(read(shop, cache)) == ["github-token"]
