"""Questions about an engine itself: does it answer, and which names does it have."""

from __future__ import annotations

from explorer.errors import Cancelled, EngineError, EngineUnreachable
from explorer.model import Watcher
from explorer.sources.engines.endpoint import ENDPOINTS
from explorer.sources.engines.engine import connect
from explorer.sources.engines.names import Deadline, list_items, names_in


def check_engine(scheme: str, watcher: Watcher) -> None:
    """Checks that the engine of a scheme answers. Raises EngineError."""
    with connect(ENDPOINTS[scheme](), watcher):
        pass


def list_names(schemes: tuple[str, ...], kind: str, seconds: float) -> list[str]:
    """Returns the sorted names of an ``image`` or ``container`` in an engine.

    The list is empty if no engine answers in time: shell completion has no way to show an error.
    """
    deadline = Deadline(seconds)
    for scheme in schemes:
        try:
            with connect(ENDPOINTS[scheme](), deadline) as engine:
                items = engine.ask(lambda _: list_items(engine.client, kind), "", kind)
                return sorted(set(names_in(items, kind)))
        except EngineUnreachable:
            continue
        except (EngineError, Cancelled, OSError, ValueError):
            break
    return []
