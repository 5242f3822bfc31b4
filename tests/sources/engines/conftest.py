"""Fixtures for tests of engines."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fake_engine import FakeEngine
from tests.sources.engines.samples import MADE


@pytest.fixture
def fake(spool: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeEngine]:
    """A fake engine with one image, at DOCKER_HOST."""
    with FakeEngine.of(MADE).on(spool.parent / "engine.sock") as running:
        monkeypatch.setenv("DOCKER_HOST", running.url)
        yield running


@pytest.fixture
def collected() -> Iterator[None]:
    """Collects the SDK's unclosed sockets within the test that left them."""
    yield
    gc.collect()
