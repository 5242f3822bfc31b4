"""Versions of a path."""

from __future__ import annotations

from pathlib import Path

from explorer.layers.tree import Node, Tree
from explorer.preview.versions import file_version_at, file_versions
from tests.images import explored, file, gzipped, image, layer, merged, oci_archive, whiteout
from tests.tables import ESTARGZ, packed, table_archive


def at(tree: Tree, path: str) -> Node:
    node = tree.find(path)
    assert node is not None
    return node


def test_version_at_a_layer() -> None:
    """A path has the version of the selected layer, or the last one if it was removed; a directory has none."""
    tree = merged(layer(file("d/a", b"1")), layer(whiteout("d/a")), layer(file("d/a", b"23")), layer(whiteout("d")))
    node = at(tree, "d/a")
    for layer_index, size in [(0, 1), (1, 1), (2, 2), (3, 2)]:
        version = file_version_at(node, layer_index, layer_index - 1)
        assert version is not None
        assert version.entry.size == size
    assert file_version_at(at(tree, "d"), 0, -1) is None
    compared = file_version_at(node, 3, 0)
    assert compared is not None
    assert compared.entry.size == 1, "a removed path has the version of the layer that it is compared with"
    assert [version.layer for version in file_versions(node)] == [0, 2]


def test_a_file_is_read_without_its_layer(tmp_path: Path) -> None:
    """Before a file of a compressed layer its layer is read; of one with a table of contents, the file alone."""
    path = tmp_path / "image.tar"
    tar = layer(file("a", b"1"))
    for written, is_layer in [
        (table_archive([packed(tar, ESTARGZ)]), False),
        (oci_archive(image(tar), compress=gzipped), True),
    ]:
        path.write_bytes(written)
        exploration = explored(path)
        version = file_version_at(at(exploration.tree, "a"), 0, -1)
        assert version is not None
        assert (exploration.contents.bytes_to_read(version) is not None) == is_layer
