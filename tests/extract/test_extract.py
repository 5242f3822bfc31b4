"""Saving files of an image: what is written, and that nothing is ever written anywhere else."""

from __future__ import annotations

import errno
import io
import os
import stat
import tarfile
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from explorer.errors import Cancelled, CannotSave, UnreadableLayer
from explorer.extract.destination import Destination, resolve_destination
from explorer.extract.extract import Saved, save
from explorer.extract.plan import Plan, make_plan
from explorer.extract.secure_writer import umask
from explorer.layers.streams import InflatedStream
from explorer.layers.tree import Tree, Version
from explorer.model import Entry, Image, Kind, Layer, LayerContents, LayerIndex, Progress, Verified, Watcher
from explorer.pipeline import Exploration
from explorer.sources.engines.endpoint import Endpoint
from explorer.sources.engines.engine import _LaterLayer, _SavedLater
from explorer.sources.engines.overlay import OverlayLayer
from explorer.sources.request import Request
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
    fifo,
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


@pytest.fixture
def made(tmp_path: Path) -> Callable[..., Exploration]:
    """An exploration of layers' items."""
    (tmp_path / "image").mkdir()

    def make(*layers: Iterable[Item]) -> Exploration:
        return explored_layers(tmp_path / "image", *(layer(*items) for items in layers))

    return make


@pytest.fixture
def out(tmp_path: Path) -> Path:
    """Where to save to."""
    found = tmp_path / "out"
    found.mkdir()
    return found


def planned(found: Exploration, path: str, number: int | None = None, **more: Any) -> Plan:
    node = found.tree.find(path)
    assert node is not None
    return make_plan(found.tree, node, found.tree.top if number is None else number, **more)


def saved(found: Exploration, path: str, out: Path, number: int | None = None, **more: Any) -> Saved:
    """Save a path of an image as ``out/it``."""
    overwrite = more.pop("overwrite", False)
    wanted = planned(found, path, number, **more)
    return save(found.image.layers, found.tree, wanted, Destination(out, "it", False), overwrite=overwrite)


def listed(top: Path) -> dict[str, bytes | str | None]:
    """What is below a directory: contents of files, texts of links, None for directories."""
    found: dict[str, bytes | str | None] = {}
    for path in sorted(top.rglob("*")):
        name = os.fsencode(path.relative_to(top)).decode("utf-8", "surrogateescape")
        found[name] = str(path.readlink()) if path.is_symlink() else None if path.is_dir() else path.read_bytes()
    return found


# What is written


def test_file(made: Callable[..., Exploration], out: Path) -> None:
    """A file is saved with its bytes, its permissions and its time."""
    found = saved(made([file("a/tool", b"x" * 3000, mode=0o755)]), "a/tool", out)
    status = (out / "it").stat()
    assert (out / "it").read_bytes() == b"x" * 3000
    assert stat.S_IMODE(status.st_mode) == 0o755
    assert status.st_mtime == TIME
    assert found == Saved(out / "it", 1, 3000, ())


def test_version_at_layer(made: Callable[..., Exploration], out: Path) -> None:
    """A file is saved as the chosen layer has it."""
    found = made([file("a", b"old")], [file("a", b"newer")])
    saved(found, "a", out, 0)
    assert (out / "it").read_bytes() == b"old"


def test_directory_as_the_container_sees_it(made: Callable[..., Exploration], out: Path) -> None:
    """A directory is saved merged: whiteouts and opaque marks are done, and never written."""
    found = made(
        [directory("d"), file("d/gone", b"1"), file("d/kept", b"2"), file("d/o/hidden", b"3"), file("else", b"4")],
        [whiteout("d/gone"), opaque("d/o"), file("d/o/new", b"5"), symlink("d/link", "/etc/passwd")],
    )
    result = saved(found, "d", out)
    assert listed(out / "it") == {"kept": b"2", "link": "/etc/passwd", "o": None, "o/new": b"5"}
    assert (result.files, result.bytes, result.skipped) == (3, 2, ())


