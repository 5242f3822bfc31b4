"""The Docker Engine over its API, at the endpoint that the ``docker`` command itself would use.

``inspect`` and ``history`` tell at once what the image is made of; its layers come from ``save``, spooled to a temporary
file. Nothing is ever pulled, started or changed.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, BinaryIO, NoReturn, cast

from explorer.errors import EngineError, ImageError, ImageNotFound
from explorer.model import Entry, Image, LayerIndex, Progress, Watcher
from explorer.sources.archive import image_in
from explorer.sources.config import StoredLayer, image_from_config
from explorer.sources.oci import matches_platform
from explorer.text import printable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from docker import APIClient

_TIMEOUT = 60
"""Seconds without a word from the engine. A large image's ``save`` may take long to begin, so it is not limited."""
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
        preview = _preview(inspected, engine.ask(engine.client.history, name), reference)
        preview = replace(preview, source=f"Docker Engine at {engine.endpoint}")
        if platform and preview.platform and not matches_platform(preview.platform, platform):
            raise ImageNotFound(
                f"{printable(name)} is for {preview.platform}, not for {printable(platform)}",
                f"Pull it for that platform first: docker pull --platform {printable(platform)} {printable(name)}",
            )
        watcher.found(preview)
        with tempfile.TemporaryFile(prefix="layer-explorer-") as copy:
            _save(engine, name, inspected.get("Size"), cast("BinaryIO", copy), watcher)
            saved = image_in(cast("BinaryIO", copy), reference, None, preview.platform or None, watcher)
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
            raise EngineError(f"the Docker Engine at {self.endpoint} refuses: {reason}") from error
        except (DockerException, RequestException, OSError, ValueError) as error:
            _raise_unreachable(self.endpoint, error)


@contextmanager
def _connect() -> Iterator[_Engine]:
    """The engine that ``docker`` would talk to: by DOCKER_HOST, the context, or the default socket."""
    import docker
    from docker.context import ContextAPI
    from docker.errors import DockerException
    from docker.utils import kwargs_from_env

    arguments: dict[str, Any] = {}
    try:
        arguments = kwargs_from_env()
        if "base_url" not in arguments:
            arguments = {**ContextAPI.kwargs_from_context(), **arguments}
        client = docker.APIClient(version="auto", timeout=_TIMEOUT, use_ssh_client=True, **arguments)
    except (DockerException, OSError, ValueError) as error:
        _raise_unreachable(_spelled(arguments), error)
    try:
        yield _Engine(client, _spelled(arguments))
    finally:
        client.close()


def _spelled(arguments: Mapping[str, Any]) -> str:
    endpoint = str(arguments.get("base_url") or "unix:///var/run/docker.sock")
    return printable(endpoint.replace("http+unix://", "unix://"))


def _raise_unreachable(endpoint: str, error: Exception) -> NoReturn:
    text = str(error)
    if "Permission denied" in text or "PermissionError" in text:
        raise EngineError(
            f"no permission to use the Docker Engine at {endpoint}",
            "Add your user to the group that owns the socket (often `docker`), or run as root.",
        ) from error
    reason = "nothing listens there"
    if "No such file" in text or "FileNotFoundError" in text:
        reason = "there is no such socket"
    elif "refused" not in text:
        reason = printable(text)[:300]
    raise EngineError(
        f"no Docker Engine answers at {endpoint}: {reason}",
        "Start it, or name another with DOCKER_HOST or `docker context use`; an archive needs no engine: "
        "docker save NAME -o image.tar, then layer-explorer image.tar.",
    ) from error


def _save(engine: _Engine, name: str, size: object, copy: BinaryIO, watcher: Watcher) -> None:
    """Spool the engine's archive of the image to ``copy``."""
    from docker.errors import DockerException
    from requests.exceptions import RequestException

    total = size if isinstance(size, int) and size > 0 else None
    step = "Saving from the Docker Engine"
    watcher.progress(Progress(step, 0, total))
    engine.client.timeout = None
    done = 0
    try:
        for chunk in engine.ask(engine.client.get_image, name):
            copy.write(chunk)
            done += len(chunk)
            watcher.progress(Progress(step, done, max(total, done) if total else None))
        copy.flush()
    except (DockerException, RequestException) as error:
        raise EngineError(f"the Docker Engine stopped sending {printable(name)}: {printable(str(error))}") from error
    except OSError as error:
        raise ImageError(
            f"the image cannot be spooled to {tempfile.gettempdir()}: {error.strerror or error}",
            "Make room there, or set TMPDIR to a directory with more.",
        ) from error


@dataclass(frozen=True, slots=True)
class _Unsaved:
    """What a preview's layers hold: nothing yet. Satisfies LayerContents."""

    stored_bytes: int = 0
    streams: bool = False

    def index(self, passed: Callable[[int], None]) -> LayerIndex:
        raise EngineError("the layer has not been saved yet")

    def open(self, index: LayerIndex, entry: Entry) -> BinaryIO:
        raise EngineError("the layer has not been saved yet")


def _preview(inspected: Mapping[str, Any], history: object, reference: str) -> Image:
    """What the engine tells of an image without saving it: exact but for which empty step made a layer of no bytes."""
    rootfs = inspected.get("RootFS") or {}
    diff_ids = rootfs.get("Layers") or []
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
    digests = [str(item).rpartition("@")[2] for item in inspected.get("RepoDigests") or ()]
    return replace(
        image,
        tags=tuple(map(str, inspected.get("RepoTags") or ())),
        digest=digests[0] if digests else None,
        problems=(),
    )


def _history_steps(history: object, layers: int) -> list[dict[str, Any]]:
    """The engine's history, bottom first, in the words of the image configuration.

    The engine does not say which steps made a layer. One with a size did; of the others those that only set
    metadata did not, unless layers are left over.
    """
    items = [item for item in history if isinstance(item, dict)] if isinstance(history, list) else []
    steps: list[dict[str, Any]] = []
    for item in reversed(items):
        created_by = str(item.get("CreatedBy") or "")
        words = created_by.removeprefix("/bin/sh -c ").removeprefix("#(nop)").split()
        steps.append(
            {
                "created_by": created_by,
                "created": _rfc3339(item.get("Created")),
                "comment": str(item.get("Comment") or ""),
                "empty_layer": not item.get("Size") and bool(words) and words[0] in (*_METADATA_STEPS, "WORKDIR"),
            }
        )
    surplus = sum(not step["empty_layer"] for step in steps) - layers
    for step, item in zip(steps, reversed(items), strict=True):
        if surplus > 0 and not step["empty_layer"] and not item.get("Size"):
            step["empty_layer"] = True
            surplus -= 1
    return steps


def _rfc3339(seconds: object) -> str | None:
    from datetime import UTC, datetime

    if not isinstance(seconds, int) or seconds <= 0:
        return None
    return datetime.fromtimestamp(seconds, UTC).isoformat().replace("+00:00", "Z")
