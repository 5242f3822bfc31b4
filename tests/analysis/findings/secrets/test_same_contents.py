"""Contents with several paths: each is searched once, and no path hides what another one shows."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from explorer.analysis.base.base import Base, Evidence
from explorer.pipeline import Exploration, explore
from tests.analysis.findings.secrets.made_secrets import WITH_TOKEN, fates
from tests.images import docker_archive, file, gzipped, hardlink, image, layer, oci_archive, opened

SAMPLE = file("app/node_modules/.bin/docs/a.txt", WITH_TOKEN)
PASSWORD = b"password: Xk39dkP2qZ7w\n"
BASE = Base(1, "base:1", "", Evidence.OPTION, exact=True, reason="")


def explored(path: Path, *layers: bytes, is_compressed: bool = True) -> Exploration:
    """Explores layers; those of compressed ones have fingerprints of all contents."""
    made = image(*layers)
    archive = oci_archive(made, compress=gzipped, suffix="+gzip") if is_compressed else docker_archive(made)
    (path / "image.tar").write_bytes(archive)
    return explore(opened(path / "image.tar"))


def above_base(exploration: Exploration) -> Exploration:
    """Returns an exploration whose lowest layer is certainly the base."""
    return replace(exploration, find_given_base=lambda: BASE)


def test_a_copy_of_a_sample_is_searched(tmp_path: Path) -> None:
    """The first path of a content does not decide for the others."""
    own = file("app/real.txt", WITH_TOKEN)
    assert fates(explored(tmp_path, layer(SAMPLE, own))) == [("app/node_modules/.bin/docs/a.txt", 1, 0, None)]
    assert fates(explored(tmp_path, layer(SAMPLE), layer(own))) == [("app/node_modules/.bin/docs/a.txt", 1, 0, None)]
    assert fates(explored(tmp_path, layer(SAMPLE))) == []


def test_each_path_of_a_content_selects_rules(tmp_path: Path) -> None:
    """A password counts in files of settings only, whichever path comes first."""
    text, settings = file("app/a.txt", PASSWORD), file("app/b.yml", PASSWORD)
    assert fates(explored(tmp_path, layer(text), layer(settings))) == [("app/a.txt", 1, 0, None)]
    assert fates(explored(tmp_path, layer(text))) == []


@pytest.mark.parametrize(
    ("first", "second", "content"),
    [("a.txt", "b.png", WITH_TOKEN), ("a.png", "b.txt", WITH_TOKEN), ("a.txt", "b.yml", PASSWORD)],
)
def test_each_name_of_an_inode_selects_rules(tmp_path: Path, first: str, second: str, content: bytes) -> None:
    """A hard link is a path like others."""
    linked = layer(file(first, content), hardlink(second, first))
    assert len(fates(explored(tmp_path, linked, is_compressed=False))) == 1


@pytest.mark.parametrize("is_compressed", [True, False])
def test_a_content_of_the_base_at_another_path_is_of_the_image(tmp_path: Path, is_compressed: bool) -> None:
    """A layer that copies a secret of the base ships it itself."""
    layers = layer(file("a", WITH_TOKEN)), layer(file("b", WITH_TOKEN))
    exploration = above_base(explored(tmp_path, *layers, is_compressed=is_compressed))
    assert fates(exploration) == [("b", 1, 1, None)]


def test_a_layer_of_the_base_that_comes_again_is_of_the_base(tmp_path: Path) -> None:
    """It ships nothing that the base has not at the same path."""
    same = layer(file("a", WITH_TOKEN))
    assert fates(above_base(explored(tmp_path, same, layer(file("b")), same))) == []


def test_the_content_of_a_whiteout_is_searched(tmp_path: Path) -> None:
    """It is shipped, whatever name it hides."""
    exploration = explored(tmp_path, layer(file("a", b"123456789")), layer(file(".wh.a", WITH_TOKEN)))
    assert fates(exploration) == [(".wh.a", 1, 1, 1)]
