"""Changes to a Dockerfile that keep files out, and the common ones among them."""

from __future__ import annotations

from typing import NamedTuple


class Remedy(NamedTuple):
    """One change to a Dockerfile; several kinds may share it."""

    id: str
    title: str
    do: str
    """The advice, as a template for ``sentence``."""
    command: str = ""
    """The command that ends a RUN and deletes the files; empty if there is none."""
    option: tuple[str, str] | None = None
    """A command that fills a cache, and the same command with the option not to do so."""
    deletes_by_name: bool = False
    """True if the RUN should end with a command that names the directories, unless these are many."""


def emptying_cache(key: str, owner: str, command: str, target: str = "") -> Remedy:
    """Returns the remedy of a cache that a command empties.

    Args:
        key: The ID of the remedy.
        owner: The cache, in words.
        command: The command.
        target: The directory that can be a cache mount instead; empty if none is known.
    """
    do = f"End the RUN with `&& {command}`{_or_mount(target)}."
    return Remedy(key, f"Empty {owner} in the RUN that fills it", do, command)


def avoiding_cache(
    key: str, owner: str, how: str, command: str, target: str = "", option: tuple[str, str] | None = None
) -> Remedy:
    """Returns the remedy of a cache that an option of the command avoids.

    Args:
        key: The ID of the remedy.
        owner: The cache, in words.
        how: The command with the option, for people.
        command: The command that empties the cache, where the option cannot be set.
        target: The directory that can be a cache mount instead; empty if none is known.
        option: The beginning of the command without and with the option.
    """
    return Remedy(key, f"Do not keep {owner}", f"Use `{how}`{_or_mount(target)}.", command, option)


def using_stage(key: str, owner: str, command: str, target: str = "") -> Remedy:
    """Returns the remedy of files that only a build needs.

    Args:
        key: The ID of the remedy.
        owner: The files, in words.
        command: The command that deletes them.
        target: The directory that can be a cache mount instead; empty if none is known.
    """
    do = f"Build in a stage of its own, and take the result from it (`COPY --from`){_or_mount(target)}."
    return Remedy(key, f"Leave {owner} in a build stage", do, command)


def ignoring_files(key: str, owner: str) -> Remedy:
    """Returns the remedy of files that do not belong into the build context."""
    return Remedy(
        key,
        f"Leave {owner} out of the image",
        "Name them in .dockerignore, or delete them in the RUN that makes them.",
        deletes_by_name=True,
    )


def or_mounting_cache(target: str) -> str:
    """Returns the advice to use a cache mount, as the end of a sentence."""
    return f"or keep it out of every layer: `RUN --mount=type=cache,target={target} …`"


def _or_mount(target: str) -> str:
    return f"; {or_mounting_cache(target)}" if target else ""
