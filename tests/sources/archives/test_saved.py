"""Saved explorations that strangers wrote: each fault is an error that says what to do."""

from __future__ import annotations

import tarfile
from contextlib import suppress
from dataclasses import replace
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from explorer.errors import ImageError, ImageNotFound, UnreadableImage
from explorer.layers.index_format import encode_index
from explorer.model import LayerIndex, Watcher
from explorer.report.formats import FORMATS
from explorer.report.page import Page
from explorer.saved import DOCUMENT_NAME, SAVE_AGAIN
from explorer.saved.document import INDEXES_NAME, PACKAGES_NAME
from explorer.text.printable import printable
from tests.images import NOW, explored, opened
from tests.saved_files import archive_of, members, rewritten, saved, saved_image

if TYPE_CHECKING:
    from collections.abc import Callable

VERSION_1 = Path(__file__).with_name("saved_version_1.lx")


@cache
def good() -> bytes:
    """Returns a saved exploration."""
    with TemporaryDirectory() as folder:
        return saved(saved_image(Path(folder)))


def use(content: bytes, path: Path) -> None:
    """Reads all that an image has. Raises ImageError."""
    path.write_bytes(content)
    exploration = explored(path)
    for write in FORMATS.values():
        text = write(exploration, NOW, Page())
        assert printable(text.replace("\n", " ")) == text.replace("\n", " ")
    exploration.read_packages(Watcher())
    exploration.read_findings(Watcher())


def test_version_1_opens_for_ever() -> None:
    """The file of the first version has its figures in each later program."""
    exploration = explored(VERSION_1)
    assert exploration.usage.shipped_bytes == 809_177
    assert [usage.package.name for usage in exploration.read_packages(Watcher()).usages] == ["bash"]
    assert "github-token" in {finding.id for finding in exploration.read_findings(Watcher()).findings}


def test_equal_layers_of_two_files_are_decoded_once(tmp_path: Path) -> None:
    """Two saved images have one index for a layer that both have, while one of them is in memory."""
    for name in ("old", "new"):
        (tmp_path / name).write_bytes(good())
    old, new = explored(tmp_path / "old"), explored(tmp_path / "new")
    assert all(before is after for before, after in zip(old.tree.layers, new.tree.layers, strict=True))


def test_equal_layers_with_unknown_contents_stay_apart(tmp_path: Path) -> None:
    """An index that lacks a fingerprint is no proof that two layers are one."""
    (tmp_path / "good").write_bytes(good())
    layers = explored(tmp_path / "good").tree.layers
    indexes = [encode_index(replace(index, fingerprints={})) for index in layers]
    for name in ("old", "new"):
        (tmp_path / name).write_bytes(rewritten(good(), indexes=indexes))
    old, new = explored(tmp_path / "old"), explored(tmp_path / "new")
    assert not any(before is after for before, after in zip(old.tree.layers, new.tree.layers, strict=True))


def _set(*keys: Any, value: Any) -> Callable[[dict[str, Any]], None]:
    def edit(document: dict[str, Any]) -> None:
        at: Any = document
        for key in keys[:-1]:
            at = at[key]
        at[keys[-1]] = value

    return edit


@pytest.mark.parametrize(
    ("edit", "message"),
    [
        (_set("version", value=2), "version 2, expected version 1"),
        (_set("version", value="1"), r"Expected `int`, got `str` - at `\$.version`"),
        (_set("layers", value=[]), "it names a layer above the 0 that it has"),
        (_set("layers", 0, "index", value=3), "its layers have other indexes than the 3"),
        (_set("layers", value=[{"index": 0}] * 1001), "it has 1,001 layers, expected at most 1,000"),
        (_set("indexes", 1, "bytes", value=1), r"its indexes have [\d,]+ bytes, expected [\d,]+"),
        (_set("indexes", 1, "bytes", value=-1), r"Expected `int` >= 0 - at `\$.indexes\[1\].bytes`"),
        (_set("image", "history", 0, "layer", value=3), "it names a layer above the 3 that it has"),
        (_set("secrets", "findings", 0, "layer", value=3), "it names a layer above the 3 that it has"),
        (_set("secrets", "findings", 0, "place", value={"step": 3}), "it names a step behind the 3 that it has"),
        (_set("secrets", "findings", 0, "place", value={"path": ["?"]}), "a path of a secret is not Base64"),
        (_set("secrets", "findings", 0, "severity", value="x"), "Invalid enum value 'x'"),
        (_set("image", "config", "env", value="A=b"), "Expected `array`, got `str`"),
        (_set("more", value=[[]] * 1_500_000), "expected at most 1,500,000"),
        (_set("more", value="x" * (17 << 20)), "expected at most 16,777,216"),
    ],
)
def test_faults_of_the_document(edit: Callable[[dict[str, Any]], None], message: str, tmp_path: Path) -> None:
    """Other versions, wrong types, numbers of nothing and documents without end are named."""
    with pytest.raises(UnreadableImage, match=message) as error:
        use(rewritten(good(), edit), tmp_path / "f.lx")
    assert error.value.message.startswith(f"{tmp_path}/f.lx is a ")
    assert error.value.hint in (SAVE_AGAIN, "Update Layer Explorer, or save the image again with this version of it.")


