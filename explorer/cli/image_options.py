"""The image that a command is about: the words that every command takes, and the way to its exploration."""

from __future__ import annotations

import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import wraps
from pathlib import Path
from typing import Any

import click

from explorer import gc_control
from explorer.cli.completion_types import ImageName
from explorer.cli.help_pages import IMAGE_OPTIONS, HeadedOption
from explorer.config.paths import cache_directory
from explorer.errors import UsageError
from explorer.layers.cache import Cache
from explorer.model import Addressing, Progress, Unwatched, Watcher
from explorer.pipeline import Exploration, explore
from explorer.sources import open_image
from explorer.sources.request import LayerAccess, Request
from explorer.text.printable import printable


@dataclass(frozen=True, slots=True)
class RequestedImage:
    """The image that a command is about, and how it is to be had."""

    reference: str
    platform: str | None
    via: LayerAccess
    cache: Cache | None
    name: str = ""
    """What people call the image, where the reference is another."""

    preferred: str = ""
    """The platform that is meant where the reference holds several and none is asked for; empty: the host's own."""

    @property
    def display_name(self) -> str:
        """What it is called when it is shown."""
        return self.name or self.reference

    def explore(self, watcher: Watcher, standard_input: int = 0) -> Exploration:
        """Open and explore it. Raises ExplorerError."""

        def known(diff_id: str) -> bool:
            return self.cache is not None and self.cache.has(diff_id, Addressing.TAR)

        request = replace(self.request(watcher), known=known, standard_input=standard_input)
        image = open_image(request)
        return explore(replace(image, reference=self.name) if self.name else image, watcher, self.cache)

    def request(self, watcher: Watcher) -> Request:
        """The question to its source."""
        return Request(self.reference, watcher, platform=self.platform, preferred=self.preferred, via=self.via)

    @property
    def arguments(self) -> list[str]:
        """The words of a command line that mean the same."""
        found = ["--via", self.via.value]
        if self.platform is not None:
            found += ["--platform", self.platform]
        if self.cache is None:
            found.append("--no-cache")
        return [*found, "--", self.reference]

    def explore_with_progress(self) -> Exploration:
        """The same, with progress on stderr when that is a terminal."""
        watcher = ProgressBar()
        try:
            exploration = self.explore(watcher)
        finally:
            watcher.close()
        # The program ends soon. Nobody need look for garbage among a million objects, neither now nor then.
        gc_control.freeze_all()
        return exploration


def with_image_options(command: Callable[..., None]) -> Callable[..., None]:
    """What goes with every command that takes an IMAGE; the command gets it as a RequestedImage."""

    @wraps(command)
    def run(image: str, platform: str | None, via: str, no_cache: bool, **rest: Any) -> None:
        _expect_another_file(rest.get("output"), image)
        command(
            RequestedImage(image, platform, LayerAccess(via), None if no_cache else Cache(cache_directory())), **rest
        )

    for option in (
        click.option(
            "--no-cache",
            cls=HeadedOption,
            heading=IMAGE_OPTIONS,
            is_flag=True,
            help="Read every layer anew, and keep nothing.",
        ),
        click.option(
            "--via",
            cls=HeadedOption,
            heading=IMAGE_OPTIONS,
            type=click.Choice([via.value for via in LayerAccess]),
            default=LayerAccess.AUTO.value,
            show_default=True,
            help="Have an engine save the image, or read its layers in place; auto: in place where possible.",
        ),
        click.option(
            "--platform",
            cls=HeadedOption,
            heading=IMAGE_OPTIONS,
            metavar="OS/ARCH[/VARIANT]",
            help="Which image, when the reference holds several platforms; the default is the host's own.",
        ),
        click.argument("image", metavar="IMAGE", type=ImageName()),
    ):
        run = option(run)
    return run


def _expect_another_file(output: Path | None, image: str) -> None:
    """Raises UsageError where the answer would be written over the image."""
    with suppress(OSError, ValueError):
        if output is not None and output.samefile(image):
            raise UsageError(f"{printable(str(output))} is the image itself", "Name another file to write to.")


class ProgressBar(Unwatched):
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
