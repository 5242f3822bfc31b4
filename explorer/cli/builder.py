"""Finds and runs the builder, ``docker`` or ``podman``."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from threading import Thread
from types import FrameType
from typing import IO, NamedTuple

from explorer import SIGNAL_EXIT_CODE
from explorer.analysis.dockerfile.dockerfile import Dockerfile
from explorer.analysis.dockerfile.read_dockerfile import MAX_DOCKERFILE_BYTES
from explorer.cli.build_arguments import parse_build_arguments
from explorer.cli.build_dockerfile import dockerfile_of_build
from explorer.errors import Cancelled, EngineError, ImageError, ImageNotFound
from explorer.model import Image, Watcher
from explorer.sources import open_identity
from explorer.sources.engines.endpoint import ENDPOINTS
from explorer.sources.request import Request

BUILDERS = ("docker", "podman")
"""The commands to look for, in this order."""
_MAX_ID_BYTES = 200
_VERSION_TIMEOUT_SECONDS = 20
_TIME_VARIABLES = frozenset({"SOURCE_DATE_EPOCH", "BUILDX_BUILDER"})
"""Environment variables that change the times of an image, or let another machine build it."""


def find_builder(program: str | None) -> Builder:
    """Returns the builder of this name, or the first one installed.

    Raises EngineError if none is installed, or if its engine does not answer.
    """
    from explorer.sources.engines.discovery import check_engine

    for name in (program,) if program else BUILDERS:
        path = shutil.which(name)
        if path is not None:
            builder = Builder(path, name, "podman" if name == "podman" or _is_podman(path) else "docker")
            check_engine(builder.scheme, Watcher())
            return builder
    raise EngineError(
        f"the command {program} is not installed" if program else "neither docker nor podman is installed",
        "Install one, or add it to PATH. To check an image that was built elsewhere: layer-explorer check IMAGE.",
    )


def _is_podman(path: str) -> bool:
    """True if ``docker`` is Podman, as in the package podman-docker of Debian."""
    with suppress(OSError, subprocess.SubprocessError):
        done = subprocess.run(  # noqa: S603 -- found on PATH, as a shell would
            [path, "--version"],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=_VERSION_TIMEOUT_SECONDS,
            check=False,
        )
        return done.stdout.lstrip().lower().startswith(b"podman")
    return False


class BuiltImage(NamedTuple):
    """An image that was built."""

    reference: str
    """Holds the ID, because the tag may name another image by now."""
    name: str
    """The tag that the user asked for; empty if there is none."""
    dockerfile: Dockerfile
    """The Dockerfile that made it; without lines if it is unknown."""


@dataclass(frozen=True, slots=True)
class Builder:
    """The command that builds."""

    path: str
    name: str
    """``docker`` or ``podman``."""
    scheme: str
    """The scheme of references to its images."""

    def build(self, arguments: Sequence[str], stdout: IO[str] | None) -> BuiltImage:
        """Builds an image; ``stdout`` receives the builder's, if it is not None.

        Raises ImageError if no image was built, KeyboardInterrupt for Ctrl+C, SystemExit for another signal.
        """
        parsed = parse_build_arguments(arguments)
        given_file = parsed.last("iidfile")
        piped = _PipedInput() if parsed.reads_standard_input and not sys.stdin.isatty() else None
        dockerfile = dockerfile_of_build(parsed, self.scheme, piped.beginning if piped else None)
        if self._shares_clock and not parsed.has_own_times:
            dockerfile = replace(dockerfile, build_started=datetime.now(UTC))
        with tempfile.TemporaryDirectory(prefix="layer-explorer-") as folder:
            file = Path(given_file or Path(folder, "iid"))
            stamp_before = _stamp(file)
            self._run([*([] if given_file else ["--iidfile", str(file)]), *arguments], stdout, piped)
            image_id = _read_id(file) if _stamp(file) != stamp_before else ""
        if not image_id:
            raise self._no_image()
        reference = f"{self.scheme}://{image_id}"
        try:
            image = open_identity(Request(reference, Watcher()))
        except ImageNotFound:
            raise self._no_image() from None
        name = next((tag for tag in parsed.options.get("tag", ()) if _is_called(image, tag)), "")
        return BuiltImage(reference, name, dockerfile)

    @property
    def _shares_clock(self) -> bool:
        """True if the engine has the clock of this machine, and writes its times."""
        return ENDPOINTS[self.scheme]().is_local and not os.environ.keys() & _TIME_VARIABLES

    def _run(self, arguments: Sequence[str], stdout: IO[str] | None, piped: _PipedInput | None) -> None:
        sys.stdout.flush()
        with (
            _forwarding_signals() as (running, signals),
            piped.copied() if piped else nullcontext(None) as stdin,
            subprocess.Popen([self.path, "build", *arguments], stdin=stdin, stdout=stdout) as process,  # noqa: S603
        ):
            running.append(process)
            code = process.wait()
        ended_by = next((number for number in signals if number != signal.SIGINT), None)
        if ended_by is not None:
            raise SystemExit(SIGNAL_EXIT_CODE + ended_by)
        if signals or code in (Cancelled.exit_code, -signal.SIGINT):
            raise KeyboardInterrupt
        if code < 0:
            raise ImageError(f"{self.name} build was ended by {_signal_name(-code)}")
        if code:
            raise ImageError(f"{self.name} build failed with exit code {code}", "Its output above says why.")

    def _no_image(self) -> ImageError:
        elsewhere = "With -o or --push the image is elsewhere; explore it there."
        if self.scheme == "podman":
            return ImageError(f"{self.name} build left no image in Podman", elsewhere)
        return ImageError(
            f"{self.name} build left no image in the Docker Engine",
            f"If a buildx builder stores its images elsewhere, add --load. {elsewhere}",
        )


class _PipedInput:
    """Standard input for the builder, whose beginning may be the Dockerfile."""

    def __init__(self) -> None:
        self._stream = open(0, "rb", closefd=False)  # noqa: SIM115 -- a thread reads on
        self.beginning = self._stream.read(MAX_DOCKERFILE_BYTES + 1)

    @contextmanager
    def copied(self) -> Iterator[int]:
        """Yields the descriptor of a pipe that a thread copies all of it to."""
        read_end, write_end = os.pipe()
        Thread(target=self._copy, args=(write_end,), name="stdin", daemon=True).start()
        try:
            yield read_end
        finally:
            os.close(read_end)

    def _copy(self, descriptor: int) -> None:
        # The builder may end before it has read all.
        with suppress(OSError), open(descriptor, "wb") as pipe:
            pipe.write(self.beginning)
            shutil.copyfileobj(self._stream, pipe)


def _is_called(image: Image, tag: str) -> bool:
    whole = tag if ":" in tag.rpartition("/")[2] else f"{tag}:latest"
    return any(name == whole or name.endswith(f"/{whole}") for name in image.tags)


def _stamp(file: Path) -> tuple[int, int] | None:
    """The inode and time of a file, which change when the builder writes it."""
    try:
        status = file.stat()
    except OSError:
        return None
    return status.st_ino, status.st_mtime_ns


def _read_id(file: Path) -> str:
    """The ID in a file; empty if there is no file."""
    if not file.is_file():
        return ""
    with file.open("rb") as stream:
        return stream.read(_MAX_ID_BYTES).decode("ascii", "replace").strip()


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"


@contextmanager
def _forwarding_signals() -> Iterator[tuple[list[subprocess.Popen[bytes]], list[int]]]:
    """Forwards signals to the builder, so that it can clean up first.

    Yields a list for the builder's process, and the list of signals received so far.
    """
    running: list[subprocess.Popen[bytes]] = []
    signals: list[int] = []

    def note(number: int, _: FrameType | None) -> None:
        signals.append(number)
        # The terminal sends Ctrl+C to the builder, too; other signals reach this program alone.
        if number != signal.SIGINT:
            for process in running:
                process.send_signal(number)

    before = {number: signal.signal(number, note) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
    try:
        yield running, signals
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
