"""Images in the Docker Engine or in Podman, over the API of both.

``inspect`` and ``history`` describe an image at once. Its layers are read in place if the engine's own directories can
be read. Otherwise they come from ``save``. Nothing is pulled, started or changed.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any, ClassVar

from explorer.errors import EngineError, ImageNotFound
from explorer.layers.digests import is_digest
from explorer.layers.tar_layer import TarLayer
from explorer.model import (
    Addressing,
    Entry,
    FileContents,
    Image,
    Layer,
    LayerContents,
    LayerIndex,
    OnProgress,
    Progress,
    Verified,
    Watcher,
)
from explorer.sources.archives.archive import image_in
from explorer.sources.archives.arriving import ArrivingLayers
from explorer.sources.archives.image_config import image_from_config, platform_of
from explorer.sources.engines.endpoint import ENDPOINTS, Endpoint
from explorer.sources.engines.engine import Engine, ask_any_engine, connect
from explorer.sources.engines.inspect import (
    diff_ids,
    history_is_certain,
    image_from_inspect,
    is_described,
    stored_config,
    with_engine_names,
)
from explorer.sources.engines.known_images import EngineImages
from explorer.sources.engines.overlay import FallbackLayer, OverlayLayer, layer_directories
from explorer.sources.interruptible import locked
from explorer.sources.platforms import matches_platform
from explorer.sources.request import LayerAccess, Request
from explorer.text.printable import printable


def open_in_engine(request: Request) -> Image:
    """Opens an image in the engine of its scheme. Raises EngineError or ImageNotFound."""
    scheme, _, _ = request.reference.partition("://")
    with connect(ENDPOINTS[scheme](), request.watcher) as engine:
        return image_in_engine(engine, request)


def open_by_name(request: Request) -> Image:
    """Opens an image in the Docker Engine, or in Podman if there is none."""
    return ask_any_engine(lambda engine: image_in_engine(engine, request), request.watcher)


def image_in_engine(engine: Engine, request: Request) -> Image:
    """Opens an image by name or ID; the watcher gets a preview before slow work."""
    inspected = engine.inspect(engine.client.inspect_image, request.name)
    image = _described_image(engine, inspected, request)
    return replace(image, known_images=EngineImages(engine.endpoint, inspected, request.name))


def _described_image(engine: Engine, inspected: Mapping[str, Any], request: Request) -> Image:
    """Opens the image of a description."""
    name = request.name
    # Only the name is the user's. From here on the ID counts, because a build may move the name at any moment.
    history = engine.ask(engine.client.history, _id_of(inspected, request))
    deferred = _DeferredSave(engine.endpoint, inspected, request)
    local = engine.endpoint.is_local
    verified = Verified.DIFF_ID if local else Verified.NOTHING
    unread = [Layer(number, _DeferredLayer(deferred, number, verified)) for number, _ in enumerate(diff_ids(inspected))]
    preview = image_from_inspect(inspected, history, request.reference, unread)
    if request.platform and preview.platform and not matches_platform(preview.platform, request.platform):
        raise ImageNotFound(
            f"{printable(name)} is for {preview.platform}, not for {printable(request.platform)}",
            f"Pull it for that platform first: {engine.endpoint.command} pull "
            f"--platform {printable(request.platform)} {printable(name)}",
        )
    request.watcher.image_opened(replace(preview, source=str(engine)))
    directories = directories_in_place(engine, inspected, request, len(unread))
    if directories is not None:
        stored = [
            Layer(number, directory_layer(number, path, request, partial(_DeferredLayer, deferred, number, verified)))
            for number, path in enumerate(directories)
        ]
        return _image_in_place(engine, inspected, history, directories, stored, request)
    if local and all(map(request.is_cached, diff_ids(inspected))) and history_is_certain(inspected, history):
        return replace(preview, source=f"{engine}, layers cached")
    return replace(with_engine_names(_save(engine, inspected, request), inspected), source=f"{engine}, saved")


def directories_in_place(
    engine: Engine, inspected: Mapping[str, Any], request: Request, count: int | None = None
) -> list[Path] | None:
    """Returns the layers' directories, bottom first; None if not read in place.

    ``inspected`` is the engine's description of an image or a container, ``count`` the expected number of directories.
    Raises EngineError if the request demands them and they cannot be read.
    """
    if request.via is LayerAccess.SAVE:
        return None
    directories = layer_directories(inspected) if engine.endpoint.is_local else None
    if directories is not None and count is not None and len(directories) != count:
        directories = None
    if request.via is LayerAccess.IN_PLACE and directories is None:
        raise EngineError(
            f"the layers of {printable(request.name)} cannot be read in place from {engine.in_sentence}",
            "That needs an engine on this machine, the overlay driver, and permission to read its directories (root).",
        )
    return directories


def _id_of(inspected: Mapping[str, Any], request: Request) -> str:
    """Returns the image's ID; the name if the engine gives no valid one."""
    image_id = str(inspected.get("Id"))
    return image_id if is_digest(f"sha256:{image_id.removeprefix('sha256:')}") else request.name


