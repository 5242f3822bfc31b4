"""Destinations: what a typed text means, and what is refused."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from explorer.errors import CannotSave
from explorer.extract.destination import Destination, resolve_destination
from explorer.extract.plan import Plan
from explorer.pipeline import Exploration
from tests.extract.saving import planned
from tests.images import (
    file,
)


@pytest.fixture
def wanted(made: Callable[..., Exploration]) -> tuple[Plan, Plan]:
    """The plans to save a file and a directory."""
    exploration = made([file("etc/passwd", b"x")])
    return planned(exploration, "etc/passwd"), planned(exploration, "etc")


def test_destination(wanted: tuple[Plan, Plan], out: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A text is a new name, or an existing directory that gets the own name; ~ is the home directory."""
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
            destination = resolve_destination(text, plan_, out)
            assert (destination.path, destination.exists) == (out / path, False)
    assert resolve_destination("..", a_file, out / "sub").path.resolve() == out / "passwd"


def test_destination_that_exists(wanted: tuple[Plan, Plan], out: Path) -> None:
    """A taken name is recognised, also a dangling link; a directory of the same name is written into."""
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
        ("file/x", "file is not a directory"),
        ("~nobody-of-this-name/x", "is not a valid destination"),
        ("nul\0byte", "is not a valid destination"),
        ("x" * 5000, "is not a valid destination"),
    ],
)
def test_bad_destinations(wanted: tuple[Plan, Plan], out: Path, text: str, words: str) -> None:
    """A text that leads nowhere is refused; the message gives the reason and is printable."""
    (out / "file").write_bytes(b"")
    for plan_ in wanted:
        with pytest.raises(CannotSave, match=words) as error:
            resolve_destination(text, plan_, out)
        assert "\0" not in error.value.message


def test_destination_of_another_type(wanted: tuple[Plan, Plan], out: Path) -> None:
    """A directory does not replace a file, nor a file a directory."""
    a_file, a_directory = wanted
    (out / "etc").write_bytes(b"")
    (out / "passwd").mkdir()
    with pytest.raises(CannotSave, match="etc exists and is not a directory"):
        resolve_destination("etc", a_directory, out)
    with pytest.raises(CannotSave, match="passwd exists and is a directory"):
        resolve_destination(".", a_file, out)


def test_devices_and_pipes_are_never_replaced(wanted: tuple[Plan, Plan], out: Path) -> None:
    """A device or a pipe is refused as a destination."""
    a_file, a_directory = wanted
    os.mkfifo(out / "passwd")
    for text in ("passwd", "/dev/null"):
        with pytest.raises(CannotSave, match="is a device, a pipe or a socket"):
            resolve_destination(text, a_file, out)
    with pytest.raises(CannotSave, match="exists and is not a directory"):
        resolve_destination("/dev/null", a_directory, out)


def test_destination_without_room(wanted: tuple[Plan, Plan], out: Path) -> None:
    """More bytes than the disk has free are refused before anything is written."""
    with pytest.raises(CannotSave, match=r"do not fit: .* has .* free"):
        resolve_destination("x", replace(wanted[0], bytes=1 << 60), out)


def test_destination_without_permission(wanted: tuple[Plan, Plan], out: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A directory that is not writable is refused."""
    monkeypatch.setattr("os.access", lambda *_: False)
    with pytest.raises(CannotSave, match="is not writable"):
        resolve_destination("x", wanted[0], out)
