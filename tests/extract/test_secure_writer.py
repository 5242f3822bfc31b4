"""Saving never writes outside the destination, and replaces nothing without permission."""

from __future__ import annotations

import errno
import fcntl
import os
import stat
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

from explorer.errors import Cancelled, CannotSave
from explorer.extract.destination import Destination
from explorer.extract.extract import save
from explorer.extract.plan import Plan
from explorer.extract.secure_writer import Parts, SecureWriter
from explorer.layers.merge import merge
from explorer.layers.tree import Version
from explorer.model import Kind, Layer, LayerIndex
from explorer.pipeline import Exploration
from tests.extract.saving import fake_contents, listed, made_entry, planned, saved
from tests.images import (
    MB,
    TIME,
    directory,
    file,
    hardlink,
    symlink,
)


@pytest.mark.parametrize("has_hard_links", [True, False])
def test_stopped_save_changes_nothing(
    made: Callable[..., Exploration], out: Path, has_hard_links: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A save that is stopped leaves an existing directory as it was, with what others put there meanwhile."""
    exploration = made(
        [file("d/new/a", b"1"), hardlink("d/new/link", "d/new/a"), file("d/there/b", b"2"), file("d/there/c", b"3")],
        [directory("d/new/empty"), file("d/z", b"4" * 3 * MB)],
        [symlink("d/s", "x")],
    )
    if not has_hard_links:
        monkeypatch.setattr(os, "link", refused)
    (out / "it/there").mkdir(parents=True)
    (out / "it/there/b").write_bytes(b"mine")

    def on_progress(done: int) -> None:
        if done > MB:
            (out / "it/there/theirs").write_bytes(b"theirs")
            raise Cancelled("stop")

    with pytest.raises(Cancelled):
        save(
            exploration.image.layers,
            exploration.tree,
            planned(exploration, "d"),
            Destination(out, "it", True),
            overwrite=True,
            on_progress=on_progress,
        )
    assert listed(out) == {"it": None, "it/there": None, "it/there/b": b"mine", "it/there/theirs": b"theirs"}


def refused(*_: object, **__: object) -> None:
    """Fails as a file system without hard links does."""
    raise PermissionError(errno.EPERM, "no hard links here")


@pytest.mark.parametrize("overwrite", [False, True])
@pytest.mark.parametrize("target", ["../../escape", "/tmp/escape-target", ".", ".."])
def test_link_then_file_below_it(out: Path, tmp_path: Path, target: str, overwrite: bool) -> None:
    """A plan that has names below a link writes nothing through the link."""
    index = LayerIndex([])
    wanted = Plan(
        "it",
        True,
        [
            ((), Version(0, made_entry("", Kind.DIRECTORY))),
            (("l",), Version(0, made_entry("l", Kind.SYMLINK, link=target))),
            (("l", "x"), Version(0, made_entry("l/x", Kind.FILE, size=1, inode=512))),
            (("l", "y"), Version(0, made_entry("l/y", Kind.SYMLINK, link="z"))),
        ],
        1,
        3,
    )
    before = set(tmp_path.rglob("*"))
    tree = merge([index])
    result = save([Layer(0, fake_contents(b"x"))], tree, wanted, Destination(out, "it", False), overwrite=overwrite)
    written = set(tmp_path.rglob("*")) - before
    assert all(path.is_relative_to(out / "it") for path in written)
    assert listed(out / "it") == {"l": None, "l/x": b"x", "l/y": "z"}
    assert len(result.skipped) == 1


@pytest.mark.parametrize("name", ["..", ".", "", "a/b", "/etc/x", "../../x", "nul\0"])
def test_names_that_lead_elsewhere(out: Path, tmp_path: Path, name: str) -> None:
    """Names that lead out of their directory are not written, and are reported."""
    items: list[tuple[tuple[str, ...], Version]] = [((), Version(0, made_entry("", Kind.DIRECTORY)))]
    items += [((name,), Version(0, made_entry("x", Kind.FILE, size=1, inode=512)))]
    items += [((name, "below"), Version(0, made_entry("y", Kind.FILE, size=1, inode=1024)))]
    items += [(("d", name), Version(0, made_entry("z", Kind.DIRECTORY)))]
    items += [(("e", name), Version(0, made_entry("z", Kind.SYMLINK, link="x")))]
    tree = merge([LayerIndex([])])
    before = set(tmp_path.rglob("*"))
    result = save([Layer(0, fake_contents(b"x"))], tree, Plan("it", True, items, 1, 1), Destination(out, "it", False))
    assert set(tmp_path.rglob("*")) - before == {out / "it"}
    assert len(result.skipped) == 4
    assert all("no file can have" in problem and "\0" not in problem for problem in result.skipped)


def test_links_that_exist_are_not_followed(made: Callable[..., Exploration], out: Path, tmp_path: Path) -> None:
    """An existing link is not followed, even with permission to overwrite."""
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "precious").write_bytes(b"mine")
    (out / "it").mkdir()
    (out / "it/d").symlink_to(outside)
    (out / "it/f").symlink_to(outside / "precious")
    exploration = made(
        [file("t/d/precious", b"1"), file("t/f", b"new"), hardlink("t/d/h", "t/f"), symlink("t/d/l", "x")]
    )
    result = saved(exploration, "t", out, overwrite=True)
    assert listed(outside) == {"precious": b"mine"}
    assert listed(out / "it") == {"d": str(outside), "f": b"new"}
    assert any("is not a directory is in the way" in problem for problem in result.skipped)


def test_destination_is_a_link(made: Callable[..., Exploration], out: Path, tmp_path: Path) -> None:
    """A link at the destination is not followed: a directory is refused, a file replaces the link."""
    (tmp_path / "outside").mkdir()
    (out / "it").symlink_to(tmp_path / "outside")
    exploration = made([file("d/a", b"1")])
    with pytest.raises(CannotSave):
        saved(exploration, "d", out, overwrite=True)
    saved(exploration, "d/a", out, overwrite=True)
    assert listed(tmp_path / "outside") == {}
    assert not (out / "it").is_symlink()
    assert (out / "it").read_bytes() == b"1"


def test_nothing_is_replaced_unasked(made: Callable[..., Exploration], out: Path) -> None:
    """Without permission, an existing file, directory or dangling link stays as it is."""
    exploration = made([file("d/a", b"1"), symlink("s", "x")])
    for make in (
        lambda: (out / "it").write_bytes(b"mine"),
        lambda: (out / "it").mkdir(),
        lambda: (out / "it").symlink_to("nowhere"),
    ):
        make()
        before = listed(out)
        for path in ("d", "d/a", "s"):
            with pytest.raises(CannotSave):
                saved(exploration, path, out)
        assert listed(out) == before
        (out / "it").rmdir() if (out / "it").is_dir() else (out / "it").unlink()


def test_a_pipe_below_the_destination_is_left(made: Callable[..., Exploration], out: Path) -> None:
    """A pipe inside an existing directory is not replaced, even with permission to overwrite."""
    (out / "it").mkdir()
    os.mkfifo(out / "it" / "a")
    result = saved(made([file("d/a", b"new")]), "d", out, overwrite=True)
    assert stat.S_ISFIFO((out / "it" / "a").lstat().st_mode)
    assert (result.files, len(result.skipped)) == (0, 1)


def test_replaced_when_asked(made: Callable[..., Exploration], out: Path) -> None:
    """With permission, files and links of the same names are replaced; all others stay."""
    exploration = made([file("d/a", b"new"), symlink("d/l", "there"), file("d/x", b"1"), hardlink("d/h", "d/x")])
    (out / "it").mkdir()
    for name in ("a", "l", "h", "own"):
        (out / "it" / name).write_bytes(b"mine")
    saved(exploration, "d", out, overwrite=True)
    assert listed(out / "it") == {"a": b"new", "l": "there", "x": b"1", "h": b"1", "own": b"mine"}


def test_directory_in_the_way(made: Callable[..., Exploration], out: Path) -> None:
    """A file never replaces a directory, nor a directory a file; each refusal is reported."""
    exploration = made([file("d/a", b"new"), file("d/b/c", b"new"), symlink("d/s", "x")])
    (out / "it/a").mkdir(parents=True)
    (out / "it/s").mkdir()
    (out / "it/b").write_bytes(b"mine")
    result = saved(exploration, "d", out, overwrite=True)
    assert listed(out / "it") == {"a": None, "b": b"mine", "s": None}
    assert len(result.skipped) >= 3


def test_directories_that_were_there_keep_their_modes(made: Callable[..., Exploration], out: Path) -> None:
    """Saving into an existing directory changes neither its mode nor those of existing directories in it."""
    exploration = made([directory("etc", mode=0o777), directory("etc/priv", mode=0o777), file("etc/priv/a", b"x")])
    for path in (out / "it", out / "it/priv"):
        path.mkdir(mode=0o700)
    saved(exploration, "etc", out, overwrite=True)
    assert (out / "it/priv/a").read_bytes() == b"x"
    assert [stat.S_IMODE(path.stat().st_mode) for path in (out / "it", out / "it/priv")] == [0o700, 0o700]


def test_the_umask_is_heeded(made: Callable[..., Exploration], out: Path) -> None:
    """The user's umask limits the modes that the image gives."""
    exploration = made([directory("d", mode=0o777), file("d/a", b"x", mode=0o666)])
    before = os.umask(0o077)
    try:
        saved(exploration, "d", out)
    finally:
        os.umask(before)
    assert [stat.S_IMODE(path.stat().st_mode) for path in (out / "it", out / "it/a")] == [0o700, 0o600]


def test_the_umask_is_never_set(made: Callable[..., Exploration], out: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Saving never sets the umask, because other threads may be creating files."""
    exploration = made([file("a", b"x")])
    monkeypatch.setattr(os, "umask", None)
    saved(exploration, "a", out)
    assert (out / "it").read_bytes() == b"x"


@pytest.mark.end_to_end
@pytest.mark.parametrize(
    "names", [["deep-name"] * 400, ["漢" * 80] * 25], ids=["deep", "longer than the system's limit"]
)
def test_deep_directories(made: Callable[..., Exploration], out: Path, names: list[str]) -> None:
    """A path as long as an image allows is saved, and is removed again if the save is stopped."""
    path = "/".join(names)
    exploration = made([file(f"d/{path}/x", b"1"), symlink(f"d/{path}/l", "x")])

    def stop(_: int) -> None:
        if any(out.iterdir()):
            raise Cancelled("stop")

    with pytest.raises(Cancelled):
        save(
            exploration.image.layers,
            exploration.tree,
            planned(exploration, "d"),
            Destination(out, "it", False),
            on_progress=stop,
        )
    assert not any(out.iterdir())
    for overwrite in (False, True):
        result = saved(exploration, "d", out, overwrite=overwrite)
        assert (result.files, result.skipped) == (2, ())


def test_full_disk(made: Callable[..., Exploration], out: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An error while a file is written names the file, and leaves nothing behind."""
    exploration = made([file("d/a", b"1"), file("d/b", b"2" * 3000)])

    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fchmod", full)
    with pytest.raises(CannotSave, match=r"it/a cannot be written: No space left"):
        saved(exploration, "d", out)
    assert not any(out.iterdir())


@pytest.mark.parametrize("path", ["a", "d", "l"])
def test_name_that_appears_meanwhile(made: Callable[..., Exploration], out: Path, path: str) -> None:
    """Without permission, a name that another program creates during the save is not replaced."""
    exploration = made([file("a", b"1"), file("d/a", b"2"), symlink("l", "x")])

    def create(_: int) -> None:
        (out / "it").write_bytes(b"theirs")

    plan = planned(exploration, path)
    destination = Destination(out, "it", False)
    with pytest.raises(CannotSave, match="it cannot be written"):
        save(exploration.image.layers, exploration.tree, plan, destination, on_progress=create)
    assert listed(out) == {"it": b"theirs"}


def test_one_long_name_does_not_stop_the_others(made: Callable[..., Exploration], out: Path) -> None:
    """A name that the file system refuses is reported; its hard link gets the content."""
    name = "x" * 300
    exploration = made([file(f"d/{name}", b"1"), hardlink("d/short", f"d/{name}"), file("d/other", b"2")])
    result = saved(exploration, "d", out)
    assert listed(out / "it") == {"other": b"2", "short": b"1"}
    assert (result.files, result.bytes, len(result.skipped)) == (2, 2, 1)
    assert name in result.skipped[0]


def test_directory_that_becomes_a_link_meanwhile(
    made: Callable[..., Exploration], out: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A directory that another program replaces with a link during the move is not followed."""
    (tmp_path / "outside").mkdir()
    (out / "it/d").mkdir(parents=True)
    move = SecureWriter.move

    def move_and_replace(writer: SecureWriter, parts: Parts) -> bool:
        moved = move(writer, parts)
        if parts == ("d",):
            (out / "it/d").rmdir()
            (out / "it/d").symlink_to(tmp_path / "outside")
        return moved

    monkeypatch.setattr(SecureWriter, "move", move_and_replace)
    result = saved(made([file("t/d/a", b"1")]), "t", out, overwrite=True)
    assert listed(tmp_path / "outside") == {}
    assert len(result.skipped) == 1


def test_directory_without_an_entry_has_the_current_time(made: Callable[..., Exploration], out: Path) -> None:
    """A directory that no layer names keeps the time of its creation, not 1970."""
    saved(made([file("d/a", b"1")]), "d", out)
    assert (out / "it").stat().st_mtime > TIME


def test_leftovers_of_dead_processes_are_removed(
    made: Callable[..., Exploration], out: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A save removes private directories that no process has locked; it follows no link and leaves what is in use."""
    monkeypatch.setattr("explorer.extract.secure_writer._MIN_LEFTOVER_SECONDS", -1)
    elsewhere = tmp_path / "elsewhere"
    for made_before in (out / ".layer-explorer-dead/root", out / ".layer-explorer-live/root", elsewhere):
        made_before.mkdir(parents=True)
        (made_before / "kept").write_bytes(b"x")
    (out / ".layer-explorer-dead/link").symlink_to(elsewhere)
    (out / ".layer-explorer-link").symlink_to(elsewhere)
    descriptor = os.open(out / ".layer-explorer-live", os.O_RDONLY)
    fcntl.flock(descriptor, fcntl.LOCK_SH)
    saved(made([file("a", b"x")]), "a", out)
    os.close(descriptor)
    assert sorted(path.name for path in out.iterdir()) == [".layer-explorer-link", ".layer-explorer-live", "it"]
    assert (out / ".layer-explorer-live/root/kept").exists()
    assert (elsewhere / "kept").exists()


def test_a_save_holds_a_lock(out: Path) -> None:
    """The private directory of a running save is locked, so that no other save removes it."""
    parent = os.open(out, os.O_RDONLY)
    with SecureWriter(parent, b"it", overwrite=False):
        (private,) = out.iterdir()
        descriptor = os.open(private, os.O_RDONLY)
        with pytest.raises(BlockingIOError):
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        os.close(descriptor)
    os.close(parent)


def test_a_file_system_without_modes_and_links(
    made: Callable[..., Exploration], out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """If modes and links are refused, as on FAT, files are saved and links are named."""

    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(errno.EPERM, "Operation not permitted")

    exploration = made([file("d/a", b"x"), symlink("d/link", "a")])
    for name in ("fchmod", "chmod", "symlink"):
        monkeypatch.setattr(os, name, refuse)
    outcome = saved(exploration, "d", out)
    assert (out / "it/a").read_bytes() == b"x"
    assert outcome.skipped == ("link: the file system has no symbolic links",)


def test_names_below_an_obstacle_are_counted(made: Callable[..., Exploration], out: Path) -> None:
    """A name in the way is named, and the names below it are counted as not saved."""
    (out / "it").mkdir()
    (out / "it/b").symlink_to(out)
    outcome = saved(made([file("d/a", b"1"), file("d/b/c", b"2"), file("d/b/e", b"3")]), "d", out, overwrite=True)
    assert len(outcome.skipped) == 2
    assert outcome.skipped[1] == "2 names below names that were not saved"
    assert outcome.files == 1


@pytest.mark.parametrize("overwrite", [False, True])
def test_a_private_directory_that_becomes_a_link(
    made: Callable[..., Exploration], out: Path, tmp_path: Path, overwrite: bool
) -> None:
    """Nothing is written or removed through a link that replaced the private files."""
    outside = tmp_path / "outside"
    (outside / "b").mkdir(parents=True)
    (outside / "a").write_bytes(b"theirs")
    exploration = made([file("d/a", b"1"), file("d/b/c", b"2"), symlink("d/b/l", "x")])
    is_swapped: list[bool] = []

    def swap(_: int) -> None:
        roots = [] if is_swapped else list(out.glob(".layer-explorer-*/root"))
        for root in roots:
            is_swapped.append(True)
            root.rename(root.with_name("moved"))
            root.symlink_to(outside)

    with suppress(CannotSave):
        save(
            exploration.image.layers,
            exploration.tree,
            planned(exploration, "d"),
            Destination(out, "it", False),
            overwrite=overwrite,
            on_progress=swap,
        )
    assert is_swapped
    assert listed(outside) == {"a": b"theirs", "b": None}