def test_later_keys_are_skipped(tmp_path: Path) -> None:
    """Keys that a later program adds do no harm."""
    use(rewritten(good(), _set("image", "later", value={"a": [1]})), tmp_path / "f.lx")


@pytest.mark.parametrize("name", [INDEXES_NAME, PACKAGES_NAME])
def test_a_missing_file(name: str, tmp_path: Path) -> None:
    """A saved exploration without one of its files is damaged."""
    parts = members(good())
    del parts[name]
    with pytest.raises(UnreadableImage, match=f"it has no file {name}"):
        use(archive_of(parts), tmp_path / "f.lx")


def test_files_that_are_links(tmp_path: Path) -> None:
    """A link to a file of the system is not followed."""
    path = tmp_path / "f.lx"
    with tarfile.open(path, "w") as archive:
        for name in (DOCUMENT_NAME, INDEXES_NAME):
            member = tarfile.TarInfo(name)
            member.type, member.linkname = tarfile.SYMTYPE, "/etc/passwd"
            archive.addfile(member)
    with pytest.raises(UnreadableImage, match=f"it has no file {DOCUMENT_NAME}"):
        opened(path)


def test_a_file_that_is_cut_off(tmp_path: Path) -> None:
    """The hint is about saving it again, not about an engine."""
    with pytest.raises(UnreadableImage, match="the rest of the archive") as error:
        use(good()[:4000], tmp_path / "f.lx")
    assert error.value.hint == SAVE_AGAIN


def test_an_index_that_no_layer_has(tmp_path: Path) -> None:
    """Its layer is named."""
    wrong = encode_index(LayerIndex((), fingerprints={1: b"1" * 16}))
    with pytest.raises(UnreadableImage, match=r"layer 1 cannot be read: its index in .*f\.lx is damaged"):
        use(rewritten(good(), indexes=[encode_index(LayerIndex(())), wrong, wrong + b"x"]), tmp_path / "f.lx")


def test_damaged_packages_are_a_problem(tmp_path: Path) -> None:
    """The packages alone are missing, with the reason."""
    path = tmp_path / "f.lx"
    path.write_bytes(rewritten(good(), packages=b"[{}, 3]"))
    problems = explored(path).read_packages(Watcher()).problems
    assert [layer for layer, _ in problems] == [0, 1, 2]
    assert "f.lx is a damaged saved exploration: packages: Expected `object`, got `int`" in problems[0][1]


def test_it_is_one_image(tmp_path: Path) -> None:
    """Another tag or platform is not found."""
    path = tmp_path / "f.lx"
    path.write_bytes(good())
    with pytest.raises(ImageNotFound, match="no image for the platform linux/s390x"):
        opened(path, platform="linux/s390x")
    with pytest.raises(ImageNotFound, match="no image “other”"):
        opened(f"{path}:other")


@settings(max_examples=60)
@given(st.data())
def test_any_changed_byte(data: st.DataObject) -> None:
    """A damaged file opens, or is refused; it never ends the program."""
    content = bytearray(good())
    for _ in range(data.draw(st.integers(1, 3))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    with TemporaryDirectory() as folder, suppress(ImageError):
        use(bytes(content), Path(folder, "f.lx"))


VALUES = st.none() | st.integers() | st.text(max_size=3) | st.sampled_from(["\x1b[0m", "../..", [], {}, [["a", "b"]]])


@settings(max_examples=60)
@given(st.data())
def test_any_changed_value(data: st.DataObject) -> None:
    """A document with any other value opens, or is refused."""

    def edit(document: dict[str, Any]) -> None:
        at: Any = document
        while True:
            key = data.draw(st.sampled_from([*at] if isinstance(at, dict) else range(len(at))))
            if not isinstance(at[key], (dict, list)) or not at[key] or data.draw(st.integers(0, 9)) == 0:
                at[key] = data.draw(VALUES)
                return
            at = at[key]

    with TemporaryDirectory() as folder, suppress(ImageError):
        use(rewritten(good(), edit), Path(folder, "f.lx"))
