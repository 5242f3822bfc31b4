"""The command line: arguments in, one of screen, report or listing out. The only module that prints or exits."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial, wraps
from io import TextIOWrapper
from pathlib import Path
from typing import Any

import click
import platformdirs

from explorer import __version__
from explorer.command_line import ImageOrCommand, complain, reporting_errors
from explorer.errors import ExplorerError, UsageError
from explorer.layers.cache import Cache
from explorer.model import Addressing, Progress, Watcher
from explorer.pipeline import Exploration, Unwatched, explore
from explorer.settings import Settings, pasteable, read_settings, settings_path
from explorer.sources import open_image
from explorer.sources.request import Request, Via
from explorer.text import printable, size, without_login


@dataclass(frozen=True, slots=True)
class _Subject:
    """The image that a command is about, and how it is to be had."""

    reference: str
    platform: str | None
    via: Via
    cache: Cache | None

    def explored(self, watcher: Watcher, standard_input: int = 0) -> Exploration:
        """Open and explore it. Raises ExplorerError."""

        def known(diff_id: str) -> bool:
            return self.cache is not None and self.cache.has(diff_id, Addressing.TAR)

        request = Request(
            self.reference, watcher, platform=self.platform, via=self.via, known=known, standard_input=standard_input
        )
        return explore(open_image(request), watcher, self.cache)

    @property
    def arguments(self) -> list[str]:
        """The words of a command line that mean the same."""
        found = ["--via", self.via.value]
        if self.platform is not None:
            found += ["--platform", self.platform]
        if self.cache is None:
            found.append("--no-cache")
        return [*found, "--", self.reference]

    def explored_aloud(self) -> Exploration:
        """The same, with progress on stderr when that is a terminal."""
        watcher = _ProgressBar()
        try:
            exploration = self.explored(watcher)
        finally:
            watcher.close()
        # The program ends soon. Nobody need look for garbage among a million objects, neither now nor then.
        gc.freeze()
        return exploration


def _about_an_image(command: Callable[..., None]) -> Callable[..., None]:
    """What goes with every command that takes an IMAGE; the command gets it as a _Subject."""

    @wraps(command)
    def run(image: str, platform: str | None, via: str, no_cache: bool, **rest: Any) -> None:
        command(_Subject(image, platform, Via(via), None if no_cache else Cache(_cache_directory())), **rest)

    for option in (
        click.option("--no-cache", is_flag=True, help="Read every layer anew, and keep nothing."),
        click.option(
            "--via",
            type=click.Choice([via.value for via in Via]),
            default=Via.AUTO.value,
            show_default=True,
            help="Have an engine save the image, or read its layers in place; auto: in place where possible.",
        ),
        click.option(
            "--platform", metavar="OS/ARCH[/VARIANT]", help="Which image, when the reference holds several platforms."
        ),
        click.argument("image", metavar="IMAGE"),
    ):
        run = option(run)
    return run


def _cache_directory() -> Path:
    return platformdirs.user_cache_path("layer-explorer")


@click.group(cls=ImageOrCommand, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="layer-explorer")
def main() -> None:
    """Walk a container image's layers and see exactly what each one added, modified, removed and wasted.

    \b
      layer-explorer IMAGE     explore IMAGE in the terminal
      layer-explorer demo      the same, on the built-in demo image

    \b
    IMAGE is one of
      name[:tag], an ID        an image in the Docker Engine that `docker` would use, or in Podman; docker://NAME
      podman://NAME            an image in Podman
      registry://HOST/NAME     an image in a registry, without an engine; registry://NAME in the default registry
      container://NAME         a container: its image, and its own writes as the top layer
      PATH, PATH:TAG           an archive of `docker save` or an OCI archive, also compressed; archive://PATH
      DIRECTORY                an OCI layout directory; oci://PATH[:TAG]
      rootfs://PATH            a root filesystem tar, as `docker export` writes it; a bare path will do
      -                        any of those tars on standard input
      demo                     the built-in demo image
    """
    # Whoever closed a stream wants nothing from it.
    sys.stdout = sys.stdout or open(os.devnull, "w")  # noqa: SIM115 -- open until the end
    sys.stderr = sys.stderr or open(os.devnull, "w")  # noqa: SIM115
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            # A terminal that cannot show a character shows its escape; that is no reason to stop.
            stream.reconfigure(errors="backslashreplace")


@main.command(name="explore", short_help="Explore IMAGE in the terminal (the default).")
@click.option("--serve", "served", is_flag=True, help="Show it in a browser instead of the terminal.")
@click.option(
    "--serve-host",
    metavar="HOST",
    default="127.0.0.1",
    show_default=True,
    help="Where to listen; whoever reaches it can use the screen.",
)
@click.option("--serve-port", metavar="PORT", type=click.IntRange(1, 65535), default=8000, show_default=True)
@reporting_errors
@_about_an_image
def explore_command(subject: _Subject, served: bool, serve_host: str, serve_port: int) -> None:
    """Explore IMAGE in the terminal, or with --serve in a browser."""
    reference = subject.reference
    shown = printable(without_login(reference) if "://" in reference else reference)
    if served:
        _serve(subject, serve_host, serve_port, shown)
        return
    standard_input = _terminal_for_keys() if reference == "-" else 0
    in_browser = os.environ.get("TEXTUAL_DRIVER", "").startswith("textual.drivers.web_driver:")
    if not (in_browser or (sys.stdin.isatty() and sys.stdout.isatty())):
        raise UsageError("the screen needs a terminal", f"For a pipe or a file: layer-explorer report {shown}")
    settings, keymap = _screen_settings()
    from explorer.remembered import recall, remember, state_path
    from explorer.tui.app import ExplorerApp

    state = recall(state_path())

    failures: list[ExplorerError] = []

    def load(watcher: Watcher, platform: str | None = None) -> Exploration:
        try:
            return replace(subject, platform=platform or subject.platform).explored(watcher, standard_input)
        except ExplorerError as error:
            failures.append(error)
            raise

    app = ExplorerApp(
        reference,
        load,
        replace(
            settings,
            theme=settings.theme or state.theme,
            left_percent=settings.left_percent or state.left_percent,
        ),
        keymap,
        partial(remember, state_path()),
    )
    app.run()
    if app.return_code and failures:
        # The screen is gone; what went wrong stays in the terminal.
        complain(failures[-1])
    sys.exit(app.return_code or 0)


def _screen_settings() -> tuple[Settings, dict[str, str]]:
    """What the user's configuration file says, and the keys as the screen wants them told."""
    path = settings_path()
    if not path.exists() and "LAYER_EXPLORER_CONFIG" not in os.environ:
        return Settings(), {}
    from explorer.tui.bindings import keymap, vocabulary

    words = vocabulary()
    settings = read_settings(path, words)
    return settings, keymap(settings.keys, words.bindings)


