"""The layers of Podman's images, from the files of its storage."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from explorer.layers.cache import Cache
from explorer.sources.engines import directory_bytes as module
from explorer.sources.engines.podman_store import StoredLayers, driver_directory, stored_layers


@pytest.fixture
def driver(tmp_path: Path) -> Path:
    """The storage of Podman, with an image of two layers, and an image of the lower one."""
    storage = tmp_path / "storage"
    layers: list[dict[str, Any]] = [
        {"id": "low", "diff-digest": "sha256:1", "diff-size": 2048},
        {"id": "top", "parent": "low", "diff-digest": "sha256:2", "diff-size": 1536},
    ]
    images = [{"id": "shop", "layer": "top"}, {"id": "base", "layer": "low"}, {"id": "empty"}]
    for folder, name, content in (("layers", "layers", layers), ("images", "images", images)):
        (storage / f"overlay-{folder}").mkdir(parents=True)
        (storage / f"overlay-{folder}" / f"{name}.json").write_text(json.dumps(content))
    for layer, text in (("low", "12345"), ("top", "1")):
        (storage / "overlay" / layer / "diff" / "d").mkdir(parents=True)
        (storage / "overlay" / layer / "diff" / "d" / "file").write_text(text)
    low = storage / "overlay" / "low" / "diff"
    (low / "link").symlink_to("xx")
    os.link(low / "d" / "file", low / "again")
    return storage / "overlay"


def test_the_description_of_an_image_tells_the_storage() -> None:
    """The directory of its top layer is in that of all layers."""
    inspected = {"GraphDriver": {"Data": {"UpperDir": "/storage/overlay/top/diff"}}}
    assert driver_directory(inspected) == Path("/storage/overlay")
    for other in (
        {},
        {"GraphDriver": 5},
        {"GraphDriver": {"Data": None}},
        {"GraphDriver": {"Data": {"UpperDir": "x"}}},
    ):
        assert driver_directory(other) is None


def test_layers_have_the_bytes_of_their_files(driver: Path) -> None:
    """Each inode counts once, and a link has the bytes of its target's name."""
    assert stored_layers(driver, None) == {
        "shop": StoredLayers(("sha256:1", "sha256:2"), (7, 1)),
        "base": StoredLayers(("sha256:1",), (7,)),
        "empty": StoredLayers((), ()),
    }


def test_layers_that_cannot_be_measured_have_the_bytes_of_their_tars(
    driver: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One directory that is not there suffices, or too little time."""
    tars = StoredLayers(("sha256:1", "sha256:2"), (2048, 1536))
    with monkeypatch.context() as patched:
        patched.setattr(module, "MAX_SECONDS", -1)
        assert stored_layers(driver, None)["shop"] == tars
    (driver / "low").rename(driver / "away")
    assert stored_layers(driver, None)["shop"] == tars


def test_a_layer_is_measured_once(driver: Path, tmp_path: Path) -> None:
    """The cache knows it the next time, and is no layer itself. Nonsense in it counts as nothing."""
    cache = Cache(tmp_path / "cache")
    stored_layers(driver, cache)
    (driver / "low" / "diff" / "link").unlink()
    assert stored_layers(driver, cache)["base"].bytes == (7,)
    assert cache.entries() == []
    for path in (tmp_path / "cache").rglob("*.sizes"):
        path.write_text("[5]")
    assert stored_layers(driver, cache)["base"].bytes == (5,)


@pytest.mark.parametrize(
    "layers",
    [[], {}, [{"id": "top", "parent": "top", "diff-digest": "sha256:1", "diff-size": 1}], [{"id": "top"}], [5]],
)
def test_nonsense_in_the_files_gives_no_layers(driver: Path, layers: object) -> None:
    """An image whose layers are not all known is left out, also if they run in a circle."""
    (driver.parent / "overlay-layers" / "layers.json").write_text(json.dumps(layers))
    assert "shop" not in stored_layers(driver, None)
    (driver.parent / "overlay-layers" / "layers.json").write_text("[")
    assert "shop" not in stored_layers(driver, None)
