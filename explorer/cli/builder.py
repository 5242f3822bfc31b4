"""Finds and runs the builder, ``docker`` or ``podman``."""

from __future__ import annotations

import argparse
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import IO, NamedTuple

from explorer import SIGNAL_EXIT_CODE
from explorer.errors import Cancelled, EngineError, ImageError, ImageNotFound, UsageError
from explorer.model import Image, Watcher
from explorer.sources import open_identity
from explorer.sources.request import Request

BUILDERS = ("docker", "podman")
"""The commands to look for, in this order."""
_MAX_ID_BYTES = 200
_VERSION_TIMEOUT_SECONDS = 20


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
        parsed = _parsed(arguments)
        with tempfile.TemporaryDirectory(prefix="layer-explorer-") as folder:
            file = Path(parsed.iidfile or Path(folder, "iid"))
            stamp_before = _stamp(file)
            self._run([*([] if parsed.iidfile else ["--iidfile", str(file)]), *arguments], stdout)
            image_id = _read_id(file) if _stamp(file) != stamp_before else ""
        if not image_id:
            raise self._no_image()
        reference = f"{self.scheme}://{image_id}"
        try:
            image = open_identity(Request(reference, Watcher()))
        except ImageNotFound:
            raise self._no_image() from None
        return BuiltImage(reference, next((tag for tag in parsed.tag if _is_called(image, tag)), ""))

    def _run(self, arguments: Sequence[str], stdout: IO[str] | None) -> None:
        sys.stdout.flush()
        with (
            _forwarding_signals() as (running, signals),
            subprocess.Popen([self.path, "build", *arguments], stdout=stdout) as process,  # noqa: S603
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


def _parsed(arguments: Sequence[str]) -> argparse.Namespace:
    """Returns ``iidfile`` and ``tag`` of the builder's arguments. Raises UsageError."""
    parser = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
    # A missing value is an error for the builder to report.
    parser.add_argument("--iidfile", nargs="?")
    parser.add_argument("-t", "--tag", nargs="?", action="append", const="", default=[])
    parsed, _ = parser.parse_known_args(arguments)
    if parsed.iidfile == "":
        raise UsageError("--iidfile needs the path of a file, and its value is empty")
    return parsed


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
