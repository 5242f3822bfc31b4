"""The Dockerfile of ``lx build``: what the builder's arguments say of it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from explorer.cli.build_arguments import parse_build_arguments
from explorer.cli.build_dockerfile import dockerfile_of_build


@pytest.fixture(autouse=True)
def _project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A directory with Dockerfiles; the first word after FROM tells which."""
    monkeypatch.chdir(tmp_path)
    for name in ("Dockerfile", "sub/Dockerfile", "sub/dev.Dockerfile", "other/Containerfile"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(f"FROM {name}\n")


def _dockerfile(arguments: Sequence[str], program: str = "docker", piped: bytes | None = None) -> str:
    """Returns the first word after FROM, or the reason why the Dockerfile is unknown."""
    dockerfile = dockerfile_of_build(parse_build_arguments(arguments), program, piped)
    return dockerfile.problem or dockerfile.instructions[0].arguments


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["."], "Dockerfile"),
        (["sub"], "sub/Dockerfile"),
        (["sub", "-t", "x:1", "--no-cache"], "sub/Dockerfile"),
        (["--build-arg", "sub", "-qt", "x", "--pull", "."], "Dockerfile"),
        (["--network=host", "--label", "a=b", "sub"], "sub/Dockerfile"),
        (["-f", "sub/dev.Dockerfile", "."], "sub/dev.Dockerfile"),
        (["-fsub/dev.Dockerfile", "."], "sub/dev.Dockerfile"),
        (["--file=sub/dev.Dockerfile", "other"], "sub/dev.Dockerfile"),
        (["-f", "nowhere", "-f", "Dockerfile", "."], "the build has several Dockerfiles"),
        (["other"], "the Dockerfile of the build was not found"),
        (["https://example.org/x.git#main:sub"], "the Dockerfile is in a remote context, which only the builder reads"),
        (["git@example.org:x.git"], "the Dockerfile is in a remote context, which only the builder reads"),
        (["-"], "the Dockerfile was typed into the builder"),
    ],
)
def test_the_dockerfile_is_where_docker_finds_it(arguments: Sequence[str], expected: str) -> None:
    """Options and contexts lead to the Dockerfile that docker uses, or to the reason why it is unknown."""
    assert _dockerfile(arguments) == expected


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["other"], "other/Containerfile"),
        ([], "Dockerfile"),
        (["-f", "Containerfile", "other"], "other/Containerfile"),
        (["--layers", "--squash", "sub"], "sub/Dockerfile"),
    ],
)
def test_the_dockerfile_is_where_podman_finds_it(arguments: Sequence[str], expected: str) -> None:
    """Podman prefers a Containerfile, and looks for a file in the context, too."""
    assert _dockerfile(arguments, "podman") == expected


@pytest.mark.parametrize("arguments", [["-"], ["-f", "-", "sub"], ["--file=-", "."]])
def test_the_dockerfile_may_come_from_standard_input(arguments: Sequence[str]) -> None:
    """The text on standard input is the Dockerfile, whichever argument says so."""
    assert _dockerfile(arguments, piped=b"FROM piped\n") == "piped"


def test_a_context_on_standard_input_is_not_searched() -> None:
    """An archive on standard input holds the Dockerfile, which only the builder reads."""
    assert "is not text" in _dockerfile(["-"], piped=b"name\0\0\0")
    assert "only the builder reads" in _dockerfile(["-f", "x/Dockerfile", "-"], piped=b"name\0\0\0")


def test_a_dockerfile_of_another_syntax_is_no_error() -> None:
    """A file that only its own builder understands does not stop the build; the reason stands in place of its lines."""
    Path("Dockerfile").write_text("# syntax=other\nimage: x\n")
    assert _dockerfile(["."]) == "Dockerfile is no Dockerfile: line 2: “IMAGE:” is no instruction"


def test_the_target_is_known() -> None:
    """The stage of ``--target`` goes with the Dockerfile."""
    assert dockerfile_of_build(parse_build_arguments(["--target", "test", "."]), "docker", None).target == "test"


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["."], False),
        (["--build-arg", "SOURCE_DATE_EPOCH=0", "."], True),
        (["--timestamp", "0", "."], True),
        (["--builder=remote", "."], True),
        (["--build-arg", "EPOCH=0", "."], False),
    ],
)
def test_times_of_the_image_may_be_set(arguments: Sequence[str], expected: bool) -> None:
    """If an option sets the times of the image, they do not tell what was cached."""
    assert parse_build_arguments(arguments).has_own_times is expected
