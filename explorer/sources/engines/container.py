"""Containers: the layers of the image, and the container's writes on top.

The writes are read from the container's layer directory if possible. Otherwise the engine names the changed paths
(``docker diff``), and their entries come from its ``export``. The container is neither stopped nor changed.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import ClassVar

from explorer.errors import ImageNotFound
from explorer.layers.hard_links import with_first_name_as_file
from explorer.layers.layer_wrapper import LayerWrapper
from explorer.layers.path_resolver import normalized_path
from explorer.layers.streams import FileRange
from explorer.layers.tar_layer import TarLayer
from explorer.model import (
    Entry,
    HistoryStep,
    Image,
    Layer,
    LayerContents,
    LayerIndex,
    OnProgress,
    Verified,
)
from explorer.sources.engines.engine import Engine, ask_any_engine
from explorer.sources.engines.image import directories_in_place, directory_layer, image_in_engine
from explorer.sources.request import Request
from explorer.text.printable import printable

_REPLACEMENT = "\ufffd"
_UNDECODED = re.compile("[\udc80-\udcff]")
_DELETED = 2
"""The engine's number for a path that the container deleted."""


def open_container(request: Request) -> Image:
    """Opens a container by its name. Raises EngineError or ImageNotFound."""
    return ask_any_engine(partial(_in_engine, request), request.watcher)


def _in_engine(request: Request, engine: Engine) -> Image:
    inspected = engine.inspect(engine.client.inspect_container, request.name, "container")
    image_id, name = inspected.get("Image"), str(inspected.get("Name") or request.name).lstrip("/")
    if not isinstance(image_id, str) or not image_id:
        raise ImageNotFound(
            f"{engine.in_sentence} does not name the image of {printable(name)}", "Open the image itself."
        )
    # By its ID, because another container may get the name in the meantime.
    container = str(inspected.get("Id") or request.name)
    image = image_in_engine(engine, replace(request, name=image_id))
    number = len(image.layers)
    directories = directories_in_place(engine, inspected, request)
    if directories:
        # Connects again, because this connection is closed when the layer is read.
        export = partial(ask_any_engine, lambda engine: _export(engine, container, request, number), request.watcher)
        contents = directory_layer(number, directories[-1], request, export)
    else:
        contents = _export(engine, container, request, number)
    step = HistoryStep(comment=f"writes of the container {name}", layer=number)
    top = Layer(number=number, contents=contents, step=step)
    return replace(
        image,
        layers=(*image.layers, top),
        history=(*image.history, step),
        source=f"container {printable(name)}, {image.source}",
    )


def _export(engine: Engine, container: str, request: Request, number: int) -> LayerContents:
    """Returns the container's writes from its export of the whole file system."""
    changes = engine.ask(engine.client.diff, container, "container") or []
    kinds: dict[str, int] = {}
    for change in changes if isinstance(changes, list) else []:
        name = change.get("Path") if isinstance(change, dict) else None
        path = normalized_path(name) if isinstance(name, str) else None
        if path is not None:
            kinds[path] = change.get("Kind", 0)
    with engine.spool("export", partial(engine.client.export, container), None, request) as file:
        return ChangedPaths(TarLayer(f"layer {number}", FileRange.whole(file), budget=request.budget), kinds)


@dataclass(frozen=True, slots=True)
class ChangedPaths(LayerWrapper):
    """The entries that a container changed."""

    verified: ClassVar[Verified] = Verified.NOTHING

    contents: LayerContents
    """The container with all its entries."""
    kinds: Mapping[str, int]
    """Each changed path, with the engine's number for the change: 0 modified, 1 added, 2 deleted."""

    def index(self, on_progress: OnProgress) -> LayerIndex:
        index = self.contents.index(on_progress)
        kinds = self.kinds
        # A deleted path with an entry was replaced, for example a directory by another one.
        entries = [entry for entry in index.entries if _as_in_json(entry.path) in kinds]
        deleted = [path for path, kind in kinds.items() if kind == _DELETED and path]
        unclear = [
            f"the container removed {printable(path)}, whose name is not UTF-8: the engine does not give the exact name"
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


def _as_in_json(path: str) -> str:
    """Returns a path as in an engine's JSON: invalid UTF-8 becomes U+FFFD."""
    return path if path.isascii() else _UNDECODED.sub(_REPLACEMENT, path)


def _with_first_names(entries: Iterable[Entry]) -> list[Entry]:
    """Returns the entries with one FILE for each inode, even if it was left out."""
    names: defaultdict[int, list[Entry]] = defaultdict(list)
    others: list[Entry] = []
    for entry in entries:
        same = names[entry.inode] if entry.kind.has_content else others
        same.append(entry)
    return [*others, *(entry for same in names.values() for entry in with_first_name_as_file(same))]
