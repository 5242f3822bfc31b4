"""The names of images opened before."""

from __future__ import annotations

import json
import stat
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from explorer.layers import opened_images as module
from explorer.layers.opened_images import forget_images, known_images, known_waste, opened_images, remember_image
from explorer.model import Image, KnownLayer
from explorer.sources.engines.overlay import OverlayLayer
from tests.images import NOW, digest, docker_archive, file, gzipped, image, layer, oci_archive, opened

if TYPE_CHECKING:
    from pathlib import Path

LAYERS = (layer(file("a", b"a")), layer(file("b", b"b")))


@pytest.fixture
def shop(tmp_path: Path) -> Image:
    """An image of two layers with certain digests."""
    path = tmp_path / "shop.tar"
    path.write_bytes(oci_archive(image(*LAYERS, tag="shop:dev"), compress=gzipped))
    return replace(opened(path), reference="shop:dev")


def test_an_image_is_remembered(tmp_path: Path, shop: Image) -> None:
    """Name, platform, ID, tags, the digests of the layers in order and the time come back, from private files."""
    remember_image(tmp_path / "cache", shop, NOW)
    (known,) = opened_images(tmp_path / "cache")
    assert (known.name, known.platform, known.id, known.opened) == ("shop:dev", "linux/amd64", shop.id, NOW)
    assert known.diff_ids == tuple(map(digest, LAYERS))
    assert known.digests == tuple(digest(gzipped(data)) for data in LAYERS)
    (path,) = (tmp_path / "cache" / "images").iterdir()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_the_last_opened_comes_first(tmp_path: Path, shop: Image) -> None:
    """Each name and platform has one entry, with the time when it was opened last."""
    other = replace(shop, reference="other", platform="linux/arm64")
    for minutes, each in enumerate((shop, other, replace(other, platform="linux/arm/v7"), shop)):
        remember_image(tmp_path, each, NOW + timedelta(minutes=minutes))
    assert [(known.name, known.platform) for known in opened_images(tmp_path)] == [
        ("shop:dev", "linux/amd64"),
        ("other", "linux/arm/v7"),
        ("other", "linux/arm64"),
    ]


@pytest.mark.parametrize(
    ("reference", "name"),
    [
        ("registry://bob:secret@host/shop", "registry://…@host/shop"),
        ("-", "shop:dev"),
        ("\udcff\x1b", "\udcff\x1b"),
    ],
)
def test_names(tmp_path: Path, shop: Image, reference: str, name: str) -> None:
    """A login is not kept, standard input has its tag as a name, and any text comes back."""
    remember_image(tmp_path, replace(shop, reference=reference), NOW)
    assert [known.name for known in opened_images(tmp_path)] == [name]
    assert b"secret" not in b"".join(path.read_bytes() for path in (tmp_path / "images").iterdir())


def test_images_without_certain_digests_are_not_kept(tmp_path: Path) -> None:
    """An image whose layers may differ from their digests would lend its name to layers of others."""
    remember_image(tmp_path, opened("demo"), NOW)
    assert opened_images(tmp_path) == []


def test_the_number_is_bounded(tmp_path: Path, shop: Image, monkeypatch: pytest.MonkeyPatch) -> None:
    """The image that was not opened for the longest time goes first; huge names are not kept."""
    monkeypatch.setattr(module, "_MAX_IMAGES", 3)
    for number in range(5):
        remember_image(tmp_path, replace(shop, reference=f"{number}"), NOW + timedelta(minutes=number))
    remember_image(tmp_path, replace(shop, reference="x" * 2000), NOW)
    assert len(opened_images(tmp_path)) == 3
    assert opened_images(tmp_path)[0].name == "4"


def test_damaged_files_count_as_missing(tmp_path: Path, shop: Image) -> None:
    """A file that is cut, foreign, huge or no file at all is skipped, and clearing removes what is ours."""
    remember_image(tmp_path, shop, NOW)
    (good,) = (tmp_path / "images").iterdir()
    text = good.read_text()
    document = json.loads(text)
    wrong = ["", text[:-9], "[]", "{}", "9" * 5000, "[" * 100_000, " " * 300_000 + text]
    changes: list[dict[str, object]] = [
        {"version": 2},
        {"name": 1},
        {"name": "x" * 2000},
        {"opened": "then"},
        {"diff_ids": ["x"]},
        {"digests": []},
        {"tags": 3},
    ]
    wrong += [json.dumps({**document, **change}) for change in changes]
    for number, content in enumerate(wrong):
        (good.parent / f"{number}.json").write_text(content)
    (good.parent / "directory.json").mkdir()
    (good.parent / "link.json").symlink_to(good)
    (good.parent / "foreign").write_text("stays")
    assert [known.name for known in opened_images(tmp_path)] == ["shop:dev"]
    assert forget_images(tmp_path) > len(text)
    assert sorted(path.name for path in good.parent.iterdir()) == ["directory.json", "foreign", "link.json"]


def test_a_cache_that_cannot_be_written(tmp_path: Path, shop: Image) -> None:
    """Without a writable directory nothing is remembered, and nothing fails."""
    (tmp_path / "file").write_text("")
    remember_image(tmp_path / "file", shop, NOW)
    assert opened_images(tmp_path / "file") == []
    assert forget_images(tmp_path / "file") == 0


