"""Commands in a pipe: exit codes, closed readers, and no colours, progress or cursor codes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.running import run, run_process
from tests.images import big, docker_archive, file, image, layer, whiteout

WASTEFUL = image(layer(big("a", 2), file("b", b"b")), layer(whiteout("a"), file("c", b"c")))
TIDY = image(layer(big("a", 2)), layer(file("c", b"c")))


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A directory with a wasteful image, a clean one and a broken one, and no engine."""
    here = tmp_path / "here"
    here.mkdir()
    (here / "wasteful.tar").write_bytes(docker_archive(WASTEFUL))
    (here / "tidy.tar").write_bytes(docker_archive(TIDY))
    (here / "broken.tar").write_bytes(docker_archive(TIDY)[:1500])
    monkeypatch.chdir(here)
    monkeypatch.setenv("DOCKER_HOST", "unix:///nowhere.sock")


@pytest.mark.end_to_end
@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("report tidy.tar", 0),
        ("report wasteful.tar", 0),
        ("report wasteful.tar --format json", 0),
        ("report wasteful.tar --format markdown", 0),
        ("report --schema", 0),
        ("ls tidy.tar", 0),
        ("check tidy.tar", 0),
        ("cache", 0),
        ("config", 0),
        ("completion bash", 0),
        ("--help", 0),
        ("check wasteful.tar", 1),
        ("check wasteful.tar --format json", 1),
        ("check wasteful.tar --format junit", 1),
        ("check wasteful.tar --format github", 1),
        ("check wasteful.tar --format markdown", 1),
        ("--ci wasteful.tar", 1),
        ("wasteful.tar", 2),
        ("build .", 2),
        ("report", 2),
        ("report wasteful.tar --format pdf", 2),
        ("ls wasteful.tar --layer 7", 2),
        ("check wasteful.tar --most-layers many", 2),
        ("check wasteful.tar --config nowhere.toml", 2),
        ("completion tcsh", 2),
        ("cache --wrong", 2),
        ("report broken.tar", 3),
        ("ls broken.tar", 3),
        ("check broken.tar", 3),
        ("check nowhere.tar", 3),
        ("check name:1", 3),
        ("report name:1", 3),
        ("ls name:1", 3),
    ],
)
def test_codes_and_plain_text(line: str, code: int) -> None:
    """Every command has its exit codes; no stream has escape sequences, and only data is on stdout."""
    done = run(*line.split())
    assert done.exit_code == code, done.stderr
    assert "\x1b" not in done.stdout + done.stderr
    assert "\r" not in done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    assert bool(done.stderr) == (code > 1)
    assert not (done.stdout and code > 1)


@pytest.mark.end_to_end
@pytest.mark.parametrize(("line", "code"), [("report demo", 0), ("ls demo", 0), ("check demo", 1), ("--help", 0)])
def test_a_reader_that_goes_away(line: str, code: int) -> None:
    """A closed pipe is no error: nothing on stderr, and a check keeps its exit code."""
    reading, writing = os.pipe()
    os.close(reading)
    done = run_process(*line.split(), stdout=writing)
    os.close(writing)
    assert done.stderr == ""
    assert done.returncode == code


@pytest.mark.end_to_end
@pytest.mark.parametrize("line", ["report demo", "ls demo", "--help", "check -o /dev/full demo"])
def test_a_full_disk_is_an_error_in_words(line: str) -> None:
    """A full disk is an error in one line, with exit code 3 and without a traceback."""
    with open("/dev/full", "w") as full:
        done = run_process(*line.split(), stdout=full.fileno())
    assert done.returncode == 3
    assert "No space left on device" in done.stderr
    assert "Traceback" not in done.stderr
    assert "Exception" not in done.stderr


@pytest.mark.end_to_end
@pytest.mark.parametrize(("line", "code"), [("check wasteful.tar", 1), ("--nix", 2), ("ls x:1", 3)])
def test_an_error_that_cannot_be_written(line: str, code: int) -> None:
    """If stderr cannot be written to, the exit code is the same."""
    with open("/dev/full", "w") as full:
        assert run_process(*line.split(), stderr=full.fileno()).returncode == code


@pytest.mark.end_to_end
@pytest.mark.parametrize(("line", "code"), [("check wasteful.tar", 1), ("--help", 0)])
def test_streams_that_are_closed(line: str, code: int) -> None:
    """With stdout and stderr closed before the start, the exit code is the same."""
    words = [sys.executable, "-m", "explorer", *line.split()]
    assert subprocess.run(["sh", "-c", 'exec "$@" >&- 2>&-', "sh", *words], check=False).returncode == code


def test_a_misspelt_command_is_told() -> None:
    """A misspelt command before an image is an error that names the command."""
    done = run("reprot", "tidy.tar")
    assert (done.exit_code, done.stdout) == (2, "")
    assert "There is no command reprot. Did you mean report?" in done.stderr


def test_an_image_that_is_no_misspelt_command() -> None:
    """A word that is not close to a command is an image, also before other words."""
    done = run("shop", "tidy.tar")
    assert done.exit_code == 2
    assert "Did you mean" not in done.stderr


@pytest.mark.end_to_end
def test_a_user_without_a_home(tmp_path: Path) -> None:
    """For a user without a home, as in a container, nothing is kept, and everything else works."""
    if os.getuid():
        pytest.skip("to become another user takes root")
    script = (
        "import os, sys; import explorer.cli; from explorer.config import paths\n"
        "[os.environ.pop(name, None) for name in ('HOME', 'XDG_CACHE_HOME', 'XDG_CONFIG_HOME', 'XDG_STATE_HOME')]\n"
        "os.setuid(54321)\n"
        "print(*{paths.cache_directory(), paths.config_directory()})\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert done.stdout == "/nonexistent/layer-explorer\n", done.stderr


@pytest.mark.end_to_end
def test_json_goes_through_a_pipe() -> None:
    """JSON output is valid: one document for a report, one per line for a listing."""
    assert json.loads(run("report", "wasteful.tar", "--format", "json").stdout)["image"]["wasted_bytes"] == 2_000_000
    assert json.loads(run("check", "wasteful.tar", "--format", "json").stdout)
    assert all(json.loads(line) for line in run("ls", "wasteful.tar", "--format", "json").stdout.splitlines())
