"""Images in the Docker Engine or in Podman, over the API that both speak.

``inspect`` and ``history`` tell at once what an image is made of. Its layers are read in place where the engine's own
directories can be read, and else come from ``save``. Nothing is ever pulled, started or changed.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, NoReturn, TypeVar

from explorer.errors import EngineError, EngineUnreachable, ImageError, ImageNotFound, Stalled
from explorer.layers.tar_layer import TarLayer
from explorer.model import Addressing, Entry, Image, LayerContents, LayerIndex, Progress, Unwatched, Verified, Watcher
from explorer.sources.archives.archive import image_in
from explorer.sources.archives.image_config import StoredLayer, image_from_config, platform_of
from explorer.sources.engines.endpoint import Endpoint, docker_endpoint, podman_endpoint
from explorer.sources.engines.inspect import as_named, described_image, diff_ids, history_is_certain, stored_config
from explorer.sources.engines.overlay import OverlayLayer, layer_directories
from explorer.sources.registries.retry import run_interruptibly
from explorer.sources.request import Request, Via
from explorer.sources.selection import matches_platform
from explorer.sources.spool import spool
from explorer.text.printable import printable, without_login

if TYPE_CHECKING:
    from docker import APIClient

_Answer = TypeVar("_Answer")
_NONSENSE = (ValueError, TypeError, AttributeError, LookupError, RecursionError, MemoryError)
"""What the SDK raises where an engine, or its own configuration file, holds something else than it expects."""
_TIMEOUT = 60
"""Seconds without a word from the engine. A large image's ``save`` may take long to begin, so it is not limited."""


def open_docker(request: Request) -> Image:
    """An image in the Docker Engine that ``docker`` would use. Raises EngineError or ImageNotFound."""
    with connect(docker_endpoint(), request.watcher) as engine:
        return image_in_engine(engine, request)


def open_podman(request: Request) -> Image:
    """An image in Podman. Raises EngineError or ImageNotFound."""
    with connect(podman_endpoint(), request.watcher) as engine:
        return image_in_engine(engine, request)


def open_by_name(request: Request) -> Image:
    """An image by its bare name: in the Docker Engine, or in Podman when no Docker Engine answers."""
    return ask_any_engine(lambda engine: image_in_engine(engine, request), request.watcher)


def ask_any_engine(question: Callable[[Engine], _Answer], watcher: Watcher) -> _Answer:
    """Ask the Docker Engine, and Podman when there is none. Raises EngineError, which names all that was tried."""
    try:
        with connect(docker_endpoint(), watcher) as engine:
            return question(engine)
    except EngineUnreachable as no_docker:
        try:
            with connect(podman_endpoint(), watcher) as engine:
                return question(engine)
        except EngineUnreachable as no_podman:
            raise EngineUnreachable(f"{no_docker.message}; {no_podman.message}", no_docker.hint) from no_docker
        except ImageError as error:
            raise type(error)(f"{no_docker.message}; {error.message}", error.hint) from error


@dataclass(frozen=True, slots=True)
class Engine:
    """A connection to an engine, and the words for its failures."""

    client: APIClient
    endpoint: Endpoint
    watcher: Watcher

    def __str__(self) -> str:
        """``Docker Engine at unix:///var/run/docker.sock``; printable."""
        return f"{self.endpoint.engine} at {self.endpoint}"

    @property
    def spoken(self) -> str:
        """The same within a sentence."""
        return f"{self.endpoint.article}{self}"

    def ask(self, question: Callable[[str], Any], name: str, what: str = "image") -> Any:
        """One call about an image or a container. Raises ImageNotFound or EngineError."""
        from docker.errors import APIError, DockerException, NotFound
        from requests.exceptions import RequestException

        command = self.endpoint.command
        try:
            return _waited(self.endpoint, self.watcher, lambda: question(name))
        except NotFound as error:
            pull = f" Nothing is pulled unasked: {command} pull {printable(name)}" if what == "image" else ""
            listing = f"{command} images" if what == "image" else f"{command} ps --all"
            raise ImageNotFound(
                f"{self.spoken} has no {what} “{printable(name)}”", f"`{listing}` lists what it has.{pull}"
            ) from error
        except APIError as error:
            raise EngineError(
                f"{self.spoken} refuses: {printable(str(error.explanation or error))}",
                f"`{command} {what} inspect {printable(name)}` asks it the same; its log may say more.",
            ) from error
        except (DockerException, RequestException, OSError, *_NONSENSE) as error:
            raise_unreachable(self.endpoint, error)

    def inspect(self, question: Callable[[str], Any], name: str, what: str = "image") -> dict[str, Any]:
        """One call whose answer is an object."""
        answer = self.ask(question, name, what)
        if not isinstance(answer, dict):
            raise EngineError(
                f"{self.spoken} gives no description of the {what} “{printable(name)}”",
                f"`{self.endpoint.command} {what} inspect {printable(name)}` asks it the same.",
            )
        return answer

    def spool(self, verb: str, begin: Callable[[], Iterator[bytes]], size: object, request: Request) -> BinaryIO:
        """What the engine sends, in a temporary file. Raises EngineError when it stops before the end.

        ``verb`` is the engine's own command for it: ``save`` or ``export``.
        """
        name = printable(request.name)
        from docker.errors import DockerException
        from requests.exceptions import RequestException

        self.client.timeout = None
        total = size if isinstance(size, int) and size > 0 else None
        try:
            return spool(begin, f"Saving from the {self.endpoint.engine}", total, request.watcher)
        except (DockerException, RequestException, OSError) as error:
            raise EngineError(
                f"{self.spoken} stopped sending {name}: {printable(str(error))}",
                f"Try again, or see what it says to `{self.endpoint.command} {verb} {name} -o image.tar`.",
            ) from error