def test_images_with_certain_layers_are_known(tmp_path: Path, shop: Image) -> None:
    """An image that was read wholly gives its names to its layers, by the digests that were verified."""
    remember_image(tmp_path, shop, NOW)
    (known,) = known_images(tmp_path)
    assert known.names == ("shop:dev",)
    assert known.layers == tuple(KnownLayer("", digest(gzipped(data))) for data in LAYERS)
    assert known.place == "in shop:dev, opened before"


def test_no_image_lends_its_name_to_layers_that_it_only_claims(tmp_path: Path, shop: Image) -> None:
    """Diff IDs that nothing verified are not known: a hostile image can name those of others."""
    path = tmp_path / "hostile.tar"
    path.write_bytes(docker_archive(image(*LAYERS, tag="debian:12")))
    remember_image(tmp_path, opened(path), NOW)
    claiming = replace(
        shop, reference="claim", tags=("debian:12",), layers=(replace(shop.layers[0], diff_id=digest(b"x")),)
    )
    remember_image(tmp_path, claiming, NOW)
    (known,) = known_images(tmp_path)
    assert [layer.diff_id for layer in known.layers] == [""]
    assert known.layers[0].digest == digest(gzipped(LAYERS[0]))


def test_an_image_that_was_not_read_wholly_is_not_known(tmp_path: Path, shop: Image) -> None:
    """An image with layers that were left out or are damaged is no base of others; neither is one without a name."""
    remember_image(tmp_path, shop, NOW, uncertain=[1])
    remember_image(tmp_path, replace(shop, tags=(), reference="file.tar"), NOW)
    assert known_images(tmp_path) == []
    assert len(opened_images(tmp_path)) == 2


@pytest.mark.parametrize("reference", ["evil.tar", "docker-archive:debian:12", "-"])
def test_names_that_an_archive_gives_itself_are_marked(tmp_path: Path, shop: Image, reference: str) -> None:
    """An archive can give itself any name, also one that is the name of its file, and hides no other of that name."""
    named = replace(shop, reference="debian:12", tags=("debian:12",), is_self_named=False)
    remember_image(tmp_path, named, NOW)
    remember_image(tmp_path, replace(shop, reference=reference, tags=("debian:12",)), NOW + timedelta(minutes=1))
    assert [known.is_self_named for known in known_images(tmp_path)] == [True, False]


def test_names_of_an_older_entry_are_marked(tmp_path: Path, shop: Image) -> None:
    """An entry that does not say who gave the names may be that of an archive."""
    remember_image(tmp_path, replace(shop, is_self_named=False), NOW)
    (path,) = (tmp_path / "images").iterdir()
    document = json.loads(path.read_text())
    del document["is_self_named"]
    path.write_text(json.dumps(document))
    assert [known.is_self_named for known in known_images(tmp_path)] == [True]


def test_entries_of_an_older_version_are_not_known(tmp_path: Path, shop: Image) -> None:
    """Without the certain digests an entry still names the cached layers, and is no base."""
    remember_image(tmp_path, shop, NOW)
    (path,) = (tmp_path / "images").iterdir()
    document = json.loads(path.read_text())
    del document["verified"], document["manifest"]
    path.write_text(json.dumps(document))
    assert len(opened_images(tmp_path)) == 1
    assert known_images(tmp_path) == []


def test_the_waste_of_an_image_is_remembered(tmp_path: Path, shop: Image, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same layers of an engine waste the same bytes. Damage, and another version of the program, prove nothing."""
    in_engine = [replace(each, contents=OverlayLayer("layer", tmp_path)) for each in shop.layers]
    remember_image(tmp_path, replace(shop, layers=tuple(in_engine)), NOW, wasted_bytes=7)
    assert known_waste(tmp_path) == {tuple(map(digest, LAYERS)): 7}
    monkeypatch.setattr(module, "__version__", "0.0.1")
    assert known_waste(tmp_path) == {}
    remember_image(tmp_path, replace(shop, layers=tuple(in_engine)), NOW, uncertain=[1], wasted_bytes=7)
    assert known_waste(tmp_path) == {}


def test_waste_counts_only_for_certain_diff_ids(tmp_path: Path, shop: Image) -> None:
    """An archive whose layers have other certain digests may lie about its diff IDs."""
    remember_image(tmp_path, shop, NOW, wasted_bytes=7)
    assert opened_images(tmp_path)[0].wasted_bytes == 7
    assert known_waste(tmp_path) == {}


def test_files_without_certain_digests_are_kept_without_their_layers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file can be opened again from any directory, and its layers name no layers of others."""
    (tmp_path / "shop.tar").write_bytes(docker_archive(image(*LAYERS, tag="shop:dev")))
    monkeypatch.chdir(tmp_path)
    remember_image(tmp_path, replace(opened(tmp_path / "shop.tar"), reference="shop.tar"), NOW, wasted_bytes=7)
    (kept,) = opened_images(tmp_path)
    assert (kept.name, kept.directory, kept.diff_ids) == ("shop.tar", str(tmp_path), ())
    assert known_images(tmp_path) == []
    assert known_waste(tmp_path) == {}
