"""Fixtures for tests of registries: a running registry, and the user's Docker configuration."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from explorer.sources import interruptible
from explorer.sources.registries import retry
from tests.fake_registry import FakeRegistry
from tests.images import (
    gzipped,
)
from tests.sources.registries.samples import (
    LARGE,
)


@pytest.fixture(autouse=True)
def _hurried(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    """Shortens pauses, sets the platform linux/amd64, and checks that no temporary file is left."""
    monkeypatch.setattr(retry, "FIRST_PAUSE", 0.002)
    monkeypatch.setattr(interruptible, "INTERVAL", 0.02)
    monkeypatch.setattr("platform.machine", lambda: "x86_64")
    place = tmp_path / "temporary"
    place.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(place))
    yield
    assert list(place.iterdir()) == []


@pytest.fixture
def shop() -> Iterator[FakeRegistry]:
    """A running registry with nothing in it."""
    with FakeRegistry().running() as running:
        yield running


@pytest.fixture
def held(shop: FakeRegistry) -> FakeRegistry:
    """A running registry with an image of two layers that do not compress."""
    shop.add("1", LARGE, compress=gzipped, suffix="+gzip")
    return shop


@pytest.fixture
def log_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Writes the Docker configuration."""

    def write(**config: Any) -> None:
        folder = tmp_path / "docker"
        folder.mkdir(exist_ok=True)
        (folder / "config.json").write_text(json.dumps(config))
        monkeypatch.setenv("DOCKER_CONFIG", str(folder))

    return write


@pytest.fixture
def credential_helper(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Puts a credential helper on PATH: docker-credential-vault, a shell script with this body."""

    def write(body: str) -> None:
        program = tmp_path / "bin" / "docker-credential-vault"
        program.parent.mkdir()
        program.write_text(f"#!/bin/sh\n{body}\n")
        program.chmod(0o755)
        monkeypatch.setenv("PATH", f"{program.parent}:{os.environ['PATH']}")

    return write