@contextmanager
def connect(endpoint: Endpoint, watcher: Watcher) -> Iterator[Engine]:
    """A connection to the engine at an endpoint. Raises EngineError."""
    from docker.errors import DockerException

    from explorer.sources.engines.docker_client import BoundedClient

    try:
        client = _waited(endpoint, watcher, lambda: BoundedClient(timeout=_TIMEOUT, **endpoint.arguments))
    except (DockerException, OSError, *_NONSENSE) as error:
        raise_unreachable(endpoint, error)
    try:
        yield Engine(client, endpoint, watcher)
    finally:
        with suppress(OSError):
            client.close()


def _waited(endpoint: Endpoint, watcher: Watcher, question: Callable[[], _Answer]) -> _Answer:
    """The answer to one question, which comes in minutes or not at all, and which the watcher need not wait for."""
    step = Progress(f"Asking {endpoint.article}{endpoint.engine}", 0, None)
    try:
        return run_interruptibly(
            lambda _: question(), lambda _: watcher.progress(step), f"{endpoint.engine} at {endpoint}"
        )
    except Stalled as error:
        raise EngineError(error.message, endpoint.remedy) from error


def raise_unreachable(endpoint: Endpoint, error: Exception) -> NoReturn:
    """Say in words why an engine does not answer."""
    text = without_login(endpoint.url, str(error)).removeprefix("Error while fetching server API version: ")
    if "Permission denied" in text or "PermissionError" in text:
        raise EngineError(
            f"no permission to use {endpoint.article}{endpoint.engine} at {endpoint}",
            "Add your user to the group that owns the socket (often `docker`), or run as root.",
        ) from error
    reason = "nothing listens there"
    if endpoint.url.startswith("unix:") and ("No such file" in text or "FileNotFoundError" in text):
        reason = "there is no such socket"
    elif "refused" not in text:
        reason = printable(text)[:300]
    raise EngineUnreachable(f"no {endpoint.engine} answers at {endpoint}: {reason}", endpoint.remedy) from error


def image_in_engine(engine: Engine, request: Request) -> Image:
    """An image that the engine has, by name or ID; the watcher finds a preview before anything slow begins."""
    name = request.name
    inspected = engine.inspect(engine.client.inspect_image, name)
    history = engine.ask(engine.client.history, name)
    later = _SavedLater(engine.endpoint, request)
    local = engine.endpoint.is_local
    verified = Verified.DIFF_ID if local else Verified.NOTHING
    unread = [StoredLayer(_LaterLayer(later, number, verified)) for number, _ in enumerate(diff_ids(inspected))]
    preview = described_image(inspected, history, request.reference, unread)
    if request.platform and preview.platform and not matches_platform(preview.platform, request.platform):
        raise ImageNotFound(
            f"{printable(name)} is for {preview.platform}, not for {printable(request.platform)}",
            f"Pull it for that platform first: {engine.endpoint.command} pull "
            f"--platform {printable(request.platform)} {printable(name)}",
        )
    request.watcher.image_opened(replace(preview, source=str(engine)))
    directories = directories_in_place(engine, inspected, request, len(unread))
    if directories is not None:
        return _image_in_place(engine, inspected, history, directories, request)
    if local and all(map(request.known, diff_ids(inspected))) and history_is_certain(inspected, history):
        return replace(preview, source=f"{engine}, layers known from before")
    return replace(as_named(_saved(engine, request), inspected), source=f"{engine}, saved")


