"""The Docker Engine over its API, at the endpoint that the ``docker`` command itself would use.

``inspect`` and ``history`` tell at once what the image is made of; its layers come from ``save``, spooled to a
temporary file. Nothing is ever pulled, started or changed.
"""

from __future__ import annotations

import os
import tempfile
import threading
from collections.abc import Callable, Generator, Iterator, Mapping
from concurrent.futures import Future
from contextlib import closing, contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING, Any, BinaryIO, NoReturn, cast

from explorer.errors import Cancelled, EngineError, ImageError, ImageNotFound
from explorer.model import Entry, Image, LayerIndex, Progress, Watcher
from explorer.sources.archive import image_in
from explorer.sources.config import StoredLayer, image_from_config
from explorer.sources.endpoint import docker_endpoint
from explorer.sources.oci import matches_platform
from explorer.text import printable

if TYPE_CHECKING:
    from docker import APIClient

_TIMEOUT = 60
"""Seconds without a word from the engine. A large image's ``save`` may take long to begin, so it is not limited."""
_INTERVAL = 0.1
"""Seconds between two words of progress."""
_LAST_SECOND = 253402300799
"""Of the year 9999."""
_METADATA_STEPS = (
    "ARG",
    "CMD",
    "ENTRYPOINT",
    "ENV",
    "EXPOSE",
    "HEALTHCHECK",
    "LABEL",
    "MAINTAINER",
    "ONBUILD",
    "SHELL",
    "STOPSIGNAL",
    "USER",
    "VOLUME",
)


def open_engine(name: str, reference: str, platform: str | None, watcher: Watcher) -> Image:
    """An image in the Docker Engine.

    The watcher finds a preview as soon as the engine has described the image; the image returned is the saved one.
    Raises EngineError when the engine does not answer, ImageNotFound when it does not have the image.
    """
    with _connect() as engine:
        inspected = engine.ask(engine.client.inspect_image, name)
        if not isinstance(inspected, dict):
            _raise_unreachable(engine.endpoint, ValueError("its description of the image is none"))
        preview = _preview(inspected, engine.ask(engine.client.history, name), reference)
        preview = replace(preview, source=f"Docker Engine at {engine.endpoint}")
        if platform and preview.platform and not matches_platform(preview.platform, platform):
            raise ImageNotFound(
                f"{printable(name)} is for {preview.platform}, not for {printable(platform)}",
                f"Pull it for that platform first: docker pull --platform {printable(platform)} {printable(name)}",
            )
        watcher.found(preview)
        with _save(engine, name, inspected.get("Size"), watcher) as file:
            saved = image_in(file, reference, None, preview.platform or None, watcher)
    return replace(saved, source=preview.source, tags=preview.tags, digest=preview.digest or saved.digest)


@dataclass(frozen=True, slots=True)
class _Engine:
    """A connection to an engine, and the words for its failures."""

    client: APIClient
    endpoint: str
    """As the user would write it; printable."""

    def ask(self, question: Callable[[str], Any], name: str) -> Any:
        """One call about an image. Raises ImageNotFound or EngineError."""
        from docker.errors import APIError, DockerException, NotFound
        from requests.exceptions import RequestException

        try:
            return question(name)
        except NotFound as error:
            raise ImageNotFound(
                f"the Docker Engine at {self.endpoint} has no image “{printable(name)}”",
                f"`docker images` lists what it has. Nothing is pulled unasked: docker pull {printable(name)}",
            ) from error
        except APIError as error:
            reason = printable(str(error.explanation or error))
            raise EngineError(
                f"the Docker Engine at {self.endpoint} refuses: {reason}",
                f"`docker image inspect {printable(name)}` asks it the same; its log may say more.",
            ) from error
        except (DockerException, RequestException, OSError, ValueError) as error:
            _raise_unreachable(self.endpoint, error)


