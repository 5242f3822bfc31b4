"""Programs that end while they read: nothing stays in the directory for temporary files."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.fake_engine import FakeEngine
from tests.fake_registry import FakeRegistry
from tests.images import file, gzipped, image, layer

pytestmark = pytest.mark.end_to_end

MADE = image(layer(file("a", os.urandom(200_000))))


@contextmanager
def slow_engine(tmp_path: Path) -> Iterator[tuple[str, dict[str, str], int]]:
    """An engine whose save never ends."""
    with FakeEngine.of(MADE).on(tmp_path / "engine.sock") as fake:
        fake.drip = "/images/made:1/get"
        yield "made:1", {"DOCKER_HOST": fake.url}, subprocess.DEVNULL


@contextmanager
def slow_input(tmp_path: Path) -> Iterator[tuple[str, dict[str, str], int]]:
    """Standard input that never ends."""
    reading, writing = os.pipe()
    os.write(writing, b"x" * 10_000)
    yield "-", {}, reading
    os.close(reading)
    os.close(writing)


@contextmanager
def slow_registry(tmp_path: Path) -> Iterator[tuple[str, dict[str, str], int]]:
    """A registry whose layers never arrive."""
    with FakeRegistry(piece=1, pause=0.05).running() as shop:
        shop.add("1", MADE, compress=gzipped)
        yield shop.reference(), {}, subprocess.DEVNULL


@pytest.mark.parametrize("source", [slow_engine, slow_input, slow_registry])
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
def test_a_signal_leaves_nothing_behind(source: object, number: signal.Signals, tmp_path: Path) -> None:
    """A signal ends a report while it reads, with the exit code that shells expect, and no file is left."""
    place = tmp_path / "temporary"
    place.mkdir()
    with source(tmp_path) as (reference, environment, given):  # type: ignore[operator]
        process = subprocess.Popen(
            [sys.executable, "-m", "explorer", "report", "--no-cache", reference],
            env={**os.environ, **environment, "TMPDIR": str(place)},
            stdin=given,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        while not holds_temporary_file(process, place):
            assert process.poll() is None, process.communicate()
            threading.Event().wait(0.02)
        process.send_signal(number)
        output, errors = process.communicate(timeout=30)
    code = process.returncode
    assert (code if code >= 0 else 128 - code, output, list(place.iterdir())) == (128 + number, b"", [])
    assert b"Traceback" not in errors


def holds_temporary_file(process: subprocess.Popen[bytes], place: Path) -> bool:
    """True if a process has a file in a directory open, also one without a name."""
    try:
        files = [str(path.readlink()) for path in Path(f"/proc/{process.pid}/fd").iterdir()]
    except OSError:
        return False
    return any(name.startswith(str(place)) for name in files)


def test_a_reader_that_goes_away_during_a_download(tmp_path: Path) -> None:
    """A report to a closed pipe ends without an error, and no file is left."""
    place = tmp_path / "temporary"
    place.mkdir()
    reading, writing = os.pipe()
    os.close(reading)
    with FakeRegistry().running() as shop:
        shop.add("1", MADE, compress=gzipped)
        done = subprocess.run(
            [sys.executable, "-m", "explorer", "report", "--no-cache", shop.reference()],
            env={**os.environ, "TMPDIR": str(place)},
            stdout=writing,
            stderr=subprocess.PIPE,
            check=False,
        )
    os.close(writing)
    assert (done.returncode, done.stderr, list(place.iterdir())) == (0, b"", [])
