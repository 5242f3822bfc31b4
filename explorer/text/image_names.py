"""Names of images: ``HOST/NAME:TAG@DIGEST`` in their short forms."""

from __future__ import annotations

MAX_NAME_CHARS = 1000
"""Limit for the names that an image states; longer ones count as missing."""


def short_name(name: str) -> str:
    """Returns an image name as Docker shows it, without the default registry."""
    return name.removeprefix("index.").removeprefix("docker.io/").removeprefix("library/")


def repository(name: str) -> str:
    """Returns an image name without tag and digest, as Docker shows it.

    Podman adds ``localhost/`` to names that it builds.
    """
    path, slash, last = name.partition("@")[0].rpartition("/")
    return short_name(f"{path}{slash}{last.partition(':')[0]}").removeprefix("localhost/")


def preferred_name(names: tuple[str, ...]) -> str:
    """Returns the best of the names of one image: short, and not ``latest``."""
    return min(names, key=lambda name: (name.endswith(":latest"), len(name), name))
