"""``build``: have Docker or Podman build an image, then explore it, or hold it to its rules."""

from __future__ import annotations

import os
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
from typing import Any

import click

from explorer.cli.check import RULE_PREFIX, hold, with_rules
from explorer.cli.command_line import in_pipeline, reporting_errors
from explorer.cli.explore import show, terminal_for_keys
from explorer.cli.image_names import BuilderWord
from explorer.cli.manual import BUILD_OPTIONS, EXIT_CODES, Examples, HeadedOption, Manual, Table
from explorer.cli.subject import Subject, cache_directory
from explorer.errors import Cancelled, EngineError, ImageError, ImageNotFound, UsageError
from explorer.layers.cache import Cache
from explorer.pipeline import Unwatched
from explorer.rules import Rules
from explorer.sources import open_image
from explorer.sources.request import Request, Via

_BUILDERS = ("docker", "podman")
"""Whose command is looked for, in this order."""
_LONGEST_ID = 200
"""Bytes of a file that holds an image's ID."""
_ASKED_VERSION = 20
"""Seconds that a command may take to say what it is."""


class PassesOn(Manual):
    """A command that takes its own options out of its words, wherever they stand before ``--``.

    All other words are its arguments, in their order.
    """

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        own, others = self._divided(ctx, args)
        return super().parse_args(ctx, [*own, "--", *others])

    def _divided(self, ctx: click.Context, args: Sequence[str]) -> tuple[list[str], list[str]]:
        options = {
            name: option
            for option in self.get_params(ctx)
            if isinstance(option, click.Option)
            for name in (*option.opts, *option.secondary_opts)
        }
        own: list[str] = []
        others: list[str] = []
        words = iter(args)
        for word in words:
            name, has_value, _ = word.partition("=")
            option = options.get(name)
            if word == "--":
                others += [word, *words]
            elif option is None:
                others.append(word)
            elif has_value or option.is_flag:
                own.append(word)
            else:
                own += _with_value(ctx, name, next(words, None))
        return own, others


def _with_value(ctx: click.Context, name: str, value: str | None) -> list[str]:
    if value is not None:
        return [f"{name}={value}"]
    if ctx.resilient_parsing:
        # The value is being completed.
        return []
    raise click.BadOptionUsage(name, f"Option {name!r} requires an argument.", ctx)


@click.command(
    cls=PassesOn,
    short_help="Build an image, then explore it, or hold it to its rules.",
    options_metavar="[--check] [--with docker|podman] [RULES]",
    sections=(
        Examples(
            (
                ("lx build -t shop:dev .", "Build as `docker build -t shop:dev .` does, then explore the image."),
                ("lx build --check -t shop:dev .", "The same, and hold the image to the rules of this directory."),
                (
                    "lx build --check --highest-wasted-bytes 20MB --platform linux/amd64 .",
                    "Rules are ours, everything else is the builder's.",
                ),
                ("lx build --with podman -f Containerfile .", "Build with Podman, whose API service must run."),
                ("lx build --load --builder remote .", "A builder with a store of its own hands the image over."),
            )
        ),
        Table(
            "Environment",
            (
                ("CI", "when it is true, yes or 1, --check is implied"),
                ("DOCKER_HOST, DOCKER_CONTEXT", "the Docker Engine that builds, and that the image is read from"),
                ("CONTAINER_HOST", "the Podman that builds, and that the image is read from"),
            ),
        ),
        EXIT_CODES,
    ),
)
@click.option(
    "--check",
    "checked",
    cls=HeadedOption,
    heading=BUILD_OPTIONS,
    is_flag=True,
    help="Hold the image to its rules instead of showing it; implied by any rule.",
)
@click.option(
    "--with",
    "program",
    cls=HeadedOption,
    heading=BUILD_OPTIONS,
    type=click.Choice(_BUILDERS),
    help="Who builds; Docker if it is installed, else Podman.",
)
@click.argument("arguments", metavar="ARGS...", nargs=-1, type=BuilderWord())
@reporting_errors
@with_rules
@click.pass_context
def build(ctx: click.Context, checked: bool, program: str | None, arguments: tuple[str, ...], rules: Rules) -> None:
    """Run `docker build ARGS` (or `podman build ARGS`), then explore the image in the terminal.

    ARGS are those of the builder, as they are: everything but the options below goes on to it, in its order, and so
    does all that follows `--`. The build's own output shows. With --check, or any rule, or where CI says that nobody
    is there to look, the image is held to its rules instead, as `check` does it, and the build's output goes to
    stderr.

    buildx has a --check of its own, which is --call=check: here --check is ours, and --call=check goes on to buildx.
    """
    has_rules = any(value for name, value in ctx.params.items() if name == "config" or name.startswith(RULE_PREFIX))
    gated = checked or has_rules or in_pipeline()
    if not gated:
        _expect_terminal()
    builder = _builder(program)
    subject = builder.built(arguments, sys.stderr if gated else None)
    if gated:
        hold(subject, rules)
    if not sys.stdin.isatty():
        # The builder has read what was piped in.
        os.close(terminal_for_keys())
    show(subject)