def _save(engine: Engine, inspected: Mapping[str, Any], request: Request) -> Image:
    """Returns the image that the engine described, from its save of the image's ID.

    Raises EngineError if the engine saves another image.
    """
    begin = partial(engine.client.get_image, _id_of(inspected, request))
    with (
        ArrivingLayers(request, diff_ids(inspected)) as arriving,
        engine.spool("save", begin, inspected.get("Size"), request, arriving.look) as file,
    ):
        arriving.end()
        platform = platform_of(inspected) or request.platform
        image = image_in(file, replace(request, platform=platform, reads_all=True))
        if not is_described(image, inspected):
            raise EngineError(
                f"{engine.in_sentence} sends another image than the one it describes as {printable(request.name)}",
                "Open it again. If that does not help, restart the engine.",
            )
        return arriving.used_in(_trust_diff_ids(image) if engine.endpoint.is_local else image)


def _trust_diff_ids(image: Image) -> Image:
    """Returns the image with layers whose diff_ids come from a local engine."""
    layers = []
    for layer in image.layers:
        contents = layer.contents
        if isinstance(contents, TarLayer):
            contents = replace(contents, is_trusted=True)
        layers.append(replace(layer, contents=contents))
    return replace(image, layers=tuple(layers))


class _DeferredSave:
    """An image that is saved when one of its layers is first read, and at most once."""

    def __init__(self, endpoint: Endpoint, inspected: Mapping[str, Any], request: Request) -> None:
        self._endpoint = endpoint
        self._inspected = inspected
        self._request = request
        self._lock = threading.Lock()
        self._image: Image | None = None

    def layer(self, number: int, on_progress: OnProgress | None = None) -> LayerContents:
        """Returns the contents of one layer. Raises EngineError or ImageNotFound.

        ``on_progress`` gets the saved bytes of the image instead of the request's watcher, and may raise to stop.
        """
        request = self._request
        if on_progress is not None:
            request = replace(request, watcher=_ProgressWatcher(on_progress))
        with locked(self._lock, on_progress or (lambda _: None)):
            if self._image is None:
                with connect(self._endpoint, request.watcher) as engine:
                    self._image = _save(engine, self._inspected, request)
        return self._image.layers[number].contents


class _ProgressWatcher(Watcher):
    """The watcher of a save that begins after the image was opened."""

    def __init__(self, on_progress: OnProgress) -> None:
        self._on_progress = on_progress

    def progress(self, progress: Progress) -> None:
        self._on_progress(progress.done)


@dataclass(frozen=True, slots=True)
class _DeferredLayer:
    """A layer of an image that is saved later. Satisfies LayerContents."""

    stored_bytes: ClassVar[int] = 0
    streams: ClassVar[bool] = False
    addressing: ClassVar[Addressing] = Addressing.TAR

    save: _DeferredSave
    number: int
    verified: Verified

    def index(self, on_progress: OnProgress) -> LayerIndex:
        return self.save.layer(self.number).index(on_progress)

    def read(self, index: LayerIndex, entries: Iterable[Entry], on_progress: OnProgress) -> FileContents:
        return self.save.layer(self.number, on_progress).read(index, entries, on_progress)


def directory_layer(
    number: int, directory: Path, request: Request, otherwise: Callable[[], LayerContents]
) -> LayerContents:
    """Returns the layer in a directory, with another way to it if the request allows."""
    in_place = OverlayLayer(f"layer {number}", directory)
    return FallbackLayer(in_place, otherwise) if request.via is LayerAccess.AUTO else in_place


def _image_in_place(
    engine: Engine,
    inspected: Mapping[str, Any],
    history: object,
    directories: Sequence[Path],
    stored: Sequence[Layer],
    request: Request,
) -> Image:
    image_id = str(inspected.get("Id", ""))
    config = stored_config(image_id, directories[-1]) if directories else None
    if config is None:
        image = image_from_inspect(inspected, history, request.reference, stored)
    else:
        image = with_engine_names(image_from_config(config, image_id, request.reference, stored), inspected)
    return replace(image, source=f"{engine}, layers read in place")
