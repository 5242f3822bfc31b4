"""Plans: what is saved of a path, and what is left out."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from explorer.errors import CannotSave
from explorer.pipeline import Exploration
from tests.extract.saving import listed, planned, saved
from tests.images import (
    device,
    directory,
    fifo,
    file,
    opaque,
    symlink,
    whiteout,
)


def test_version_at_layer(made: Callable[..., Exploration], out: Path) -> None:
    """A file is saved with its content at the chosen layer."""
    exploration = made([file("a", b"old")], [file("a", b"newer")])
    saved(exploration, "a", out, 0)
    assert (out / "it").read_bytes() == b"old"


def test_directory_as_the_container_sees_it(made: Callable[..., Exploration], out: Path) -> None:
    """A directory is saved merged: whiteouts and opaque marks apply and are never written."""
    exploration = made(
        [directory("d"), file("d/gone", b"1"), file("d/kept", b"2"), file("d/o/hidden", b"3"), file("else", b"4")],
        [whiteout("d/gone"), opaque("d/o"), file("d/o/new", b"5"), symlink("d/link", "/etc/passwd")],
    )
    result = saved(exploration, "d", out)
    assert listed(out / "it") == {"kept": b"2", "link": "/etc/passwd", "o": None, "o/new": b"5"}
    assert (result.files, result.bytes, result.skipped) == (3, 2, ())


def test_only_what_a_layer_brought(made: Callable[..., Exploration], out: Path) -> None:
    """A layer alone gives its own files, the directories above them, and the number of its removals."""
    exploration = made(
        [
            directory("d", mode=0o750),
            directory("d/empty"),
            directory("d/e", mode=0o711),
            file("d/gone"),
            file("d/kept"),
        ],
        [whiteout("d/gone"), file("d/e/new", b"5")],
    )
    result = saved(exploration, "d", out, alone=True)
    assert listed(out / "it") == {"e": None, "e/new": b"5"}
    assert stat.S_IMODE((out / "it/e").stat().st_mode) == 0o711
    assert result.skipped == ("1 removal",)


def test_nothing_to_save(made: Callable[..., Exploration]) -> None:
    """A path with nothing to save is refused; the message names the layer."""
    exploration = made([file("d/a"), device("null", 1, 3)], [whiteout("d/a"), file("b")])
    with pytest.raises(CannotSave, match="/d/a does not exist at layer 1"):
        planned(exploration, "d/a")
    with pytest.raises(CannotSave, match="layer 1 brought nothing that can be saved at /d"):
        planned(exploration, "d", alone=True)
    with pytest.raises(CannotSave, match="layer 1 has nothing that can be saved at /null"):
        planned(exploration, "null")


def test_root(made: Callable[..., Exploration], out: Path) -> None:
    """The root can be saved; its default name is rootfs."""
    exploration = made([file("a", b"1"), file("b/c", b"2")])
    assert planned(exploration, "").name == "rootfs"
    saved(exploration, "", out)
    assert listed(out / "it") == {"a": b"1", "b": None, "b/c": b"2"}


def test_no_devices_no_set_uid(made: Callable[..., Exploration], out: Path) -> None:
    """Devices and pipes are counted, not saved; set-uid bits are dropped; the owner can read and write all files."""
    exploration = made(
        [
            device("d/null", 1, 3),
            fifo("d/pipe"),
            file("d/sudo", b"x", mode=0o6755, uid=0),
            file("d/secret", b"x", mode=0o000),
            directory("d/locked", mode=0o1000),
            file("d/locked/inside", b"y"),
        ]
    )
    result = saved(exploration, "d", out)
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in (out / "it").iterdir()}
    assert modes == {"sudo": 0o755, "secret": 0o600, "locked": 0o700}
    assert result.skipped == ("2 devices or pipes",)
    assert (out / "it/sudo").stat().st_uid == os.getuid()
