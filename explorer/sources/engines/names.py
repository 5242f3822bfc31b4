"""The names of images and containers that an engine has."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING

from explorer.errors import Cancelled
from explorer.model import Progress, Watcher

if TYPE_CHECKING:
    from docker import APIClient

_SAFE_NAME = re.compile(r"[A-Za-z0-9][\w.:/@-]*", re.ASCII)
"""The characters of valid names. Other names must not reach a shell."""


class Deadline(Watcher):
    """A watcher that cancels the work after a time limit."""

    def __init__(self, seconds: float) -> None:
        self._end = time.monotonic() + seconds

    def progress(self, progress: Progress) -> None:  # noqa: ARG002 -- see Watcher
        if time.monotonic() > self._end:
            raise Cancelled("the engine does not answer in time")


def list_items(client: APIClient, kind: str) -> object:
    """Returns the engine's answer about each ``image`` or ``container``."""
    return client.containers(all=True) if kind == "container" else client.images()


def names_in(items: object, kind: str) -> Iterator[str]:
    """Yields the valid names in an engine's answer."""
    key = "Names" if kind == "container" else "RepoTags"
    for item in items if isinstance(items, list) else ():
        names = item.get(key) if isinstance(item, dict) else None
        for name in names if isinstance(names, list) else ():
            plain = name.removeprefix("/") if isinstance(name, str) else ""
            if _SAFE_NAME.fullmatch(plain):
                yield plain
