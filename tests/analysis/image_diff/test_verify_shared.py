"""Layers that two images share by their digests are verified before they are taken as equal."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from explorer.analysis.image_diff.file_changes import UNKNOWN
from explorer.analysis.image_diff.identical import Sameness
from explorer.errors import DamagedBytes
from explorer.layers import file_key, tar_layer
from explorer.layers.cache import Cache
from explorer.layers.index_format import encode_index
from explorer.model import OnProgress, Watcher
from explorer.pipeline import Exploration, explore
from explorer.pipeline.image_diff import compare
from explorer.saved import DOCUMENT_NAME
from explorer.saved.document import INDEXES_NAME
from tests.images import (
    MadeImage,
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
from tests.saved_files import archive_of, members, saved

HONEST = image(layer(file("a", b"hello")))
LIAR = image(layer(file("a", b"world")), rootfs=HONEST.config["rootfs"])


def packed_docker_archive(made: MadeImage) -> bytes:
    """Returns an archive that names compressed layers by their diff IDs."""
    return docker_archive(made, compress=gzipped)


def lying_layout(made: MadeImage) -> bytes:
    """Returns an archive with a blob under the digest of the honest image's layer."""
    honest, own = (gzipped(each.layers[0]) for each in (HONEST, made))
    # Both have the same number of bytes, so that the whole archive stays as it is.
    padded = own + bytes(len(honest) - len(own))
    return oci_archive(HONEST, compress=gzipped).replace(honest, padded)


def read(path: Path, content: bytes, cache: Path) -> Exploration:
    """Explores an archive with a cache."""
    path.write_bytes(content)
    return explore(opened(path), cache=Cache(cache))


@pytest.mark.parametrize("pack", [packed_docker_archive, lying_layout])
def test_a_layer_that_only_claims_a_cached_digest_is_damaged(
    tmp_path: Path, pack: Callable[[MadeImage], bytes]
) -> None:
    """The cache knows the digest from the other image, and the layer does not have it."""
    honest = packed_docker_archive(HONEST) if pack is packed_docker_archive else oci_archive(HONEST, compress=gzipped)
    old = read(tmp_path / "old.tar", honest, tmp_path / "cache")
    new = read(tmp_path / "new.tar", pack(LIAR), tmp_path / "cache")
    assert not new.damage
    for pair, name in (((old, new), "the new image"), ((new, old), "the old image")):
        with pytest.raises(DamagedBytes, match=f"{name}: .*new.tar is damaged: layer 0 does not have the digest") as e:
            compare(*pair, Watcher())
        assert "--no-cache" in e.value.hint


def test_a_layer_that_has_its_digest_is_verified_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The cache remembers the file that was verified, as long as it does not change."""
    monkeypatch.setattr(file_key, "_SETTLED_NS", 0)
    content = oci_archive(HONEST, compress=gzipped)
    old = read(tmp_path / "old.tar", content, tmp_path / "cache")
    new = read(tmp_path / "new.tar", content, tmp_path / "cache")
    verified: list[tar_layer.TarLayer] = []
    verify = tar_layer.TarLayer.has_verified_digest

    def counted(contents: tar_layer.TarLayer, on_progress: OnProgress) -> bool:
        verified.append(contents)
        return verify(contents, on_progress)

    monkeypatch.setattr(tar_layer.TarLayer, "has_verified_digest", counted)
    for _ in range(3):
        assert not compare(old, new, Watcher()).file_changes
    assert len(verified) == 1


def test_saved_layers_without_fingerprints_are_not_the_same(tmp_path: Path) -> None:
    """Equal names, sizes and times are of equal files only if something tells their contents."""
    unread = explored_layers(tmp_path, HONEST.layers[0])
    index = encode_index(unread.tree.layers[0], 9)
    parts = members(saved(unread))
    document = json.loads(parts[DOCUMENT_NAME])
    document["indexes"][0]["bytes"] = len(index)
    stripped = {**parts, DOCUMENT_NAME: json.dumps(document).encode(), INDEXES_NAME: index}
    for name in ("old.lx", "new.lx"):
        (tmp_path / name).write_bytes(archive_of(stripped))
    diff = compare(explored(tmp_path / "old.lx"), explored(tmp_path / "new.lx"), Watcher())
    assert [change.differs for change in diff.file_changes] == [{UNKNOWN}]
    assert diff.identical.value is Sameness.NO
    assert diff.problems
