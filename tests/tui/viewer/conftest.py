"""Fixtures for the viewer and its neighbours."""

from __future__ import annotations

from pathlib import Path

import pytest

from explorer.pipeline import Exploration
from tests.images import (
    device,
    directory,
    docker_archive,
    explored,
    file,
    gzipped,
    image,
    layer,
    symlink,
    whiteout,
)
from tests.tui.viewer.viewing import LONG


@pytest.fixture(scope="session")
def rich(tmp_path_factory: pytest.TempPathFactory) -> Exploration:
    """An image with files of each type, some changed, some removed."""
    path = tmp_path_factory.mktemp("rich") / "image.tar"
    path.write_bytes(
        docker_archive(
            image(
                layer(
                    file("code.py", b"import os\nprint('hello')\n", uid=1000),
                    file("etc/hosts", b"127.0.0.1 localhost\n" * 5 + b"old\n"),
                    file("etc/gone", b"I was here\n"),
                    file("hostile", b"\x1b[2Jboo [red]x[/red]\x07\n"),
                    file("empty"),
                    file("bin", bytes(range(256)) * 40),
                    file("touched", bytes(200)),
                    symlink("link", "etc/hosts"),
                    symlink("dangling", "nowhere"),
                    device("null", 1, 3),
                ),
                layer(
                    file("etc/hosts", b"127.0.0.1 localhost\n" * 5 + b"new\n", mode=0o600),
                    whiteout("etc/gone"),
                    file("bin", bytes(reversed(range(256))) * 40, xattrs={"user.a": "1"}),
                    file("touched", bytes(200), mode=0o755),
                    file("long.txt", LONG + b"wide " * 300),
                    directory("new"),
                ),
            ),
            compress=gzipped,
        )
    )
    return explored(path)


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current directory."""
    directory_ = tmp_path / "here"
    directory_.mkdir()
    monkeypatch.chdir(directory_)
    return directory_