def _serve(subject: _Subject, host: str, port: int, title: str) -> None:
    """Show the screen in a browser."""
    from explorer.serving import serve

    if subject.reference == "-":
        raise UsageError("what comes on standard input cannot be served", "Save it to a file, and serve that.")
    _screen_settings()
    arguments = [sys.executable, "-m", "explorer", "explore", *subject.arguments]
    serve(arguments, host, port, title, partial(click.echo, err=True))


@main.command(name="config", short_help="Print the settings of the screen and all its keys.")
@reporting_errors
def show_config() -> None:
    """Print the settings in force and all bindings with their keys, as text that can be the configuration file.

    The file decides how the screen starts and which keys do what. LAYER_EXPLORER_CONFIG names another one.
    """
    from explorer.remembered import recall, state_path
    from explorer.tui.bindings import vocabulary
    from explorer.tui.theme import OWN

    path, words = settings_path(), vocabulary()
    settings = read_settings(path, words)
    theme = recall(state_path()).theme or ""
    click.echo(f"# {printable(str(path))}{'' if path.exists() else ' (not there yet)'}\n")
    click.echo(pasteable(settings, words, theme if theme in words.themes else OWN.name))


@main.command(short_help="Print the figures of IMAGE, its layers and its waste.")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
@click.option(
    "-o", "--output", type=click.Path(path_type=Path), metavar="FILE", help="Write to FILE instead of stdout."
)
@reporting_errors
@_about_an_image
def report(subject: _Subject, form: str, output: Path | None) -> None:
    """Print the figures of IMAGE, its layers, and every wasted byte with its cause."""
    from explorer.report.as_json import report_json
    from explorer.report.as_text import report_text

    exploration = subject.explored_aloud()
    text = f"{report_json(exploration)}\n" if form == "json" else report_text(exploration)
    if output is None or str(output) == "-":
        sys.stdout.write(text)
        return
    try:
        output.write_text(text, encoding="utf-8")
    except OSError as error:
        raise UsageError(f"{printable(str(output))} cannot be written: {error.strerror}") from error