@contextmanager
def _connect() -> Iterator[_Engine]:
    """The engine that ``docker`` would talk to: by DOCKER_HOST, the context, or the default socket."""
    import docker
    from docker.errors import DockerException

    endpoint = None
    try:
        endpoint = docker_endpoint()
        client = docker.APIClient(version="auto", timeout=_TIMEOUT, use_ssh_client=True, **endpoint.arguments)
    except (DockerException, OSError, ValueError) as error:
        _raise_unreachable(str(endpoint or printable(os.environ.get("DOCKER_HOST", ""))), error)
    try:
        yield _Engine(client, str(endpoint))
    finally:
        client.close()


def _raise_unreachable(endpoint: str, error: Exception) -> NoReturn:
    text = str(error).removeprefix("Error while fetching server API version: ")
    if "Permission denied" in text or "PermissionError" in text:
        raise EngineError(
            f"no permission to use the Docker Engine at {endpoint}",
            "Add your user to the group that owns the socket (often `docker`), or run as root.",
        ) from error
    reason = "nothing listens there"
    if endpoint.startswith("unix:") and ("No such file" in text or "FileNotFoundError" in text):
        reason = "there is no such socket"
    elif "refused" not in text:
        reason = printable(text)[:300]
    raise EngineError(
        f"no Docker Engine answers at {endpoint}: {reason}",
        "Start it, or name another with DOCKER_HOST or `docker context use`; an archive needs no engine: "
        "docker save NAME -o image.tar, then layer-explorer image.tar.",
    ) from error


def _save(engine: _Engine, name: str, size: object, watcher: Watcher) -> BinaryIO:
    """The engine's archive of the image, in a temporary file without a name."""
    from docker.errors import DockerException
    from requests.exceptions import RequestException

    total = size if isinstance(size, int) and size > 0 else None
    step = "Saving from the Docker Engine"
    watcher.progress(Progress(step, 0, total))
    engine.client.timeout = None
    try:
        with _Spooling(partial(engine.client.get_image, name)) as spooling:
            while not spooling.ended(_INTERVAL):
                done = spooling.done
                watcher.progress(Progress(step, done, max(total, done) if total else None))
            return spooling.finished.result()
    except (DockerException, RequestException) as error:
        raise EngineError(
            f"the Docker Engine at {engine.endpoint} stopped sending {printable(name)}: {printable(str(error))}",
            f"Try again, or save it to see more: docker save {printable(name)} -o image.tar",
        ) from error
    except OSError as error:
        raise ImageError(
            f"the image cannot be spooled to a temporary file: {error.strerror or error}",
            "Make room in the directory for temporary files, or set TMPDIR to one with more.",
        ) from error


@dataclass(slots=True)
class _Spooling:
    """Bytes on their way to a temporary file, in a thread of their own.

    An engine may prepare an archive for a minute without a word; whoever waits must be able to leave at any moment.
    """

    begin: Callable[[], Generator[bytes]]
    """Asks for the bytes."""
    done: int = 0
    finished: Future[BinaryIO] = field(default_factory=Future)
    """The file, or what went wrong."""
    _left: bool = False

    def __enter__(self) -> _Spooling:
        # A daemon, so that an engine which never answers does not keep the program from ending.
        threading.Thread(target=self._run, name="layer-explorer-save", daemon=True).start()
        return self

    def __exit__(self, failure: object, *_: object) -> None:
        self._left = True
        if failure is not None:
            self.finished.add_done_callback(_discard)

    def ended(self, seconds: float) -> bool:
        """Wait so long at most; whether the thread has ended."""
        try:
            self.finished.exception(seconds)
        except TimeoutError:
            return False
        return True

    def _run(self) -> None:
        file = None
        try:
            file = cast("BinaryIO", tempfile.TemporaryFile(prefix="layer-explorer-"))  # noqa: SIM115 -- handed over
            with closing(self.begin()) as chunks:
                for chunk in chunks:
                    if self._left:
                        raise Cancelled("nobody waits for the image any more")
                    file.write(chunk)
                    self.done += len(chunk)
            file.flush()
        except BaseException as error:  # noqa: BLE001 -- it is raised again where somebody waits
            if file is not None:
                file.close()
            self.finished.set_exception(error)
        else:
            self.finished.set_result(file)


