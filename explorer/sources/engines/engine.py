"""Connections to the Docker Engine and to Podman, and the errors of their answers."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, BinaryIO, NoReturn, TypeVar

from explorer.errors import Cancelled, EngineError, EngineUnreachable, ImageError, ImageNotFound, Stalled
from explorer.model import Progress, Watcher
from explorer.sources.engines.endpoint import Endpoint, docker_endpoint, podman_endpoint
from explorer.sources.engines.names import Deadline, list_items, names_in
from explorer.sources.interruptible import run_interruptibly
from explorer.sources.request import Request
from explorer.sources.spool import spool
from explorer.text.image_names import short_name
from explorer.text.printable import printable, without_login
from explorer.text.suggestions import did_you_mean, nearest
from explorer.text.units import size as bytes_for_people

if TYPE_CHECKING:
    from explorer.sources.engines.docker_client import BoundedClient

_ID = re.compile("(?:sha256:)?[0-9a-f]{12,64}")
_Answer = TypeVar("_Answer")
_SDK_ERRORS = (ValueError, TypeError, AttributeError, LookupError, RecursionError, MemoryError)
"""Exceptions of the SDK for an unexpected value from an engine or in the SDK's configuration file."""
_MAX_SUGGESTION_SECONDS = 2.0
_TIMEOUT_SECONDS = 60
"""Limit for the next bytes of an answer. ``save`` has none, because a large image may take long to prepare."""


def ask_any_engine(question: Callable[[Engine], _Answer], watcher: Watcher) -> _Answer:
    """Asks the Docker Engine, or Podman if there is none. Raises EngineError."""
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
    """A connection to an engine."""

    client: BoundedClient
    endpoint: Endpoint
    watcher: Watcher

    def __str__(self) -> str:
        """Returns ``Docker Engine at unix:///var/run/docker.sock``; printable."""
        return f"{self.endpoint.engine} at {self.endpoint}"

    @property
    def in_sentence(self) -> str:
        """The engine's name within a sentence, with an article if it needs one."""
        return f"{self.endpoint.article}{self}"

    def ask(self, question: Callable[[str], Any], name: str, what: str = "image") -> Any:
        """Returns the answer to a question about an image or a container.

        ``what`` is ``image`` or ``container``. Raises ImageNotFound or EngineError.
        """
        from docker.errors import APIError, DockerException, NotFound
        from requests.exceptions import RequestException

        command = self.endpoint.command
        try:
            return _run(self.endpoint, self.watcher, lambda: question(name))
        except NotFound as error:
            pull = f" Images are not pulled automatically: {command} pull {printable(name)}"
            if what != "image" or _ID.fullmatch(name):
                # No engine pulls by an ID.
                pull = ""
            listing = f"{command} images" if what == "image" else f"{command} ps --all"
            hint = did_you_mean(self._nearest(name, what), f"`{listing}` lists what it has.{pull}")
            raise ImageNotFound(f"{self.in_sentence} has no {what} “{printable(name)}”", hint) from error
        except APIError as error:
            reason = printable(str(error.explanation or error))
            if what == "image" and "invalid reference format" in reason:
                raise ImageNotFound(
                    f"“{printable(name)}” is not a valid image name",
                    "Image names are in lower case. Open a file by its path: ./NAME",
                ) from error
            raise EngineError(
                f"{self.in_sentence} refuses: {reason}",
                f"Compare with `{command} {what} inspect {printable(name)}`; the engine's log may say more.",
            ) from error
        except (DockerException, RequestException, OSError, *_SDK_ERRORS) as error:
            raise_unreachable(self.endpoint, error)

    def _nearest(self, name: str, what: str) -> str | None:
        """Returns the name of an image or a container that the user may have meant."""
        from docker.errors import DockerException
        from requests.exceptions import RequestException

        if not name:
            return None
        try:
            items = _run(self.endpoint, Deadline(_MAX_SUGGESTION_SECONDS), lambda: list_items(self.client, what))
        except (DockerException, RequestException, EngineError, Cancelled, OSError, *_SDK_ERRORS):
            return None
        # Podman adds a prefix that people leave out.
        return nearest(name, (short_name(each.removeprefix("localhost/")) for each in names_in(items, what)))

    def inspect(self, question: Callable[[str], Any], name: str, what: str = "image") -> dict[str, Any]:
        """Returns the answer to one call, which must be an object. See ``ask``."""
        answer = self.ask(question, name, what)
        if not isinstance(answer, dict):
            raise EngineError(
                f"{self.in_sentence} gives no description of the {what} “{printable(name)}”",
                f"Compare with `{self.endpoint.command} {what} inspect {printable(name)}`.",
            )
        return answer

    def spool(
        self,
        verb: str,
        begin: Callable[[], Iterator[bytes]],
        size: object,
        request: Request,
        look: Callable[[BinaryIO], object] = lambda _: None,
    ) -> BinaryIO:
        """Returns a temporary file with the bytes that the engine sends.

        ``verb`` is its command, ``save`` or ``export``; ``look`` is called now and then with the file. Raises
        EngineError if the engine stops before the end.
        """
        name = printable(request.name)
        by_hand = f"{self.endpoint.command} {verb} {name} -o image.tar"
        from docker.errors import DockerException, NotFound
        from requests.exceptions import RequestException

        self.client.timeout = None
        total = size if isinstance(size, int) and size > 0 else None
        engine = f"{self.endpoint.article}{self.endpoint.engine}"
        try:
            return spool(
                begin,
                f"Saving from {engine}",
                total,
                request.watcher,
                self.in_sentence,
                f"Waiting for {engine} to pack {bytes_for_people(total) if total else name}",
                look,
            )
        except Stalled as error:
            raise EngineError(error.message, f"Try again, or try `{by_hand}`.") from error
        except NotFound as error:
            raise ImageNotFound(
                f"{self.in_sentence} no longer has the {name} that was opened",
                "Open it again to see what is there now.",
            ) from error
        except (DockerException, RequestException, OSError) as error:
            raise EngineError(
                f"{self.in_sentence} stopped sending {name}{_place_of_break(error)}",
                f"Try again, or try `{by_hand}`.",
            ) from error


