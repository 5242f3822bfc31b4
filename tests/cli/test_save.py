"""``lx save``: writes the file, says what it wrote, and leaves nothing half-written."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from explorer.saved import DOCUMENT_NAME
from tests.cli.running import run, run_process
from tests.images import docker_archive, file, image, layer
from tests.saved_files import members


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo, saved."""
    path = tmp_path_factory.mktemp("saved") / "demo.lx"
    done = run("save", "demo", "-o", str(path))
    assert (done.exit_code, done.stdout) == (0, "")
    assert done.stderr == f"Saved 266 paths as {path}: 20 kB\n"
    return path


@pytest.mark.end_to_end
def test_stdout_is_the_file(demo: Path) -> None:
    """Without -o the bytes go to stdout, and a saved one opens from standard input."""
    done = subprocess.run(
        [sys.executable, "-m", "explorer", "save", "demo"], stdout=subprocess.PIPE, check=True, stdin=subprocess.DEVNULL
    )
    assert done.stdout == demo.read_bytes()
    again = subprocess.run(
        [sys.executable, "-m", "explorer", "report", "-", "--format", "json"],
        input=done.stdout,
        capture_output=True,
        check=True,
    )
    assert json.loads(again.stdout)["image"]["tags"] == ["shop:demo"]


@pytest.mark.end_to_end
def test_a_terminal_gets_no_bytes() -> None:
    """The error names the option."""
    parent, child = pty.openpty()
    try:
        done = run_process("save", "demo", stdout=child)
    finally:
        os.close(parent)
        os.close(child)
    assert done.returncode == 2
    assert "Name a file: lx save IMAGE -o shop.lx" in done.stderr


def test_the_schema_describes_the_document(demo: Path) -> None:
    """--schema prints a JSON Schema that the document in the file satisfies."""
    schema = json.loads(run("save", "--schema").stdout)
    document = json.loads(members(demo.read_bytes())[DOCUMENT_NAME])
    Draft202012Validator.check_schema(schema)
    Draft202012Validator(schema).validate(document)
    assert not Draft202012Validator(schema).is_valid({**document, "version": "1"})


@pytest.mark.end_to_end
def test_a_saved_exploration_has_a_scheme(demo: Path, tmp_path: Path) -> None:
    """saved:// opens nothing else, and a missing .lx file is a path, not a name in an engine."""
    assert run("ls", f"saved://{demo}", "--top", "1").exit_code == 0
    other = tmp_path / "image.tar"
    other.write_bytes(docker_archive(image(layer(file("a")))))
    assert "is an image, not a saved exploration" in run("ls", f"saved://{other}").stderr
    assert "there is no file gone.lx" in run("ls", "gone.lx").stderr


@pytest.mark.end_to_end
def test_damage_ends_with_3(tmp_path: Path) -> None:
    """The file is written, with the damage; then the command is an error."""
    path, output = tmp_path / "damaged.tar", tmp_path / "damaged.lx"
    path.write_bytes(docker_archive(image(layer(file("a")), layer(file("b"), file("c"))[:512] + b"x" * 512)))
    done = run("save", str(path), "-o", str(output))
    assert done.exit_code == 3
    assert "is damaged: layer 1: only the members before" in done.stderr
    assert run("report", str(output)).exit_code == 3
    assert run("save", str(path), "-o", str(output), "--allow-damaged").exit_code == 0


def test_a_file_that_cannot_be_written(tmp_path: Path) -> None:
    """The error comes before the image is read."""
    done = run("save", "gone.tar", "-o", str(tmp_path / "no" / "shop.lx"))
    assert done.exit_code == 2
    assert f"shop.lx cannot be written: there is no directory {tmp_path}/no" in done.stderr


@pytest.mark.end_to_end
def test_an_interrupt_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Control-C while contents are read ends with 130, and no file is there."""

    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("explorer.pipeline.save.fingerprints_of", interrupted)
    assert run("save", "demo", "--no-cache", "-o", str(tmp_path / "demo.lx")).exit_code == 130
    assert not [*tmp_path.glob("demo*"), *tmp_path.glob(".new-*")]
