"""The images of all engines, with what tells the bytes that they share.

Both engines are asked at the same time, each within a time limit. Nothing is changed.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path
from typing import NamedTuple

from explorer.errors import EngineError, EngineUnreachable, ImageError
from explorer.layers.cache import Cache
from explorer.model import EngineListing, Progress, Watcher
from explorer.sources.engines.described_images import read_images
from explorer.sources.engines.endpoint import DEFAULT, ENDPOINTS, Endpoint
from explorer.sources.engines.engine import connect
from explorer.sources.paths import exists
from explorer.text.printable import printable
from explorer.text.words import enumerated

MAX_SECONDS = 10.0
"""Limit for all answers of one engine; what is known by then counts."""
_ADDRESS_VARIABLES = {"docker": "DOCKER_HOST", "podman": "CONTAINER_HOST"}
_PODMAN_API_VERSION = "1.40"
"""Each Podman has it. Asking for the version takes Podman longer than all that is asked here."""
_UNIX = "unix://"


class EngineAnswers(NamedTuple):
    """The listings of the engines that have answered."""

    listings: Sequence[EngineListing]
    """That of the Docker Engine first."""
    waiting: Sequence[str]
    """The engines that have not answered yet."""


def list_engine_images(
    watcher: Watcher, seconds: float = MAX_SECONDS, cache: Cache | None = None
) -> Iterator[EngineAnswers]:
    """Yields the listings whenever an engine has answered, until all have.

    An engine that does not answer has a listing with a problem. The cache keeps the bytes of layers. Raises Cancelled
    from the watcher.
    """
    endpoints: dict[str, Endpoint | EngineError] = {}
    for scheme, find in ENDPOINTS.items():
        try:
            endpoints[scheme] = find()
        except EngineError as error:
            endpoints[scheme] = error
    addresses = {scheme: _address(each) for scheme, each in endpoints.items() if isinstance(each, Endpoint)}
    if addresses.get("docker") == addresses.get("podman"):
        # Podman can listen where the Docker Engine is expected. Its images are not there twice.
        del endpoints["docker"]
    with ThreadPoolExecutor(len(endpoints)) as pool:
        asked = {
            pool.submit(_listing, scheme, endpoint, watcher, seconds, cache): scheme
            for scheme, endpoint in endpoints.items()
        }
        for _ in as_completed(asked):
            answered = [each for each in asked if each.done()]
            waiting = [scheme for each, scheme in asked.items() if each not in answered]
            yield EngineAnswers([each.result() for each in answered], waiting)


class TooLate(Exception):
    """The time limit for the answers of an engine is over."""


class _Limit(Watcher):
    """A watcher that also stops the work after a time limit."""

    def __init__(self, watcher: Watcher, seconds: float) -> None:
        self._watcher = watcher
        self._end = time.monotonic() + seconds

    def progress(self, progress: Progress) -> None:
        self._watcher.progress(progress)
        if time.monotonic() > self._end:
            raise TooLate


def _listing(
    scheme: str, endpoint: Endpoint | EngineError, watcher: Watcher, seconds: float, cache: Cache | None
) -> EngineListing:
    """Returns the listing of the engine of a scheme."""
    if isinstance(endpoint, EngineError):
        return EngineListing(scheme, problem=endpoint.message, hint=endpoint.hint)
    late = f"{endpoint.engine} at {endpoint} does not answer within {seconds:.0f} seconds"
    try:
        version = _PODMAN_API_VERSION if scheme == "podman" else "auto"
        with connect(endpoint, _Limit(watcher, seconds), version) as engine:
            described = read_images(engine, scheme, TooLate, cache)
    except TooLate:
        return EngineListing(scheme, problem=late, hint=endpoint.hint)
    except EngineUnreachable as error:
        return EngineListing(scheme, problem=error.message, hint=error.hint, is_absent=_is_absent(scheme, endpoint))
    except ImageError as error:
        return EngineListing(scheme, problem=error.message, hint=error.hint)
    problem = ""
    if not described.is_complete:
        problem = f"{late}, so some figures of its images are not known"
    elif not described.has_layer_bytes:
        problem = (
            f"{endpoint.engine} at {endpoint} uses containerd's image store, which does not tell the bytes of single "
            "layers, so it is not known what its images share"
        )
    elif described.orphans:
        names = printable(enumerated(described.orphans, "and"))
        problem = (
            f"containers of images that were removed by force keep layers ({names}), so less may be freed than stated"
        )
    return EngineListing(scheme, described.images, problem, build_cache_bytes=described.build_cache_bytes)


def _address(endpoint: Endpoint) -> str:
    """Returns an address that two names of one socket have in common."""
    path = endpoint.url.removeprefix(_UNIX)
    return endpoint.url if path == endpoint.url else os.path.realpath(path)


def _is_absent(scheme: str, endpoint: Endpoint) -> bool:
    """True if the address is a default, and there is no socket."""
    is_default = scheme != "docker" or endpoint.url == DEFAULT
    is_named = bool(os.environ.get(_ADDRESS_VARIABLES[scheme]))
    return is_default and not is_named and not exists(Path(endpoint.url.removeprefix(_UNIX)))
