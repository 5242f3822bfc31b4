"""Saved files: contents, modes, times and links, and what remains after an error."""

from __future__ import annotations

import io
import os
import stat
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from explorer.errors import Cancelled, CannotSave, UnreadableLayer
from explorer.extract.destination import Destination
from explorer.extract.extract import Saved, save
from explorer.extract.plan import make_plan
from explorer.layers.merge import merge
from explorer.layers.streams import InflatedStream
from explorer.model import Image, Kind, Layer, Progress, Verified, Watcher
from explorer.pipeline import Exploration
from explorer.sources.engines.endpoint import Endpoint
from explorer.sources.engines.image import _DeferredLayer, _DeferredSave
from explorer.sources.engines.overlay import OverlayLayer
from explorer.sources.request import Request
from tests.conftest import skip_or_fail
from tests.extract.saving import listed, planned, saved
from tests.images import (
    MB,
    TIME,
    Item,
    Watching,
    content_of,
    device,
    directory,
    docker_archive,
    explored,
    explored_layers,
    file,
    gzipped,
    hardlink,
    image,
    layer,
    oci_archive,
    opaque,
    symlink,
    whiteout,
    zstded,
)


def test_file(made: Callable[..., Exploration], out: Path) -> None:
    """A file is saved with its bytes, permissions and modification time."""
    result = saved(made([file("a/tool", b"x" * 3000, mode=0o755)]), "a/tool", out)
    status = (out / "it").stat()
    assert (out / "it").read_bytes() == b"x" * 3000
    assert stat.S_IMODE(status.st_mode) == 0o755
    assert status.st_mtime == TIME
    assert result == Saved(out / "it", 1, 3000, ())


def test_hard_links(made: Callable[..., Exploration], out: Path) -> None:
    """Names of one inode are saved as names of one file; a single saved name becomes a file of its own."""
    exploration = made([file("d/a", b"same"), hardlink("d/b", "d/a"), hardlink("d/e/c", "d/a"), file("f", b"1")])
    result = saved(exploration, "d", out)
    assert len({(out / "it" / name).stat().st_ino for name in ("a", "b", "e/c")}) == 1
    assert (result.files, result.bytes) == (3, 4)
    saved(exploration, "d/e", out / "it")
    assert (out / "it/it/c").read_bytes() == b"same"


