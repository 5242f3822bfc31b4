"""Questions about an engine itself: whether it answers, and what it has by name."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterator, Mapping

from explorer.errors import EngineError, EngineUnreachable
from explorer.model import Watcher
from explorer.sources.engines.endpoint import Endpoint, docker_endpoint, podman_endpoint
from explorer.sources.engines.engine import Engine, connect

ENDPOINTS: Mapping[str, Callable[[], Endpoint]] = {"docker": docker_endpoint, "podman": podman_endpoint}
"""Scheme of a reference to where its engine is."""

_PLAIN = re.compile(r"[A-Za-z0-9][\w.:/@-]*", re.ASCII)
"""What names are made of. Anything else would be no name, and no shell need see it."""


def greet(scheme: str, watcher: Watcher) -> None:
    """See that the engine of a scheme answers. Raises EngineError."""
    with connect(ENDPOINTS[scheme](), watcher):
        pass


def names_within(seconds: float, schemes: tuple[str, ...], what: str, watcher: Watcher) -> list[str]:
    """The names of the images or the containers (``what``) in the first of the engines that answers, sorted.

    Empty where none does, or not in time: whoever completes a word cannot do anything about it.
    """
    found: list[str] = []

    def ask() -> None:
        for scheme in schemes:
            try:
                with connect(ENDPOINTS[scheme](), watcher) as engine:
                    found.extend(_names(engine, what))
                    return
            except EngineUnreachable:
                continue
            except (EngineError, OSError, ValueError):
                return

    # Its own answer would be waited for too long, and nobody is left to stop it.
    asking = threading.Thread(target=ask, name="layer-explorer-names", daemon=True)
    asking.start()
    asking.join(seconds)
    return [] if asking.is_alive() else sorted(set(found))


def _names(engine: Engine, what: str) -> Iterator[str]:
    client = engine.client
    key = "Names" if what == "container" else "RepoTags"
    listed = engine.ask(lambda _: client.containers(all=True) if what == "container" else client.images(), "", what)
    for each in listed if isinstance(listed, list) else ():
        names = each.get(key) if isinstance(each, dict) else None
        for name in names if isinstance(names, list) else ():
            plain = name.removeprefix("/") if isinstance(name, str) else ""
            if _PLAIN.fullmatch(plain):
                yield plain