def test_only_what_a_layer_brought(made: Callable[..., Exploration], out: Path) -> None:
    """From a layer alone come its own files, in the directories above them, and a word about what it removed."""
    found = made(
        [
            directory("d", mode=0o750),
            directory("d/empty"),
            directory("d/e", mode=0o711),
            file("d/gone"),
            file("d/kept"),
        ],
        [whiteout("d/gone"), file("d/e/new", b"5")],
    )
    result = saved(found, "d", out, alone=True)
    assert listed(out / "it") == {"e": None, "e/new": b"5"}
    assert stat.S_IMODE((out / "it/e").stat().st_mode) == 0o711
    assert result.skipped == ("1 removal",)


def test_nothing_to_save(made: Callable[..., Exploration]) -> None:
    """Where there is nothing to save, that is said, and which layer was asked."""
    found = made([file("d/a"), device("null", 1, 3)], [whiteout("d/a"), file("b")])
    with pytest.raises(CannotSave, match="/d/a is not there at layer 1"):
        planned(found, "d/a")
    with pytest.raises(CannotSave, match="layer 1 brought nothing that can be saved at /d"):
        planned(found, "d", alone=True)
    with pytest.raises(CannotSave, match="layer 1 has nothing that can be saved at /null"):
        planned(found, "null")


def test_root(made: Callable[..., Exploration], out: Path) -> None:
    """The root itself can be saved; it gets a name of its own."""
    found = made([file("a", b"1"), file("b/c", b"2")])
    assert planned(found, "").name == "rootfs"
    saved(found, "", out)
    assert listed(out / "it") == {"a": b"1", "b": None, "b/c": b"2"}


def test_no_devices_no_set_uid(made: Callable[..., Exploration], out: Path) -> None:
    """Devices and pipes are left out and counted; set-uid bits go; the owner may read and write what there is."""
    found = made(
        [
            device("d/null", 1, 3),
            fifo("d/pipe"),
            file("d/sudo", b"x", mode=0o6755, uid=0),
            file("d/secret", b"x", mode=0o000),
            directory("d/locked", mode=0o1000),
            file("d/locked/inside", b"y"),
        ]
    )
    result = saved(found, "d", out)
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in (out / "it").iterdir()}
    assert modes == {"sudo": 0o755, "secret": 0o600, "locked": 0o700}
    assert result.skipped == ("2 devices or pipes",)
    assert (out / "it/sudo").stat().st_uid == os.getuid()


def test_hard_links(made: Callable[..., Exploration], out: Path) -> None:
    """Names of one inode stay names of one file; one whose other names are elsewhere is a file of its own."""
    found = made([file("d/a", b"same"), hardlink("d/b", "d/a"), hardlink("d/e/c", "d/a"), file("f", b"1")])
    result = saved(found, "d", out)
    assert len({(out / "it" / name).stat().st_ino for name in ("a", "b", "e/c")}) == 1
    assert (result.files, result.bytes) == (3, 4)
    saved(found, "d/e", out / "it")
    assert (out / "it/it/c").read_bytes() == b"same"


