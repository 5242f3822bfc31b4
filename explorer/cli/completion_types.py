"""Completing a word of the command line: commands, names that an engine has, schemes of references, paths."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path

import click
from click.shell_completion import CompletionItem
from click.types import StringParamType

from explorer.sources import SCHEMES

IMPLIED_COMMAND_KEY = "explorer.implied-command"
"""Key in a context's ``meta``: nobody has said a command yet, so that the next word may still be one."""
FILE = "file"
"""The type of what the shell is to complete as a path."""

_LONGEST_WAIT = 1.0
"""Seconds that an engine has for its answer."""
_ENGINES = ("docker", "podman")
_OF_PATHS = ("archive", "oci", "rootfs")
_UNSAID = ("localhost/", "docker.io/library/", "docker.io/")
"""What Podman's names begin with and people leave out."""


class ImageName(StringParamType):
    """The reference of an image; taken as it is, and completed."""

    name = "image"

    def shell_complete(
        self,
        ctx: click.Context,
        param: click.Parameter,  # noqa: ARG002 -- click's
        incomplete: str,
    ) -> list[CompletionItem]:
        return [*(commands(ctx, incomplete) if ctx.meta.get(IMPLIED_COMMAND_KEY) else ()), *images(incomplete)]


class BuilderWord(StringParamType):
    """A word that is meant for somebody else; completed as a path."""

    name = "word"

    def shell_complete(
        self,
        ctx: click.Context,  # noqa: ARG002 -- click's
        param: click.Parameter,  # noqa: ARG002
        incomplete: str,
    ) -> list[CompletionItem]:
        return [CompletionItem(incomplete, type=FILE)]


def commands(ctx: click.Context, incomplete: str) -> Iterator[CompletionItem]:
    """The program's commands that begin so."""
    program = ctx.find_root().command
    if isinstance(program, click.Group):
        for name, command in program.commands.items():
            if name.startswith(incomplete):
                yield CompletionItem(name, help=command.get_short_help_str())


def images(incomplete: str) -> Iterator[CompletionItem]:
    """What an IMAGE that begins so can be; engines are asked, but not for long."""
    scheme, separator, begun = incomplete.partition("://")
    if separator:
        found = (f"{scheme}://{each}" for each in _below(scheme, begun))
        yield from map(CompletionItem, _beginning(found, incomplete))
        return
    if not incomplete.startswith(("/", ".", "~")):
        yield from map(CompletionItem, _beginning((*_images(_ENGINES, incomplete), "demo"), incomplete))
    if incomplete:
        yield from map(CompletionItem, _beginning((f"{scheme}://" for scheme in SCHEMES), incomplete))
    yield CompletionItem(incomplete, type=FILE)


def _below(scheme: str, begun: str) -> Iterable[str]:
    if scheme in _ENGINES:
        return _images((scheme,), begun)
    if scheme == "container":
        return _names(_ENGINES, "container")
    return _paths(begun) if scheme in _OF_PATHS else ()


def _images(engines: tuple[str, ...], begun: str) -> Iterator[str]:
    for name in _names(engines, "image"):
        short = next((name.removeprefix(start) for start in _UNSAID if name.startswith(start)), name)
        yield short if short.startswith(begun) else name


def _names(engines: tuple[str, ...], what: str) -> list[str]:
    from explorer.sources.engines.discovery import list_names

    return list_names(engines, what, _LONGEST_WAIT)


def _paths(begun: str) -> Iterator[str]:
    folder, name = os.path.split(begun)
    try:
        there = sorted(Path(folder or ".").expanduser().iterdir())
    except (OSError, RuntimeError):
        return
    for path in there:
        if name or not path.name.startswith("."):
            yield f"{begun.removesuffix(name)}{path.name}{'/' if path.is_dir() else ''}"


def _beginning(words: Iterable[str], start: str) -> Iterator[str]:
    return (word for word in words if word.startswith(start))
