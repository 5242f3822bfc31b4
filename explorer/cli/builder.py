"""The command that builds images, ``docker`` or ``podman``: found, run, and asked what it left."""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from types import FrameType
from typing import IO, NamedTuple

from explorer.errors import Cancelled, EngineError, ImageError, ImageNotFound, UsageError
from explorer.model import Image, Unwatched
from explorer.sources import open_identity
from explorer.sources.request import Request

BUILDERS = ("docker", "podman")
"""Whose command is looked for, in this order."""
_LONGEST_ID = 200
"""Bytes of a file that holds an image's ID."""
_ASKED_VERSION = 20
"""Seconds that a command may take to say what it is."""
_SIGNALLED = 128
"""The exit code of what a signal ended is this and its number."""


def find_builder(program: str | None) -> Builder:
    """Who builds, the one of this name or else the first that is installed; its engine answers. Raises EngineError."""
    from explorer.sources.engines.discovery import check_engine

    for name in (program,) if program else BUILDERS:
        path = shutil.which(name)
        if path is not None:
            builder = Builder(path, name, "podman" if name == "podman" or _is_podman(path) else "docker")
            check_engine(builder.scheme, Unwatched())
            return builder
    raise EngineError(
        f"there is no command {program} to build with" if program else "there is neither docker nor podman",
        "Install one, or see that it is on PATH; an image that is built elsewhere: layer-explorer check IMAGE.",
    )


def _is_podman(path: str) -> bool:
    """Whether what is called ``docker`` is Podman, as Debian and Fedora have it in their package podman-docker."""
    with suppress(OSError, subprocess.SubprocessError):
        done = subprocess.run(  # noqa: S603 -- found on PATH, as a shell would
            [path, "--version"], stdin=subprocess.DEVNULL, capture_output=True, timeout=_ASKED_VERSION, check=False
        )
        return done.stdout.lstrip().lower().startswith(b"podman")
    return False


class Built(NamedTuple):
    """An image that was built."""

    reference: str
    """By its ID: a tag may be another's by now."""
    name: str
    """The tag that it was built for; empty where there is none."""


@dataclass(frozen=True, slots=True)
class Builder:
    """The command that builds."""

    path: str
    name: str
    """``docker`` or ``podman``."""
    scheme: str
    """Of the references to what it builds."""

    def built(self, arguments: Sequence[str], stdout: IO[str] | None) -> Built:
        """Build an image. What the build says on stdout goes to ``stdout``, or where it is None to ours.

        Raises ImageError where there is no image in the end, KeyboardInterrupt for Ctrl+C, SystemExit for a signal.
        """
        with tempfile.TemporaryDirectory(prefix="layer-explorer-") as folder:
            named = _iidfile(arguments)
            file = Path(named) if named else Path(folder, "iid")
            known = _stamp(file)
            self._run([*([] if named else ["--iidfile", str(file)]), *arguments], stdout)
            image_id = _written(file) if _stamp(file) != known else ""
        if not image_id:
            raise self._left_nothing()
        reference = f"{self.scheme}://{image_id}"
        try:
            image = open_identity(Request(reference, Unwatched()))
        except ImageNotFound:
            raise self._left_nothing() from None
        return Built(reference, next((tag for tag in _tags(arguments) if _is_called(image, tag)), ""))

    def _run(self, arguments: Sequence[str], stdout: IO[str] | None) -> None:
        sys.stdout.flush()
        with (
            _leaving_signals_to_it() as (running, came),
            subprocess.Popen([self.path, "build", *arguments], stdout=stdout) as process,  # noqa: S603
        ):
            running.append(process)
            code = process.wait()
        ended_by = next((number for number in came if number != signal.SIGINT), None)
        if ended_by is not None:
            # As the shell says it.
            raise SystemExit(_SIGNALLED + ended_by)
        if came or code in (Cancelled.exit_code, -signal.SIGINT):
            raise KeyboardInterrupt
        if code < 0:
            raise ImageError(f"{self.name} build was ended by {_signal_name(-code)}")
        if code:
            raise ImageError(f"{self.name} build failed with exit code {code}", "What it says above tells why.")

    def _left_nothing(self) -> ImageError:
        elsewhere = "With -o or --push it went elsewhere: explore it there."
        if self.scheme == "podman":
            return ImageError(f"{self.name} build left no image in Podman", elsewhere)
        return ImageError(
            f"{self.name} build left no image in the Docker Engine",
            f"A builder of buildx with a store of its own hands the image over with --load. {elsewhere}",
        )


def _iidfile(arguments: Sequence[str]) -> str | None:
    """Where the user wants the ID written. Raises UsageError for an empty name, which is a variable not set."""
    found = None
    for position, word in enumerate(arguments):
        if word == "--":
            break
        if word == "--iidfile" and position + 1 < len(arguments):
            found = arguments[position + 1]
        elif word.startswith("--iidfile="):
            found = word.partition("=")[2]
    if found == "":
        raise UsageError("--iidfile takes the path of a file, not an empty word")
    return found


def _tags(arguments: Sequence[str]) -> Iterator[str]:
    """The tags that the user asks for."""
    for word, following in pairwise((*arguments, "")):
        if word in ("-t", "--tag"):
            yield following
        elif word.startswith("--tag="):
            yield word.partition("=")[2]
        elif word.startswith("-t"):
            yield word.removeprefix("-t").removeprefix("=")


def _is_called(image: Image, tag: str) -> bool:
    whole = tag if ":" in tag.rpartition("/")[2] else f"{tag}:latest"
    return any(known == whole or known.endswith(f"/{whole}") for known in image.tags)


def _stamp(file: Path) -> tuple[int, int] | None:
    """What tells a file that was written anew from the one that was there."""
    try:
        status = file.stat()
    except OSError:
        return None
    return status.st_ino, status.st_mtime_ns


def _written(file: Path) -> str:
    """The ID in a file; empty where there is none."""
    if not file.is_file():
        return ""
    with file.open("rb") as stream:
        return stream.read(_LONGEST_ID).decode("ascii", "replace").strip()


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"


@contextmanager
def _leaving_signals_to_it() -> Iterator[tuple[list[subprocess.Popen[bytes]], list[int]]]:
    """Whoever ends us ends the builder, which puts things in order; then it is our turn.

    The first list is for the builder when it runs; in the second are the signals that came.
    """
    running: list[subprocess.Popen[bytes]] = []
    came: list[int] = []

    def note(number: int, _: FrameType | None) -> None:
        came.append(number)
        # Ctrl+C reaches all that run in the terminal; other signals reach us alone.
        if number != signal.SIGINT:
            for process in running:
                process.send_signal(number)

    before = {number: signal.signal(number, note) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
    try:
        yield running, came
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