def test_hard_links_become_copies(made: Callable[..., Exploration], out: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """On a file system without hard links the further names are copies."""

    def refused(*_: object, **__: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr("os.link", refused)
    found = made([file("d/a", b"same", mode=0o640), hardlink("d/b", "d/a", mode=0o640)])
    saved(found, "d", out)
    assert listed(out / "it") == {"a": b"same", "b": b"same"}
    assert stat.S_IMODE((out / "it/b").stat().st_mode) == 0o640
    assert (out / "it/b").stat().st_mtime == TIME


def test_names_that_are_not_utf_8(made: Callable[..., Exploration], out: Path) -> None:
    """A name is written with the bytes that it has in the image."""
    saved(made([file("d/raw\udcff", b"1"), symlink("d/l", "raw\udcff")]), "d", out)
    assert listed(out / "it") == {"l": "raw\udcff", "raw\udcff": b"1"}
    assert os.fsencode(out / "it/raw\udcff").endswith(b"raw\xff")


def test_odd_times(made: Callable[..., Exploration], out: Path) -> None:
    """A time that no file system can hold does not keep a file from being saved."""
    found = made([file("d/a", b"1", mtime=2**60), file("d/b", b"2", mtime=-5)])
    assert saved(found, "d", out).files == 2


def test_sparse_file_stays_sparse(tmp_path: Path, out: Path) -> None:
    """Holes are not written: a few bytes of an image may stand for gigabytes of zeros."""
    found = explored_layers(tmp_path, _sparse_layer(1 << 30))
    result = saved(found, "hole", out)
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


# One pass


@pytest.mark.parametrize("compress", [bytes, gzipped, zstded])
def test_compressed_layer_is_inflated_once(
    tmp_path: Path, out: Path, compress: Callable[[bytes], bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    """However many files of a layer are saved, it is read in one pass."""
    items = [file(f"d/{number:03}", bytes([number]) * 5000) for number in range(100)]
    (tmp_path / "i.tar").write_bytes(oci_archive(image(layer(*reversed(items))), compress=compress))
    found = explored(tmp_path / "i.tar")
    opened: list[object] = []
    real = InflatedStream

    def counting(*arguments: Any) -> Any:
        opened.append(arguments)
        return real(*arguments)

    monkeypatch.setattr("explorer.layers.tar_layer.InflatedStream", counting)
    saved(found, "d", out)
    assert listed(out / "it") == {item.name[2:]: item.content for item in items}
    assert len(opened) == (compress is not bytes)


def test_layer_directory(out: Path, tmp_path: Path) -> None:
    """A layer that lies unpacked in an engine's directory can be saved from, too."""
    (tmp_path / "lower/d").mkdir(parents=True)
    (tmp_path / "lower/d/a").write_bytes(b"1" * 3000)
    contents = OverlayLayer("layer 0", tmp_path / "lower")
    tree = Tree()
    tree.add(contents.index(lambda _: None))
    node = tree.find("d")
    assert node is not None
    save([Layer(0, contents)], tree, make_plan(tree, node, 0), Destination(out, "it", False))
    assert listed(out / "it") == {"a": b"1" * 3000}


def test_layer_that_is_saved_later(made: Callable[..., Exploration], monkeypatch: pytest.MonkeyPatch) -> None:
    """An engine saves its image for whoever reads a file now: who watched the image being opened listens no more."""
    found = made([file("a", b"1234")])

    class Gone(Watching):
        def progress(self, progress: Progress) -> None:
            raise Cancelled("nobody listens")

    @contextmanager
    def connect(_: object, watcher: Watcher) -> Iterator[None]:
        watcher.progress(Progress("Asking", 0, None))
        yield

    def save_all(_: object, request: Request) -> Image:
        request.watcher.progress(Progress("Saving", 7, 10))
        return found.image

    monkeypatch.setattr("explorer.sources.engines.engine.connect", connect)
    monkeypatch.setattr("explorer.sources.engines.engine._saved", save_all)
    later = _LaterLayer(_SavedLater(cast("Endpoint", None), Request("x", Gone())), 0, Verified.DIFF_ID)
    wanted = found.tree.layers[0].entries
    heard: list[int] = []
    assert [b"".join(pieces) for _, pieces in later.read(found.tree.layers[0], wanted, heard.append)] == [b"1234"]
    assert heard[:2] == [0, 7]


def test_progress_and_stop(made: Callable[..., Exploration], out: Path) -> None:
    """Whoever watches hears the bytes that are written, and can stop the work: then all that it made goes away."""
    found = made([file("d/a", b"1" * MB), file("d/b", bytes(range(256)) * 20_000), file("d/c", b"3")])
    heard: list[int] = []

    def on_progress(done: int) -> None:
        heard.append(done)
        if done > 3 * MB:
            raise Cancelled("stop")

    with pytest.raises(Cancelled):
        save(
            found.image.layers, found.tree, planned(found, "d"), Destination(out, "it", False), on_progress=on_progress
        )
    assert heard == sorted(heard)
    assert listed(out) == {}


@pytest.mark.parametrize("has_hard_links", [True, False])
def test_what_is_stopped_leaves_what_was_there(
    made: Callable[..., Exploration], out: Path, has_hard_links: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A save that is stopped removes the names that it made, and none that was there or came from somebody else."""
    found = made(
        [file("d/new/a", b"1"), hardlink("d/new/link", "d/new/a"), file("d/there/b", b"2"), file("d/there/c", b"3")],
        [directory("d/new/empty"), file("d/z", b"4" * 3 * MB)],
        [symlink("d/s", "x")],
    )
    if not has_hard_links:
        monkeypatch.setattr(os, "link", refused)
    (out / "it/there").mkdir(parents=True)
    (out / "it/there/b").write_bytes(b"mine")
    (out / "it/there/old").write_bytes(b"mine")
    seen: list[dict[str, bytes | str | None]] = []

    def on_progress(done: int) -> None:
        if done > MB and not seen:
            (out / "it/new/theirs").write_bytes(b"theirs")
            (out / "it/there/c").unlink()
            (out / "it/there/c").write_bytes(b"theirs")
            seen.append(listed(out / "it"))
            raise Cancelled("stop")

    with pytest.raises(Cancelled):
        save(
            found.image.layers,
            found.tree,
            planned(found, "d"),
            Destination(out, "it", True),
            overwrite=True,
            on_progress=on_progress,
        )
    assert {"new/a", "new/link", "new/empty", "there/c"} <= {*seen[0]}
    left = {"new": None, "new/theirs": b"theirs", "there": None, "there/b": b"2", "there/c": b"theirs"}
    assert listed(out / "it") == {**left, "there/old": b"mine"}


def refused(*_: object, **__: object) -> None:
    """As of a file system without hard links."""
    raise PermissionError(errno.EPERM, "no hard links here")


def test_damaged_layer(tmp_path: Path, out: Path) -> None:
    """A layer that cannot be read is an error that names it; no half of a file stays."""
    (tmp_path / "i.tar").write_bytes(docker_archive(image(layer(file("a", os.urandom(300_000))))))
    found = explored(tmp_path / "i.tar")
    os.truncate(tmp_path / "i.tar", 100_000)
    with pytest.raises(UnreadableLayer, match="layer 0"):
        saved(found, "a", out)
    assert listed(out) == {}


# Nothing anywhere else


@pytest.mark.parametrize("overwrite", [False, True])
@pytest.mark.parametrize("target", ["../../escape", "/tmp/escape-target", ".", ".."])
def test_link_then_file_below_it(out: Path, tmp_path: Path, target: str, overwrite: bool) -> None:
    """A tree in which a path is a link and also has something below it, saved from a hostile plan, stays inside."""
    index = LayerIndex([])
    wanted = Plan(
        "it",
        True,
        [
            ((), Version(0, entry("", Kind.DIRECTORY))),
            (("l",), Version(0, entry("l", Kind.SYMLINK, link=target))),
            (("l", "x"), Version(0, entry("l/x", Kind.FILE, size=1, inode=512))),
            (("l", "y"), Version(0, entry("l/y", Kind.SYMLINK, link="z"))),
        ],
        1,
        3,
    )
    before = set(tmp_path.rglob("*"))
    tree = Tree()
    tree.add(index)
    result = save([Layer(0, fake(b"x"))], tree, wanted, Destination(out, "it", False), overwrite=overwrite)
    written = set(tmp_path.rglob("*")) - before
    assert all(path.is_relative_to(out / "it") for path in written)
    assert listed(out / "it") == {"l": None, "l/x": b"x", "l/y": "z"}
    assert len(result.skipped) == 1


@pytest.mark.parametrize("name", ["..", ".", "", "a/b", "/etc/x", "../../x", "nul\0"])
def test_names_that_lead_elsewhere(out: Path, tmp_path: Path, name: str) -> None:
    """Names that name no single thing in their directory are not written, and told of."""
    items: list[tuple[tuple[str, ...], Version]] = [((), Version(0, entry("", Kind.DIRECTORY)))]
    items += [((name,), Version(0, entry("x", Kind.FILE, size=1, inode=512)))]
    items += [((name, "below"), Version(0, entry("y", Kind.FILE, size=1, inode=1024)))]
    items += [(("d", name), Version(0, entry("z", Kind.DIRECTORY)))]
    items += [(("e", name), Version(0, entry("z", Kind.SYMLINK, link="x")))]
    tree = Tree()
    tree.add(LayerIndex([]))
    before = set(tmp_path.rglob("*"))
    result = save([Layer(0, fake(b"x"))], tree, Plan("it", True, items, 1, 1), Destination(out, "it", False))
    assert set(tmp_path.rglob("*")) - before == {out / "it"}
    assert len(result.skipped) == 4
    assert all("no file can have" in problem and "\0" not in problem for problem in result.skipped)


def test_links_that_exist_are_not_followed(made: Callable[..., Exploration], out: Path, tmp_path: Path) -> None:
    """Where a directory should go and a link stands, nothing is written through it, even with leave to overwrite."""
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "precious").write_bytes(b"mine")
    (out / "it").mkdir()
    (out / "it/d").symlink_to(outside)
    (out / "it/f").symlink_to(outside / "precious")
    found = made([file("t/d/precious", b"1"), file("t/f", b"new"), hardlink("t/d/h", "t/f"), symlink("t/d/l", "x")])
    result = saved(found, "t", out, overwrite=True)
    assert listed(outside) == {"precious": b"mine"}
    assert listed(out / "it") == {"d": str(outside), "f": b"new"}
    assert any("no directory is in the way" in problem for problem in result.skipped)


def test_destination_is_a_link(made: Callable[..., Exploration], out: Path, tmp_path: Path) -> None:
    """A link in place of the destination is not followed: a directory is refused, a file takes its place."""
    (tmp_path / "outside").mkdir()
    (out / "it").symlink_to(tmp_path / "outside")
    found = made([file("d/a", b"1")])
    with pytest.raises(CannotSave):
        saved(found, "d", out, overwrite=True)
    saved(found, "d/a", out, overwrite=True)
    assert listed(tmp_path / "outside") == {}
    assert not (out / "it").is_symlink()
    assert (out / "it").read_bytes() == b"1"


# Nothing is overwritten without being asked


def test_nothing_is_replaced_unasked(made: Callable[..., Exploration], out: Path) -> None:
    """A file, a directory or a dangling link in place of the destination stays as it is."""
    found = made([file("d/a", b"1"), symlink("s", "x")])
    for make in (
        lambda: (out / "it").write_bytes(b"mine"),
        lambda: (out / "it").mkdir(),
        lambda: (out / "it").symlink_to("nowhere"),
    ):
        make()
        before = listed(out)
        for path in ("d", "d/a", "s"):
            with pytest.raises(CannotSave):
                saved(found, path, out)
        assert listed(out) == before
        (out / "it").rmdir() if (out / "it").is_dir() else (out / "it").unlink()


def test_a_pipe_below_the_destination_is_left(made: Callable[..., Exploration], out: Path) -> None:
    """A pipe where a file of the directory would go is not replaced, though replacing was allowed."""
    (out / "it").mkdir()
    os.mkfifo(out / "it" / "a")
    found = saved(made([file("d/a", b"new")]), "d", out, overwrite=True)
    assert stat.S_ISFIFO((out / "it" / "a").lstat().st_mode)
    assert (found.files, len(found.skipped)) == (0, 1)


def test_replaced_when_asked(made: Callable[..., Exploration], out: Path) -> None:
    """With leave to, files and links of the same names are replaced, whole; everything else stays."""
    found = made([file("d/a", b"new"), symlink("d/l", "there"), file("d/x", b"1"), hardlink("d/h", "d/x")])
    (out / "it").mkdir()
    for name in ("a", "l", "h", "own"):
        (out / "it" / name).write_bytes(b"mine")
    saved(found, "d", out, overwrite=True)
    assert listed(out / "it") == {"a": b"new", "l": "there", "x": b"1", "h": b"1", "own": b"mine"}


def test_directory_in_the_way(made: Callable[..., Exploration], out: Path) -> None:
    """A directory is never replaced by a file, nor a file by a directory; what went wrong is said for each."""
    found = made([file("d/a", b"new"), file("d/b/c", b"new"), symlink("d/s", "x")])
    (out / "it/a").mkdir(parents=True)
    (out / "it/s").mkdir()
    (out / "it/b").write_bytes(b"mine")
    result = saved(found, "d", out, overwrite=True)
    assert listed(out / "it") == {"a": None, "b": b"mine", "s": None}
    assert len(result.skipped) >= 3


# The destination


@pytest.fixture
def wanted(made: Callable[..., Exploration]) -> tuple[Plan, Plan]:
    """A file and a directory to be saved."""
    found = made([file("etc/passwd", b"x")])
    return planned(found, "etc/passwd"), planned(found, "etc")


def test_destination(wanted: tuple[Plan, Plan], out: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A text is the new name, or an existing directory to put the own name into; ~ is the home directory."""
    a_file, a_directory = wanted
    (out / "sub").mkdir()
    monkeypatch.setenv("HOME", str(out / "sub"))
    for text, plan_, path in [
        ("x", a_file, "x"),
        ("./sub", a_file, "sub/passwd"),
        ("sub/", a_directory, "sub/etc"),
        (".", a_directory, "etc"),
        ("", None, ""),
        ("~", a_file, "sub/passwd"),
        ("~/y", a_directory, "sub/y"),
        (str(out / "sub/abs"), a_file, "sub/abs"),
    ]:
        if plan_ is not None:
            found = resolve_destination(text, plan_, out)
            assert (found.path, found.exists) == (out / path, False)
    assert resolve_destination("..", a_file, out / "sub").path.resolve() == out / "passwd"


def test_destination_that_exists(wanted: tuple[Plan, Plan], out: Path) -> None:
    """What exists is told, also a dangling link; a directory of the same name is the one to be written into."""
    a_file, a_directory = wanted
    (out / "etc").mkdir()
    (out / "passwd").symlink_to("nowhere")
    assert resolve_destination("etc", a_directory, out) == Destination(out, "etc", True)
    assert resolve_destination("passwd", a_file, out) == Destination(out, "passwd", True)
    assert resolve_destination(".", a_file, out) == Destination(out, "passwd", True)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "no destination"),
        ("   ", "no destination"),
        ("no/such/place", "no/such does not exist"),
        ("file/x", "file is no directory"),
        ("~nobody-of-this-name/x", "is no place to save to"),
        ("nul\0byte", "is no place to save to"),
        ("x" * 5000, "is no place to save to"),
    ],
)
def test_bad_destinations(wanted: tuple[Plan, Plan], out: Path, text: str, words: str) -> None:
    """A text that leads nowhere is refused in words that say why, and are printable."""
    (out / "file").write_bytes(b"")
    for plan_ in wanted:
        with pytest.raises(CannotSave, match=words) as error:
            resolve_destination(text, plan_, out)
        assert "\0" not in error.value.message


def test_destination_of_another_type(wanted: tuple[Plan, Plan], out: Path) -> None:
    """A file in place of a directory, and a directory in place of a file, are refused."""
    a_file, a_directory = wanted
    (out / "etc").write_bytes(b"")
    (out / "passwd").mkdir()
    with pytest.raises(CannotSave, match="etc exists and is no directory"):
        resolve_destination("etc", a_directory, out)
    with pytest.raises(CannotSave, match="passwd exists and is a directory"):
        resolve_destination(".", a_file, out)


def test_devices_and_pipes_are_never_replaced(wanted: tuple[Plan, Plan], out: Path) -> None:
    """A device, a pipe or a socket stays what it is, at the destination and below it, whatever was allowed."""
    a_file, a_directory = wanted
    os.mkfifo(out / "passwd")
    for text in ("passwd", "/dev/null"):
        with pytest.raises(CannotSave, match="is a device, a pipe or a socket"):
            resolve_destination(text, a_file, out)
    with pytest.raises(CannotSave, match="exists and is no directory"):
        resolve_destination("/dev/null", a_directory, out)


def test_destination_without_room(wanted: tuple[Plan, Plan], out: Path) -> None:
    """More than there is room for is refused before anything is written."""
    with pytest.raises(CannotSave, match="has room for"):
        resolve_destination("x", replace(wanted[0], bytes=1 << 60), out)


def test_destination_without_permission(wanted: tuple[Plan, Plan], out: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A directory that may not be written to is refused."""
    monkeypatch.setattr("os.access", lambda *_: False)
    with pytest.raises(CannotSave, match="may not be written to"):
        resolve_destination("x", wanted[0], out)


# Whatever the image


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


@settings(deadline=None, max_examples=60)
@given(st.lists(st.lists(ITEMS, max_size=8), min_size=1, max_size=3))
def test_any_image(layers: list[list[Item]]) -> None:
    """Saved as the container sees it, every layer's root is what the merged tree says, and nothing else was touched."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        found = explored_layers(folder, *(layer(*items) for items in layers))
        for number in range(len(layers)):
            place = folder / f"at-{number}" / "deep"
            place.mkdir(parents=True)
            expected = shown(found, number)
            try:
                saved(found, "", place, number)
            except CannotSave:
                assert not expected
                continue
            assert listed(place / "it") == expected
            assert list(place.parent.iterdir()) == [place]
            assert list(place.iterdir()) == [place / "it"]


def shown(found: Exploration, number: int) -> dict[str, bytes | str | None]:
    """What a container of layers 0 to ``number`` sees, devices left out."""
    expected: dict[str, bytes | str | None] = {}
    for node in found.tree.walk():
        version = node.version_at(number)
        if node is found.tree.root or version is None or version.entry is None:
            continue
        one = version.entry
        if one.kind is Kind.DIRECTORY:
            expected[node.path] = None
        elif one.kind is Kind.SYMLINK:
            expected[node.path] = one.link
        elif one.kind.has_content:
            contents = found.image.layers[version.layer].contents
            expected[node.path] = content_of(contents, found.tree.layers[version.layer], one)
    return expected


# Fakes


def entry(path: str, kind: Kind, size: int = 0, link: str = "", inode: int = 0) -> Entry:
    return Entry(path, kind, size, 0o755, 0, 0, TIME * 10**9, link, (), inode)


def fake(content: bytes) -> LayerContents:
    """Contents that are the same for every entry."""

    class Same:
        def read(self, index: object, entries: Iterable[Entry], on_progress: object) -> Any:
            for one in entries:
                yield one, iter([content])

    return cast("LayerContents", Same())


def test_directories_that_were_there_keep_their_modes(made: Callable[..., Exploration], out: Path) -> None:
    """Saving over a directory changes neither its mode nor those of the directories in it."""
    found = made([directory("etc", mode=0o777), directory("etc/priv", mode=0o777), file("etc/priv/a", b"x")])
    for path in (out / "it", out / "it/priv"):
        path.mkdir(mode=0o700)
    saved(found, "etc", out, overwrite=True)
    assert (out / "it/priv/a").read_bytes() == b"x"
    assert [stat.S_IMODE(path.stat().st_mode) for path in (out / "it", out / "it/priv")] == [0o700, 0o700]


TELLS_UMASK = pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="Linux tells the umask")


@TELLS_UMASK
def test_the_umask_is_heeded(made: Callable[..., Exploration], out: Path) -> None:
    """What the user wants nobody else to read, nobody else may read, whatever the image says."""
    found = made([directory("d", mode=0o777), file("d/a", b"x", mode=0o666)])
    before = os.umask(0o077)
    try:
        saved(found, "d", out)
    finally:
        os.umask(before)
    assert [stat.S_IMODE(path.stat().st_mode) for path in (out / "it", out / "it/a")] == [0o700, 0o600]


@TELLS_UMASK
def test_the_umask_is_never_set(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is the whole process's: other threads may be making files."""
    before = os.umask(0o027)
    monkeypatch.setattr(os, "umask", None)
    try:
        assert umask() == 0o027
    finally:
        monkeypatch.undo()
        os.umask(before)
