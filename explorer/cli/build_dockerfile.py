"""The Dockerfile of a build: a file, the one in the context, or standard input."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from explorer.analysis.dockerfile.dockerfile import Dockerfile
from explorer.analysis.dockerfile.read_dockerfile import dockerfile_of, read_dockerfile
from explorer.cli.build_arguments import STANDARD_INPUT, BuildArguments
from explorer.errors import UsageError

_NAMES = {"docker": ("Dockerfile", "dockerfile"), "podman": ("Containerfile", "Dockerfile")}
"""The names in a context, in the order in which the builders look for them."""
_INPUT_NAME = "standard input"


def dockerfile_of_build(arguments: BuildArguments, program: str, standard_input: bytes | None) -> Dockerfile:
    """Returns the Dockerfile, or one without lines that says why it cannot be known.

    Args:
        arguments: The arguments of the builder.
        program: ``docker`` or ``podman``.
        standard_input: The beginning of what the builder reads there; None if it reads nothing.
    """
    target = arguments.last("target") or ""
    if arguments.is_remote:
        return _unknown("the Dockerfile is in a remote context, which only the builder reads")
    if len(arguments.options.get("file", ())) > 1:
        return _unknown("the build has several Dockerfiles")
    try:
        if arguments.reads_standard_input:
            if standard_input is None:
                return _unknown("the Dockerfile was typed into the builder")
            if arguments.last("file") not in (None, STANDARD_INPUT):
                return _unknown("the Dockerfile is in the context on standard input, which only the builder reads")
            return replace(dockerfile_of(standard_input, _INPUT_NAME, target), is_of_build=True)
        for path in _candidates(arguments, program):
            if path.is_file():
                return replace(read_dockerfile(path, target), is_of_build=True)
    except UsageError as error:
        # The builder decides: a directive of the file may name another syntax.
        return _unknown(error.message)
    return _unknown("the Dockerfile of the build was not found")


def _candidates(arguments: BuildArguments, program: str) -> Iterator[Path]:
    """Yields the paths where a builder looks for its file."""
    context = Path(arguments.contexts[0] if arguments.contexts else ".")
    given = arguments.last("file")
    if given:
        yield Path(given)
        yield context / given
        return
    for name in _NAMES[program]:
        yield context / name


def _unknown(problem: str) -> Dockerfile:
    return Dockerfile("", (), (), problem=problem)
