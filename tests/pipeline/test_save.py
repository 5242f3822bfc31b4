"""Saved explorations: the facts about an image come back, and nothing else is in the file."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from explorer.analysis.dockerfile.read_dockerfile import dockerfile_of
from explorer.analysis.image_diff.shared_layers import shared_layers
from explorer.errors import Cancelled, NoContents
from explorer.layers.index_format import decode_index
from explorer.layers.tar_layer import AbsentLayer
from explorer.model import Progress, Watcher
from explorer.pipeline import explore
from explorer.pipeline.image_diff import compare
from explorer.pipeline.save import save
from explorer.preview.file_diff import content_diff
from explorer.preview.versions import file_versions
from explorer.report import packages
from explorer.report.formats import FORMATS
from explorer.report.page import Page
from explorer.saved import DOCUMENT_NAME
from explorer.saved.document import INDEXES_NAME
from tests.images import (
    NOW,
    docker_archive,
    explored,
    explored_layers,
    file,
    gzipped,
    image,
    layer,
    oci_archive,
    opened,
)
from tests.saved_files import TOKEN, members, saved, saved_image, unpacked
from tests.tables import ZSTD_CHUNKED, packed, table_archive

if TYPE_CHECKING:
    from explorer.pipeline import Exploration


@pytest.fixture
def original(tmp_path: Path) -> Exploration:
    """An image with a package, a deleted secret, waste and a name that is not UTF-8."""
    return saved_image(tmp_path)


def reopened(exploration: Exploration, tmp_path: Path) -> Exploration:
    """Returns the same image, from its saved exploration."""
    path = tmp_path / "shop.lx"
    path.write_bytes(save(exploration, Watcher())[0])
    return explored(path)


def report(exploration: Exploration) -> object:
    """Returns the report as JSON, without the names of the file."""
    document = json.loads(FORMATS["json"](exploration, NOW, Page()))
    assert document["image"].pop("source").removeprefix("saved exploration of ")
    del document["image"]["reference"]
    return document


def figures(exploration: Exploration) -> object:
    """Returns the report, the packages and the findings."""
    found = exploration.read_packages(Watcher())
    listed = json.loads(packages.as_json(found.usages, found, exploration.known_base_layers))
    findings = [repr(each) for each in exploration.read_findings(Watcher()).findings]
    return report(exploration), listed, findings


def test_all_figures_come_back(original: Exploration, tmp_path: Path) -> None:
    """The report, the packages, the findings, the settings and each entry are those of the image."""
    again = reopened(original, tmp_path)
    assert figures(again) == figures(original)
    for index, old in zip(again.tree.layers, original.tree.layers, strict=True):
        assert (list(index.entries), list(index.superseded)) == (list(old.entries), list(old.superseded))
    assert (again.image.config, again.image.history) == (original.image.config, original.image.history)
    assert [each.step for each in again.image.layers] == [each.step for each in original.image.layers]
    assert "github-token" in {finding.id for finding in again.read_findings(Watcher()).findings}


def test_the_file_has_all_fingerprints_and_no_secret(original: Exploration) -> None:
    """Each content has its fingerprint; no text of a secret is in the unpacked bytes."""
    content = saved(original)
    parts = members(content)
    index = decode_index(parts[INDEXES_NAME][: json.loads(parts[DOCUMENT_NAME])["indexes"][0]["bytes"]])
    assert len(index.fingerprints) == 5
    assert TOKEN[4:14].encode() not in unpacked(content)
    assert b"ghp_****" in parts[DOCUMENT_NAME]


def test_the_same_image_makes_the_same_file(original: Exploration, tmp_path: Path) -> None:
    """Neither the time nor the machine is in the file, and a saved one is saved again with the same indexes."""
    content = saved(original)
    assert saved(original) == content
    assert members(saved(reopened(original, tmp_path)))[INDEXES_NAME] == members(content)[INDEXES_NAME]


def test_contents_are_not_there(original: Exploration, tmp_path: Path) -> None:
    """A file cannot be read, and the error says why and what to do."""
    again = reopened(original, tmp_path)
    node = again.tree.find("bin/bash")
    assert node is not None
    with pytest.raises(NoContents, match=r"shop\.lx holds no contents of files: it is a saved exploration") as error:
        again.contents.read(file_versions(node)[0], lambda _: None)
    assert error.value.hint == f"Open the image itself: lx {original.image.reference}"


def test_a_diff_of_saved_files_says_that_they_differ(tmp_path: Path) -> None:
    """The fingerprints are known, so that only the lines are missing."""
    again = reopened(explored_layers(tmp_path, layer(file("a", b"1\n")), layer(file("a", b"2\n"))), tmp_path)
    node = again.tree.find("a")
    assert node is not None
    old, new = node.history
    diff = content_diff(again.contents, node, old, new, lambda _: None)
    assert diff.notes[0].startswith("The contents differ, but ")
    assert "shop.lx holds no contents of files" in diff.notes[0]


def test_two_saved_images_share_equal_layers(original: Exploration, tmp_path: Path) -> None:
    """Their indexes are equal with all fingerprints, so that no path of theirs is compared."""
    again = reopened(original, tmp_path)
    (tmp_path / "other.lx").write_bytes(saved(original))
    other = explored(tmp_path / "other.lx")
    assert shared_layers(again, other) == {(0, 0), (1, 1), (2, 2)}
    assert not compare(again, other, Watcher()).path_pairs
    assert not compare(again, original, Watcher()).file_changes


def test_equal_layers_are_saved_once(tmp_path: Path) -> None:
    """An image that has a layer twice has its index once, and layers without history have no step."""
    same = layer(file("a", b"a" * 4000))
    path = tmp_path / "twice.tar"
    path.write_bytes(docker_archive(image(same, layer(file("b", b"b")), same, history=[])))
    original = explored(path)
    document = json.loads(members(saved(original))[DOCUMENT_NAME])
    assert [each["index"] for each in document["layers"]] == [0, 1, 0]
    assert report(reopened(original, tmp_path)) == report(original)


def test_an_image_without_layers(tmp_path: Path) -> None:
    """It has no index."""
    path = tmp_path / "empty.tar"
    path.write_bytes(docker_archive(image()))
    assert report(reopened(explored(path), tmp_path)) == report(explored(path))


def test_damage_is_kept(tmp_path: Path) -> None:
    """The figures of a damaged layer are saved with its damage; what cannot be read is a problem."""
    path = tmp_path / "damaged.tar"
    path.write_bytes(docker_archive(image(layer(file("a")), layer(file("b"), file("c"))[:512] + b"x" * 512)))
    original = explored(path)
    assert original.damage
    assert reopened(original, tmp_path).damage == original.damage


def test_missing_layers_stay_missing(tmp_path: Path) -> None:
    """A layer that the source does not have has no index, and its problem."""
    path = tmp_path / "image.tar"
    path.write_bytes(docker_archive(image(layer(file("a", b"a")), layer(file("b", b"b")))))
    found = opened(path)
    missing = replace(found.layers[0], contents=AbsentLayer("layer 0", "it is not included"), is_missing=True)
    again = reopened(explore(replace(found, layers=(missing, found.layers[1]))), tmp_path)
    assert again.missing_layers == (0,)
    assert list(again.layers[0].problems) == ["it is not included"]


def test_layers_from_tables_keep_their_digests(tmp_path: Path) -> None:
    """Files of a layer with a table of contents are not read: their digests are known."""
    path = tmp_path / "tables.tar"
    path.write_bytes(table_archive([packed(layer(file("f", b"a file")), ZSTD_CHUNKED)]))
    original = explored(path)
    again = reopened(original, tmp_path)
    assert again.tree.layers[0].is_from_table
    assert again.tree.layers[0].digests == original.tree.layers[0].digests
    assert report(again) == report(original)
    assert again.image.source == f"saved exploration of {original.image.source}"


def test_contents_that_streamed_past_are_not_read_again(tmp_path: Path) -> None:
    """A compressed layer has its fingerprints already, so that saving it reads nothing."""
    path = tmp_path / "oci.tar"
    path.write_bytes(oci_archive(image(layer(file("a", b"a" * 4000))), compress=gzipped))
    original = explored(path)
    steps: list[str] = []
    save(original, _Steps(steps))
    assert "Reading contents" not in steps


def test_the_dockerfile_comes_back(original: Exploration, tmp_path: Path) -> None:
    """Its lines are saved with their secrets masked, and are those of the same steps."""
    lines = f"FROM debian\nARG TOKEN={TOKEN}\nRUN make\nCOPY . .\n"
    given = replace(original, given_dockerfile=dockerfile_of(lines.encode(), "Dockerfile"))
    again = reopened(given, tmp_path)
    assert again.dockerfile_map is not None
    assert given.dockerfile_map is not None
    assert again.dockerfile_map.dockerfile.lines == given.dockerfile_map.dockerfile.lines
    assert again.dockerfile_map.lines_by_step == given.dockerfile_map.lines_by_step
    assert TOKEN[4:14].encode() not in unpacked(saved(given))


def test_saving_can_be_stopped(original: Exploration) -> None:
    """The watcher ends it while contents are read."""
    with pytest.raises(Cancelled):
        save(original, _Stopped())


class _Steps(Watcher):
    """Notes the names of the steps."""

    def __init__(self, steps: list[str]) -> None:
        self._steps = steps

    def progress(self, progress: Progress) -> None:
        self._steps.append(progress.step)


class _Stopped(Watcher):
    """Stops the work at the first step."""

    def progress(self, progress: Progress) -> None:
        raise Cancelled(progress.step)
