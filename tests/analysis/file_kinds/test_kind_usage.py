"""The bytes by kind of file: each visible byte has one kind."""

from __future__ import annotations

import tempfile
from collections import Counter
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from explorer.analysis.file_kinds.kind_usage import image_kinds, shipped_kinds, visible_kinds
from tests.images import Item, big, explored_layers, file, hardlink, layer, symlink, whiteout

_PATHS = (
    *("a", "bin/tool", "lib/libm.a", "lib/a.so.1", "app/a.py", "app/__pycache__/a.pyc", "usr/include/a.h", "tmp/a.so"),
    *("usr/bin/gcc", "usr/share/doc/a/b", "usr/share/doc/a", "Hives/Sam_Delta", "lib/node_modules/a/test/b.js"),
)

paths = st.sampled_from(_PATHS)
members = st.one_of(
    st.builds(file, paths, st.binary(max_size=4)),
    st.builds(hardlink, paths, paths),
    st.builds(symlink, st.sampled_from(("lib", "a")), paths),
    st.builds(whiteout, st.sampled_from((*_PATHS, "lib", "usr", "app"))),
)
images = st.lists(st.lists(members, max_size=8), min_size=1, max_size=4)


@settings(suppress_health_check=list(HealthCheck), deadline=None, max_examples=80)
@given(images)
def test_kinds_add_up(layers: list[list[Item]]) -> None:
    """Kinds add up to the visible bytes, to the disposable ones of each kind, and to what each layer ships."""
    with tempfile.TemporaryDirectory() as folder:
        image = explored_layers(Path(folder), *(layer(*items) for items in layers))
        kinds = visible_kinds(image.tree, image.disposables)
        assert sum(kind.bytes for kind in kinds) == image.usage.visible_bytes
        both = image_kinds(image.tree, image.disposables, image.usage.wasted)
        assert sum(kind.wasted_bytes for kind in both) == image.usage.wasted_bytes
        assert sum(kind.bytes for kind in both) == image.usage.visible_bytes
        disposable: Counter[str] = Counter()
        for each in image.disposables:
            disposable[each.kind] += each.bytes
        assert {kind.kind: kind.saved_bytes for kind in kinds if kind.saved_bytes} == disposable
        for number, index in enumerate(image.tree.layers):
            shipped = shipped_kinds(index, number, image.usage.wasted)
            assert sum(kind.bytes for kind in shipped) == index.shipped_bytes
            assert sum(kind.saved_bytes for kind in shipped) == image.usage.by_shipping_layer[number]
            assert all(kind.saved_bytes <= kind.bytes for kind in shipped)


@settings(suppress_health_check=list(HealthCheck), deadline=None, max_examples=30)
@given(images)
def test_directories_add_up(layers: list[list[Item]]) -> None:
    """The kinds below a directory are as large as the directory, and base and own layers are the whole."""
    with tempfile.TemporaryDirectory() as folder:
        image = explored_layers(Path(folder), *(layer(*items) for items in layers))
        for directory in ("usr", "lib", "app"):
            node = image.tree.find(directory)
            kinds = visible_kinds(image.tree, (), directory=directory)
            size = 0 if node is None else image.sizes.at(node, image.tree.top)
            assert sum(kind.bytes for kind in kinds) == size
        assert all(kind.base_bytes == 0 for kind in visible_kinds(image.tree, ()))
        assert all(kind.base_bytes == kind.bytes for kind in visible_kinds(image.tree, (), len(layers)))


def test_hard_links_count_once(tmp_path: Path) -> None:
    """An inode is one file of the kind of its first visible name."""
    image = explored_layers(
        tmp_path,
        layer(big("a.py", 1), hardlink("b.so", "a.py"), hardlink("usr/share/doc/c", "a.py")),
        layer(whiteout("a.py")),
    )
    (kind,) = visible_kinds(image.tree, image.disposables)
    assert (kind.kind, kind.files, kind.bytes, kind.saved_bytes) == ("shared_libraries", 1, 1_000_000, 0)


def test_what_keeps_files_out(tmp_path: Path) -> None:
    """Advice is there where something keeps the files out, and not about files that are needed."""
    image = explored_layers(
        tmp_path,
        layer(big("usr/share/doc/a", 2), big("usr/include/a.h", 1), file("usr/bin/gcc", b"1"), big("app/a.js.map", 1)),
    )
    advised = {kind.kind: kind.can_be_kept_out for kind in visible_kinds(image.tree, image.disposables)}
    assert advised == {"documentation": True, "headers": False, "other": False, "source_maps": True}


def test_wasted_files_below_a_directory(tmp_path: Path) -> None:
    """The wasted bytes of a kind are those below the directory that is asked for."""
    image = explored_layers(
        tmp_path, layer(big("usr/a.py", 2), big("app/a.py", 1)), layer(whiteout("usr/a.py"), whiteout("app/a.py"))
    )
    (kind,) = image_kinds(image.tree, (), image.usage.wasted, directory="usr")
    assert (kind.kind, kind.bytes, kind.wasted_bytes) == ("python_sources", 0, 2_000_000)