def _expect_terminal() -> None:
    """Raises UsageError where no screen can be shown; better now than after minutes of building."""
    there = sys.stdout.isatty()
    if there and not sys.stdin.isatty():
        # Standard input may be the Dockerfile; keys come from the terminal all the same.
        try:
            os.close(os.open("/dev/tty", os.O_RDONLY))
        except OSError:
            there = False
    if not there:
        raise UsageError(
            "the screen needs a terminal, and nothing was built", "To hold the image to its rules: add --check."
        )


def _builder(program: str | None) -> Builder:
    """Who builds, and whose engine answers. Raises EngineError."""
    from explorer.sources.engines import greet

    for name in (program,) if program else _BUILDERS:
        path = shutil.which(name)
        if path is not None:
            builder = Builder(path, name, "podman" if name == "podman" or _is_podman(path) else "docker")
            greet(builder.scheme, Unwatched())
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


@dataclass(frozen=True, slots=True)
class Builder:
    """The command that builds."""

    path: str
    name: str
    """``docker`` or ``podman``."""
    scheme: str
    """Of the references to what it builds."""

    def built(self, arguments: Sequence[str], stdout: Any) -> Subject:
        """Build an image. Raises ImageError where there is none in the end, Cancelled for Ctrl+C."""
        with tempfile.TemporaryDirectory(prefix="layer-explorer-") as folder:
            named = _iidfile(arguments)
            file = Path(named) if named else Path(folder, "iid")
            known = _stamp(file)
            self._run([*([] if named else ["--iidfile", str(file)]), *arguments], stdout)
            image_id = _written(file) if _stamp(file) != known else ""
        subject = Subject(f"{self.scheme}://{image_id}", None, Via.AUTO, Cache(cache_directory()))
        try:
            if image_id:
                open_image(Request(subject.reference, Unwatched(), known=lambda _: True))
        except ImageNotFound:
            image_id = ""
        if not image_id:
            raise self._left_nothing()
        return subject

    def _run(self, arguments: Sequence[str], stdout: Any) -> None:
        sys.stdout.flush()
        with _leaving_interrupts_to_it() as interrupts:
            done = subprocess.run([self.path, "build", *arguments], stdout=stdout, check=False)  # noqa: S603
        if interrupts or done.returncode in (Cancelled.exit_code, -signal.SIGINT):
            raise KeyboardInterrupt
        if done.returncode < 0:
            raise ImageError(f"{self.name} build was ended by {signal.Signals(-done.returncode).name}")
        if done.returncode:
            raise ImageError(
                f"{self.name} build failed with exit code {done.returncode}", "What it says above tells why."
            )

    def _left_nothing(self) -> ImageError:
        elsewhere = "With -o or --push it went elsewhere: explore it there."
        if self.scheme == "podman":
            return ImageError(f"{self.name} build left no image in Podman", elsewhere)
        return ImageError(
            f"{self.name} build left no image in the Docker Engine",
            f"A builder of buildx with a store of its own hands the image over with --load. {elsewhere}",
        )


def _iidfile(arguments: Sequence[str]) -> str | None:
    """Where the user wants the ID written."""
    found = None
    for position, word in enumerate(arguments):
        if word == "--":
            break
        if word == "--iidfile" and position + 1 < len(arguments):
            found = arguments[position + 1]
        elif word.startswith("--iidfile="):
            found = word.partition("=")[2]
    return found


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


@contextmanager
def _leaving_interrupts_to_it() -> Iterator[list[int]]:
    """Ctrl+C reaches the builder, which puts things in order; how often it came is in the list."""
    came: list[int] = []

    def note(number: int, _: FrameType | None) -> None:
        came.append(number)

    before = signal.signal(signal.SIGINT, note)
    try:
        yield came
    finally:
        signal.signal(signal.SIGINT, before)