def _place_of_break(error: Exception) -> str:
    """Returns the number of bytes before a connection broke, or the error's own words."""
    from urllib3.exceptions import IncompleteRead

    cause: object = error
    while isinstance(cause, Exception):
        if isinstance(cause, IncompleteRead) and isinstance(cause.expected, int):
            done = cause.partial
            return f" after {done:,} bytes, expected {done + cause.expected:,}"
        cause = cause.args[-1] if cause.args else None
    return f": {printable(str(error))}"


@contextmanager
def connect(endpoint: Endpoint, watcher: Watcher, version: str = "auto") -> Iterator[Engine]:
    """Connects to the engine at an endpoint. Raises EngineError.

    Args:
        endpoint: The address of the engine.
        watcher: May stop waiting for its answers.
        version: The version of its API; ``auto`` asks for it.
    """
    from docker.errors import DockerException

    from explorer.sources.engines.docker_client import BoundedClient

    try:
        client = _run(
            endpoint, watcher, lambda: BoundedClient(endpoint.url, version, tls=endpoint.tls, timeout=_TIMEOUT_SECONDS)
        )
    except (DockerException, OSError, *_SDK_ERRORS) as error:
        raise_unreachable(endpoint, error)
    try:
        yield Engine(client, endpoint, watcher)
    finally:
        with suppress(OSError):
            client.close()


def _run(endpoint: Endpoint, watcher: Watcher, question: Callable[[], _Answer]) -> _Answer:
    """Returns the answer to one question, for which the watcher may stop waiting."""
    step = Progress(f"Asking {endpoint.article}{endpoint.engine}", 0, None)
    try:
        return run_interruptibly(
            lambda _: question(), lambda _: watcher.progress(step), f"{endpoint.engine} at {endpoint}"
        )
    except Stalled as error:
        raise EngineError(error.message, endpoint.hint) from error


def raise_unreachable(endpoint: Endpoint, error: Exception) -> NoReturn:
    """Raises the error for an engine that does not answer, with the reason."""
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
    raise EngineUnreachable(f"no {endpoint.engine} answers at {endpoint}: {reason}", endpoint.hint) from error
