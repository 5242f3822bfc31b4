"""Questions about an engine itself: does it answer, and which names does it have."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator

from explorer.errors import Cancelled, EngineError, EngineUnreachable
from explorer.model import Progress, Watcher
from explorer.sources.engines.endpoint import ENDPOINTS
from explorer.sources.engines.engine import Engine, connect

_SAFE_NAME = re.compile(r"[A-Za-z0-9][\w.:/@-]*", re.ASCII)
"""The characters of valid names. Other names must not reach a shell."""


def check_engine(scheme: str, watcher: Watcher) -> None:
    """Checks that the engine of a scheme answers. Raises EngineError."""
    with connect(ENDPOINTS[scheme](), watcher):
        pass


def list_names(schemes: tuple[str, ...], kind: str, seconds: float) -> list[str]:
    """Returns the sorted names of an ``image`` or ``container`` in an engine.

    The list is empty if no engine answers in time: shell completion has no way to show an error.
    """
    deadline = _Deadline(seconds)
    for scheme in schemes:
        try:
            with connect(ENDPOINTS[scheme](), deadline) as engine:
                return sorted(set(_names(engine, kind)))
        except EngineUnreachable:
            continue
        except (EngineError, Cancelled, OSError, ValueError):
            break
    return []


class _Deadline(Watcher):
    """A watcher that cancels the work after a time limit."""

    def __init__(self, seconds: float) -> None:
        self._end = time.monotonic() + seconds

    def progress(self, progress: Progress) -> None:  # noqa: ARG002 -- see Watcher
        if time.monotonic() > self._end:
            raise Cancelled("the engine does not answer in time")


def _names(engine: Engine, kind: str) -> Iterator[str]:
    client = engine.client
    key = "Names" if kind == "container" else "RepoTags"
    items = engine.ask(lambda _: client.containers(all=True) if kind == "container" else client.images(), "", kind)
    for item in items if isinstance(items, list) else ():
        names = item.get(key) if isinstance(item, dict) else None
        for name in names if isinstance(names, list) else ():
            plain = name.removeprefix("/") if isinstance(name, str) else ""
            if _SAFE_NAME.fullmatch(plain):
                yield plain
