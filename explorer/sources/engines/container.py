"""A container, running or stopped: its image's layers, and its own writes as one more layer on top.

What it wrote is read from its own layer directory where that can be read; else the engine names the changed paths
(``docker diff``) and their entries are taken from its ``export``. The container is neither stopped nor changed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial

from explorer.errors import ImageNotFound
from explorer.layers.layer_builder import normalized_path
from explorer.layers.streams import FileRange
from explorer.layers.tar_layer import TarLayer
from explorer.model import Addressing, Entry, HistoryStep, Image, Kind, Layer, LayerContents, LayerIndex, Verified
from explorer.sources.engines.engine import Engine, ask_any_engine, directories_in_place, image_in_engine
from explorer.sources.engines.overlay import OverlayLayer
from explorer.sources.request import Request
from explorer.text.printable import printable

_REPLACEMENT = "\ufffd"
_UNDECODED = re.compile("[\udc80-\udcff]")
_DELETED = 2
"""The engine's number for a path that the container removed."""


def open_container(request: Request) -> Image:
    """A container of the Docker Engine, or of Podman when no Docker Engine answers.

    Raises EngineError, or ImageNotFound when there is no such container.
    """
    return ask_any_engine(partial(_in_engine, request), request.watcher)


def _in_engine(request: Request, engine: Engine) -> Image:
    inspected = engine.inspect(engine.client.inspect_container, request.name, "container")
    image_id, name = inspected.get("Image"), str(inspected.get("Name") or request.name).lstrip("/")
    if not isinstance(image_id, str) or not image_id:
        raise ImageNotFound(
            f"{engine.spoken} does not say which image {printable(name)} is of", "Open the image itself."
        )
    image = image_in_engine(engine, replace(request, name=image_id))
    number = len(image.layers)
    directories = directories_in_place(engine, inspected, request)
    contents: LayerContents = (
        OverlayLayer(f"layer {number}", directories[-1]) if directories else _exported(engine, request, number)
    )
    step = HistoryStep(comment=f"writes of the container {name}", layer=number)
    top = Layer(number=number, contents=contents, step=step)
    return replace(
        image,
        layers=(*image.layers, top),
        history=(*image.history, step),
        source=f"container {printable(name)}, {image.source}",
    )


def _exported(engine: Engine, request: Request, number: int) -> LayerContents:
    """The container's writes out of its export, which holds the whole file system."""
    changes = engine.ask(engine.client.diff, request.name, "container") or []
    kinds: dict[str, int] = {}
    for change in changes if isinstance(changes, list) else []:
        named = change.get("Path") if isinstance(change, dict) else None
        path = normalized_path(named) if isinstance(named, str) else None
        if path is not None:
            kinds[path] = change.get("Kind", 0)
    with engine.spool("export", partial(engine.client.export, request.name), None, request) as file:
        return ChangedPaths(TarLayer(f"layer {number}", FileRange.whole(file)), kinds)


@dataclass(frozen=True, slots=True)
class ChangedPaths:
    """Those entries of a whole file system that a container changed. Satisfies LayerContents."""

    whole: TarLayer
    kinds: Mapping[str, int]
    """Path to the engine's number for what happened there: 0 modified, 1 added, 2 deleted."""
    verified: Verified = Verified.NOTHING
    addressing: Addressing = Addressing.TAR

    @property
    def stored_bytes(self) -> int:
        """See LayerContents."""
        return self.whole.stored_bytes

    @property
    def streams(self) -> bool:
        """See LayerContents."""
        return self.whole.streams

    def index(self, on_progress: Callable[[int], None]) -> LayerIndex:
        """See LayerContents."""
        index = self.whole.index(on_progress)
        kinds = self.kinds
        # What was deleted and is there was replaced: a directory by another one, say.
        entries = [entry for entry in index.entries if _as_told(entry.path) in kinds]
        deleted = [path for path, kind in kinds.items() if kind == _DELETED and path]
        unclear = [
            f"the container removed {printable(path)}, whose name is not UTF-8: the engine does not tell which it is"
            for path in deleted
            if _REPLACEMENT in path
        ]
        return replace(
            index,
            entries=_with_first_names(entries),
            superseded=(),
            whiteouts=deleted,
            opaques=(),
            problems=[*index.problems, *unclear],
        )

    def read(
        self, index: LayerIndex, entries: Iterable[Entry], on_progress: Callable[[int], None]
    ) -> Iterator[tuple[Entry, Iterator[bytes | memoryview]]]:
        """See LayerContents."""
        return self.whole.read(index, entries, on_progress)


def _as_told(path: str) -> str:
    """A path as engines tell it in JSON, where a byte that is not UTF-8 becomes U+FFFD."""
    return path if path.isascii() else _UNDECODED.sub(_REPLACEMENT, path)


def _with_first_names(entries: list[Entry]) -> list[Entry]:
    """The entries with one FILE for each inode, also where the name that was it is left out."""
    files = {entry.inode for entry in entries if entry.kind is Kind.FILE}
    found = []
    for entry in entries:
        if entry.kind is Kind.HARDLINK and entry.inode not in files:
            files.add(entry.inode)
            entry = entry._replace(kind=Kind.FILE, link="")
        found.append(entry)
    return found