def test_hard_links_become_copies(made: Callable[..., Exploration], out: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """On a file system without hard links, the other names become copies."""

    def refused(*_: object, **__: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr("os.link", refused)
    exploration = made([file("d/a", b"same", mode=0o640), hardlink("d/b", "d/a", mode=0o640)])
    saved(exploration, "d", out)
    assert listed(out / "it") == {"a": b"same", "b": b"same"}
    assert stat.S_IMODE((out / "it/b").stat().st_mode) == 0o640
    assert (out / "it/b").stat().st_mtime == TIME


def test_names_that_are_not_utf_8(made: Callable[..., Exploration], out: Path) -> None:
    """A name is saved with its bytes in the image."""
    saved(made([file("d/raw\udcff", b"1"), symlink("d/l", "raw\udcff")]), "d", out)
    assert listed(out / "it") == {"l": "raw\udcff", "raw\udcff": b"1"}
    assert os.fsencode(out / "it/raw\udcff").endswith(b"raw\xff")


def test_odd_times(made: Callable[..., Exploration], out: Path) -> None:
    """A file is saved even if no file system can store its modification time."""
    exploration = made([file("d/a", b"1", mtime=2**60), file("d/b", b"2", mtime=-5)])
    assert saved(exploration, "d", out).files == 2


def test_sparse_file_stays_sparse(tmp_path: Path, out: Path) -> None:
    """A gigabyte of zeros takes no disk space."""
    exploration = explored_layers(tmp_path, _sparse_layer(1 << 30))
    result = saved(exploration, "hole", out)
    status = (out / "it").stat()
    assert (result.bytes, status.st_size) == (1 << 30, 1 << 30)
    assert status.st_blocks * 512 < 1 << 20
    with (out / "it").open("rb") as written:
        assert written.read(4) == b"data"


def _sparse_layer(whole: int) -> bytes:
    path = tarfile.TarInfo("hole")
    path.pax_headers = {"GNU.sparse.map": "0,4", "GNU.sparse.size": str(whole), "GNU.sparse.name": "hole"}
    path.size = 4
    with tempfile.TemporaryFile() as written:
        with tarfile.open(fileobj=written, mode="w", format=tarfile.PAX_FORMAT) as archive:
            archive.addfile(path, io.BytesIO(b"data"))
        written.seek(0)
        return written.read()


@pytest.mark.parametrize("compress", [bytes, gzipped, zstded])
def test_compressed_layer_is_inflated_once(
    tmp_path: Path, out: Path, compress: Callable[[bytes], bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A hundred files of a layer are saved in one pass over it."""
    items = [file(f"d/{number:03}", bytes([number]) * 5000) for number in range(100)]
    (tmp_path / "i.tar").write_bytes(oci_archive(image(layer(*reversed(items))), compress=compress))
    exploration = explored(tmp_path / "i.tar")
    opened: list[object] = []
    real = InflatedStream

    def counting(*arguments: Any) -> Any:
        opened.append(arguments)
        return real(*arguments)

    monkeypatch.setattr("explorer.layers.tar_layer.InflatedStream", counting)
    saved(exploration, "d", out)
    assert listed(out / "it") == {item.name[2:]: item.content for item in items}
    assert len(opened) == (compress is not bytes)


def test_layer_directory(out: Path, tmp_path: Path) -> None:
    """Files of a layer that is unpacked in an engine's directory can be saved."""
    (tmp_path / "lower/d").mkdir(parents=True)
    (tmp_path / "lower/d/a").write_bytes(b"1" * 3000)
    contents = OverlayLayer("layer 0", tmp_path / "lower")
    tree = merge([contents.index(lambda _: None)])
    node = tree.find("d")
    assert node is not None
    save([Layer(0, contents)], tree, make_plan(tree, node, 0), Destination(out, "it", False))
    assert listed(out / "it") == {"a": b"1" * 3000}


def test_layer_that_is_saved_later(made: Callable[..., Exploration], monkeypatch: pytest.MonkeyPatch) -> None:
    """The engine's progress goes to the reader of a file, and no longer to the watcher that opened the image."""
    exploration = made([file("a", b"1234")])

    class Gone(Watching):
        def progress(self, progress: Progress) -> None:
            raise Cancelled("the wrong watcher")

    @contextmanager
    def connect(_: object, watcher: Watcher) -> Iterator[None]:
        watcher.progress(Progress("Asking", 0, None))
        yield

    def save_all(_: object, inspected: object, request: Request) -> Image:
        request.watcher.progress(Progress("Saving", 7, 10))
        return exploration.image

    monkeypatch.setattr("explorer.sources.engines.image.connect", connect)
    monkeypatch.setattr("explorer.sources.engines.image._save", save_all)
    later = _DeferredLayer(_DeferredSave(cast("Endpoint", None), {}, Request("x", Gone())), 0, Verified.DIFF_ID)
    wanted = exploration.tree.layers[0].entries
    heard: list[int] = []
    assert [b"".join(pieces) for _, pieces in later.read(exploration.tree.layers[0], wanted, heard.append)] == [b"1234"]
    assert heard[:2] == [0, 7]


def test_progress_and_stop(made: Callable[..., Exploration], out: Path) -> None:
    """The progress callback gets the bytes written and can stop the save, which then leaves nothing behind."""
    exploration = made([file("d/a", b"1" * MB), file("d/b", bytes(range(256)) * 20_000), file("d/c", b"3")])
    heard: list[int] = []

    def on_progress(done: int) -> None:
        heard.append(done)
        if done > 3 * MB:
            raise Cancelled("stop")

    with pytest.raises(Cancelled):
        save(
            exploration.image.layers,
            exploration.tree,
            planned(exploration, "d"),
            Destination(out, "it", False),
            on_progress=on_progress,
        )
    assert heard == sorted(heard)
    assert listed(out) == {}


def test_damaged_layer(tmp_path: Path, out: Path) -> None:
    """A layer that cannot be read is an error that names it, and nothing is saved."""
    (tmp_path / "i.tar").write_bytes(docker_archive(image(layer(file("a", os.urandom(300_000))))))
    exploration = explored(tmp_path / "i.tar")
    os.truncate(tmp_path / "i.tar", 100_000)
    with pytest.raises(UnreadableLayer, match="layer 0"):
        saved(exploration, "a", out)
    assert listed(out) == {}


NAMES = st.sampled_from(["a", "b", "c", "A", "é", "raw\udcff"])
PATHS = st.lists(NAMES, min_size=1, max_size=3).map("/".join)
ITEMS = st.one_of(
    st.builds(file, PATHS, st.binary(max_size=40)),
    st.builds(directory, PATHS),
    st.builds(symlink, PATHS, st.sampled_from(["a", "..", "../..", "/", "/tmp", "b/c"])),
    st.builds(hardlink, PATHS, PATHS),
    st.builds(whiteout, PATHS),
    st.builds(opaque, PATHS),
    st.builds(device, PATHS, st.just(1), st.just(3)),
)


@pytest.mark.end_to_end
@given(st.lists(st.lists(ITEMS, max_size=8), min_size=1, max_size=3))
def test_any_image(layers: list[list[Item]]) -> None:
    """The saved root of every layer equals the merged tree, and nothing else is written."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        exploration = explored_layers(folder, *(layer(*items) for items in layers))
        for number in range(len(layers)):
            place = folder / f"at-{number}" / "deep"
            place.mkdir(parents=True)
            expected = shown(exploration, number)
            try:
                saved(exploration, "", place, number)
            except CannotSave:
                assert not expected
                continue
            assert listed(place / "it") == expected
            assert list(place.parent.iterdir()) == [place]
            assert list(place.iterdir()) == [place / "it"]


def shown(exploration: Exploration, number: int) -> dict[str, bytes | str | None]:
    """Returns the content that a container of layers 0 to ``number`` sees, without devices."""
    expected: dict[str, bytes | str | None] = {}
    for node in exploration.tree.walk():
        version = node.version_at(number)
        if node is exploration.tree.root or version is None or version.entry is None:
            continue
        one = version.entry
        if one.kind is Kind.DIRECTORY:
            expected[node.path] = None
        elif one.kind is Kind.SYMLINK:
            expected[node.path] = one.link
        elif one.kind.has_content:
            contents = exploration.image.layers[version.layer].contents
            expected[node.path] = content_of(contents, exploration.tree.layers[version.layer], one)
    return expected


@pytest.mark.overlay
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the options of mount are those of Linux")
def test_the_destination_may_be_a_mount_point(made: Callable[..., Exploration], out: Path) -> None:
    """A volume of a container or another disk can be saved into, and keeps what it holds."""
    exploration = made([file("d/a", b"1"), file("d/b/c", b"2")])
    target = out / "it"
    target.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "tmpfs", target], capture_output=True, check=False).returncode:
        skip_or_fail("cannot mount a file system here")
    try:
        (target / "kept").write_bytes(b"3")
        saved(exploration, "d", out, overwrite=True)
        assert listed(target) == {"a": b"1", "b": None, "b/c": b"2", "kept": b"3"}
    finally:
        subprocess.run(["umount", target], check=True)