def directories_in_place(
    engine: Engine, inspected: Mapping[str, Any], request: Request, count: int | None = None
) -> list[Path] | None:
    """The directories of the layers of an image or container, bottom first, where they are to be read in place.

    Raises EngineError where they have to be and cannot, or are not ``count``.
    """
    if request.via is Via.SAVE:
        return None
    directories = layer_directories(inspected) if engine.endpoint.is_local else None
    if directories is not None and count is not None and len(directories) != count:
        directories = None
    if request.via is Via.IN_PLACE and directories is None:
        raise EngineError(
            f"the layers of {printable(request.name)} cannot be read in place from {engine.spoken}",
            "That needs an engine on this machine, its overlay driver, and the right to read its directories (root).",
        )
    return directories


def _saved(engine: Engine, request: Request) -> Image:
    """The image as the engine saves it; of several platforms that the engine holds, the one it describes."""
    inspected = engine.inspect(engine.client.inspect_image, request.name)
    begin = partial(engine.client.get_image, request.name)
    with engine.spool("save", begin, inspected.get("Size"), request) as file:
        platform = platform_of(inspected) or request.platform
        image = image_in(file, request.reference, None, platform, request.watcher)
    return _witnessed(image) if engine.endpoint.is_local else image


def _witnessed(image: Image) -> Image:
    """The image with layers that an engine on this machine has told the diff_ids of."""
    layers = []
    for layer in image.layers:
        contents = layer.contents
        if isinstance(contents, TarLayer):
            contents = replace(contents, is_trusted=True)
        layers.append(replace(layer, contents=contents))
    return replace(image, layers=tuple(layers))


class _SavedLater:
    """An image that is saved when one of its layers is first read, and at most once."""

    def __init__(self, endpoint: Endpoint, request: Request) -> None:
        self._endpoint = endpoint
        self._request = request
        self._lock = threading.Lock()
        self._image: Image | None = None

    def layer(self, number: int, on_progress: Callable[[int], None] | None = None) -> LayerContents:
        """The contents of one layer. ``on_progress`` gets the bytes of the image saved so far, and may raise to stop.

        Without it the request's watcher does. Raises EngineError, or ImageNotFound when the image is gone by now.
        """
        request = self._request if on_progress is None else replace(self._request, watcher=_OnlyProgress(on_progress))
        with self._lock:
            if self._image is None:
                with connect(self._endpoint, request.watcher) as engine:
                    self._image = _saved(engine, request)
        if number >= len(self._image.layers):
            raise EngineError(f"{printable(self._request.name)} has changed meanwhile", "Open it again.")
        return self._image.layers[number].contents


class _OnlyProgress(Unwatched):
    """The watcher of a save long after the image was opened, when whoever watched that has gone."""

    def __init__(self, on_progress: Callable[[int], None]) -> None:
        self._on_progress = on_progress

    def progress(self, progress: Progress) -> None:
        self._on_progress(progress.done)


@dataclass(frozen=True, slots=True)
class _LaterLayer:
    """A layer of an image that is saved later. Satisfies LayerContents."""

    later: _SavedLater
    number: int
    verified: Verified
    stored_bytes: int = 0
    streams: bool = False
    addressing: Addressing = Addressing.TAR

    def index(self, on_progress: Callable[[int], None]) -> LayerIndex:
        """See LayerContents."""
        return self.later.layer(self.number).index(on_progress)

    def read(
        self, index: LayerIndex, entries: Iterable[Entry], on_progress: Callable[[int], None]
    ) -> Iterator[tuple[Entry, Iterator[bytes | memoryview]]]:
        """See LayerContents."""
        return self.later.layer(self.number, on_progress).read(index, entries, on_progress)


def _image_in_place(
    engine: Engine, inspected: Mapping[str, Any], history: object, directories: list[Path], request: Request
) -> Image:
    stored = [StoredLayer(OverlayLayer(f"layer {number}", path)) for number, path in enumerate(directories)]
    image_id = str(inspected.get("Id", ""))
    config = stored_config(image_id, directories[-1]) if directories else None
    if config is None:
        image = described_image(inspected, history, request.reference, stored)
    else:
        image = as_named(image_from_config(config, image_id, request.reference, stored), inspected)
    return replace(image, source=f"{engine}, layers read in place")
