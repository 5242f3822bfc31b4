"""Completes commands, names of images, schemes and paths."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path

import click
from click.shell_completion import CompletionItem
from click.types import StringParamType

from explorer.sources import SCHEMES

IMPLIED_COMMAND_KEY = "explorer.implied-command"
"""Key in a context's ``meta``: true if no command was given, so the next word may still be one."""
MEANT_COMMAND_KEY = "explorer.meant-command"
"""Key in a context's ``meta``: the command that is most like the image, if the command is implied."""
FILE = "file"
"""The type of a completion that the shell completes as a path."""

_ENGINE_TIMEOUT_SECONDS = 1.0
_ENGINES = ("docker", "podman")
_PATH_SCHEMES = ("archive", "oci", "rootfs", "saved")
_OMITTED_PREFIXES = ("localhost/", "docker.io/library/", "docker.io/")
"""Prefixes of Podman's names that people leave out."""


class ImageName(StringParamType):
    """The reference of an image, taken as it is."""

    name = "image"

    def shell_complete(
        self,
        ctx: click.Context,
        param: click.Parameter,  # noqa: ARG002 -- click's
        incomplete: str,
    ) -> list[CompletionItem]:
        if ctx.meta.get(IMPLIED_COMMAND_KEY):
            root = ctx.find_root()
            return root.command.shell_complete(root, incomplete)
        return list(images(incomplete))


def images(incomplete: str) -> Iterator[CompletionItem]:
    """Values of IMAGE that begin with ``incomplete``; waits a second for engines."""
    scheme, separator, begun = incomplete.partition("://")
    if separator:
        references = (f"{scheme}://{name}" for name in _names_in_scheme(scheme, begun))
        yield from map(CompletionItem, _beginning(references, incomplete))
        return
    if not incomplete.startswith(("/", ".", "~")):
        yield from map(CompletionItem, _beginning((*_images(_ENGINES, incomplete), "demo"), incomplete))
    if incomplete:
        yield from map(CompletionItem, _beginning((f"{scheme}://" for scheme in SCHEMES), incomplete))
    yield CompletionItem(incomplete, type=FILE)


def _names_in_scheme(scheme: str, begun: str) -> Iterable[str]:
    if scheme in _ENGINES:
        return _images((scheme,), begun)
    if scheme == "container":
        return _names(_ENGINES, "container")
    return _paths(begun) if scheme in _PATH_SCHEMES else ()


def _images(engines: tuple[str, ...], begun: str) -> Iterator[str]:
    for name in _names(engines, "image"):
        short = next((name.removeprefix(start) for start in _OMITTED_PREFIXES if name.startswith(start)), name)
        yield short if short.startswith(begun) else name


def _names(engines: tuple[str, ...], kind: str) -> list[str]:
    from explorer.sources.engines.discovery import list_names

    return list_names(engines, kind, _ENGINE_TIMEOUT_SECONDS)


def _paths(begun: str) -> Iterator[str]:
    folder, name = os.path.split(begun)
    try:
        paths = sorted(Path(folder or ".").expanduser().iterdir())
    except (OSError, RuntimeError):
        return
    for path in paths:
        # The shells read one word a line.
        if path.name.isprintable() and (name or not path.name.startswith(".")):
            yield f"{begun.removesuffix(name)}{path.name}{'/' if path.is_dir() else ''}"


def _beginning(words: Iterable[str], start: str) -> Iterator[str]:
    return (word for word in words if word.startswith(start))