@main.command(name="ls", short_help="List the files of IMAGE at a layer.")
@click.option(
    "--layer", "number", type=int, help="As a container of layers 0 to N sees it; the default is the top.", metavar="N"
)
@click.option("--changes", "changes_only", is_flag=True, help="Only what layer N added, modified or removed.")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
@reporting_errors
@_about_an_image
def list_files(subject: _Subject, number: int | None, changes_only: bool, form: str) -> None:
    """List the files of IMAGE as a container of layers 0 to N sees them, in path order.

    Each line begins with what layer N did to the path: + added, ~ modified, - removed. With --format json each line is
    an object.
    """
    from explorer.report import listing

    exploration = subject.explored_aloud()
    count = len(exploration.layers)
    layer = count - 1 if number is None else number
    if number is not None and not 0 <= number < count:
        there = f"layers 0 to {count - 1}" if count else "no layers"
        raise UsageError(f"there is no layer {number}", f"{printable(subject.reference)} has {there}.")
    say = listing.as_json if form == "json" else listing.as_text
    for line in listing.listing(exploration, layer, changes_only=changes_only):
        sys.stdout.write(f"{say(line)}\n")


@main.command(name="cache", short_help="Show what is kept of layers seen before, or clear it.")
@click.option("--clear", is_flag=True, help="Remove everything.")
@reporting_errors
def show_cache(clear: bool) -> None:
    """Show what is kept of layers seen before: each entry's digest and its bytes on disk, last used first."""
    cache = Cache(_cache_directory())
    if clear:
        click.echo(f"{size(cache.clear())} freed in {printable(str(cache.directory))}")
        return
    entries = cache.entries()
    for diff_id, count in entries:
        click.echo(f"{count:>12,}  {diff_id}")
    total = sum(count for _, count in entries)
    click.echo(
        f"{total:>12,}  bytes in {len(entries)} entries of at most {cache.max_bytes:,}: {cache.directory}", err=True
    )


def _terminal_for_keys() -> int:
    """Make the terminal standard input again; where the pipe that was there can be read now."""
    pipe = os.dup(0)
    try:
        terminal = os.open("/dev/tty", os.O_RDONLY)
    except OSError:
        return pipe
    os.dup2(terminal, 0)
    os.close(terminal)
    return pipe


class _ProgressBar(Unwatched):
    """Shows progress on one line of stderr, and leaves nothing behind."""

    def __init__(self) -> None:
        self._shown = sys.stderr.isatty()
        self._width = 0

    def progress(self, progress: Progress) -> None:
        if not self._shown:
            return
        share = (
            f"{min(1.0, progress.done / progress.total):4.0%}" if progress.total else f"{progress.done / 1e6:,.0f} MB"
        )
        line = f"{progress.step} {share}"
        sys.stderr.write(f"\r{line:<{self._width}}")
        sys.stderr.flush()
        self._width = len(line)

    def close(self) -> None:
        if self._width:
            with suppress(OSError):
                sys.stderr.write(f"\r{'':<{self._width}}\r")
                sys.stderr.flush()
