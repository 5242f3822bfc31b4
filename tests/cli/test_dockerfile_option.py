"""The option ``--dockerfile``: the file is read at once, and a note names a misfit."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.cli.running import run
from tests.images import docker_archive, file, image, layer

_SHOP = image(
    layer(file("bin/sh", b"x")),
    layer(file("app", b"x")),
    history=[{"created_by": "/bin/sh -c #(nop) ADD file:aa in / "}, {"created_by": "/bin/sh -c make"}],
)


@pytest.fixture
def shop(tmp_path: Path) -> str:
    """The path of an image."""
    path = tmp_path / "shop.tar"
    path.write_bytes(docker_archive(_SHOP))
    return str(path)


def _written(path: Path, text: str) -> str:
    path.write_text(text)
    return str(path)


@pytest.mark.end_to_end
@pytest.mark.parametrize("command", ["report", "check", "findings"])
def test_a_note_names_the_first_line_that_does_not_fit(tmp_path: Path, shop: str, command: str) -> None:
    """A note on stderr names the first line that differs; the figures are as always."""
    fitting = _written(tmp_path / "Dockerfile", "FROM x\nRUN make\n")
    other = _written(tmp_path / "Other", "FROM x\nRUN cmake\n")
    done = run(command, "--dockerfile", other, shop)
    reason = f"{other} does not fit the image: line 2: RUN cmake; no step of the image fits"
    assert f"No line of a Dockerfile is named, because {reason}.\n" in done.stderr
    assert "Dockerfile" not in run(command, "--dockerfile", fitting, shop).stderr


def test_a_file_that_is_no_dockerfile_is_an_error(tmp_path: Path) -> None:
    """An error says what is wrong before the image is read."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reasons = {
        str(tmp_path): "cannot be read: Is a directory",
        str(tmp_path / "none"): "cannot be read: No such file or directory",
        str(pipe): "cannot be read: it is a named pipe, expected a file",
        _written(tmp_path / "large", "FROM x\n" + "#" * 1_000_000): "it has more than 1,000,000 bytes",
        _written(tmp_path / "binary", "FROM x\n\0"): "it is not text",
        _written(tmp_path / "open", "FROM x\nRUN <<E\n"): "line 2: no line ends the heredoc “E”",
    }
    for path, reason in reasons.items():
        done = run("report", "--dockerfile", path, "no-image")
        assert (done.exit_code, reason in done.stderr) == (2, True), done.stderr