def _discard(finished: Future[BinaryIO]) -> None:
    if finished.exception() is None:
        finished.result().close()


@dataclass(frozen=True, slots=True)
class _Unsaved:
    """What a preview's layers hold: nothing yet. Satisfies LayerContents."""

    stored_bytes: int = 0
    streams: bool = False

    def index(self, passed: Callable[[int], None]) -> LayerIndex:  # noqa: ARG002 -- see LayerContents
        raise EngineError("the layer has not been saved yet")

    def open(self, index: LayerIndex, entry: Entry) -> BinaryIO:  # noqa: ARG002 -- see LayerContents
        raise EngineError("the layer has not been saved yet")


def _preview(inspected: Mapping[str, Any], history: object, reference: str) -> Image:
    """What the engine tells of an image without saving it: exact but for which empty step made a layer of no bytes."""
    rootfs = inspected.get("RootFS")
    diff_ids = _texts(rootfs.get("Layers")) if isinstance(rootfs, dict) else []
    stored = [StoredLayer(_Unsaved()) for _ in diff_ids]
    steps = _history_steps(history, len(stored))
    document = {
        "config": inspected.get("Config"),
        "rootfs": {"diff_ids": diff_ids},
        "history": steps,
        "created": inspected.get("Created"),
        "author": inspected.get("Author") or "",
        "os": inspected.get("Os"),
        "architecture": inspected.get("Architecture"),
        "variant": inspected.get("Variant"),
    }
    image = image_from_config(document, str(inspected.get("Id", "")), reference, stored)
    digests = [item.rpartition("@")[2] for item in _texts(inspected.get("RepoDigests"))]
    return replace(
        image,
        tags=tuple(_texts(inspected.get("RepoTags"))),
        digest=digests[0] if digests else None,
        problems=(),
    )


def _texts(value: object) -> list[str]:
    return [str(item) for item in value] if isinstance(value, list) else []


def _history_steps(history: object, layers: int) -> list[dict[str, Any]]:
    """The engine's history, bottom first, in the words of the image configuration.

    The engine does not say which steps made a layer. One with a size did; layers that are left over then came from
    steps of no bytes, rather from one that works on files than from one that sets metadata.
    """
    items = [item for item in history if isinstance(item, dict)] if isinstance(history, list) else []
    items.reverse()
    left = layers - sum(bool(item.get("Size")) for item in items)
    sizeless = [number for number, item in enumerate(items) if not item.get("Size")]
    layered = set(sorted(sizeless, key=lambda number: _likelihood(items[number]))[: max(left, 0)])
    return [
        {
            "created_by": str(item.get("CreatedBy") or ""),
            "created": _rfc3339(item.get("Created")),
            "comment": str(item.get("Comment") or ""),
            "empty_layer": not item.get("Size") and number not in layered,
        }
        for number, item in enumerate(items)
    ]


def _likelihood(item: Mapping[str, Any]) -> int:
    """How likely a step of no bytes has made a layer: 0 the likeliest."""
    words = str(item.get("CreatedBy") or "").removeprefix("/bin/sh -c ").removeprefix("#(nop)").split()
    word = words[0] if words else ""
    if word in _METADATA_STEPS:
        return 2
    return 1 if word == "WORKDIR" else 0


def _rfc3339(seconds: object) -> str | None:
    from datetime import UTC, datetime

    if not isinstance(seconds, int) or not 0 < seconds <= _LAST_SECOND:
        return None
    return datetime.fromtimestamp(seconds, UTC).isoformat().replace("+00:00", "Z")
