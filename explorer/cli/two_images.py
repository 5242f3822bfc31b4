"""OLD and NEW, the options that belong to both, and their comparison."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from functools import wraps
from typing import Any

import click

from explorer import gc_control
from explorer.cli.completion_types import ImageName
from explorer.cli.image_options import RequestedImage, add_image_options, requested_image, with_damage_option
from explorer.cli.output import print_note
from explorer.cli.progress_line import ProgressLine
from explorer.errors import ImageError, UsageError
from explorer.model import Progress, Watcher
from explorer.pipeline import Exploration, ImageDiff, compare
from explorer.text.printable import printable

_OLD, _NEW = "the old image", "the new image"


@dataclass(frozen=True, slots=True)
class RequestedPair:
    """The two images that the user asks for."""

    old: RequestedImage
    new: RequestedImage

    @property
    def uses_standard_input(self) -> bool:
        """True if one of the images is on standard input."""
        return self.old.uses_standard_input or self.new.uses_standard_input

    def compare(self, old_watcher: Watcher, new_watcher: Watcher, standard_input: int = 0) -> ImageDiff:
        """Reads and compares both images; of several platforms, the same of both.

        Raises ExplorerError, whose message names the image.
        """
        old = _explore(_OLD, self.old, old_watcher, standard_input)
        preferred = "" if self.new.platform else old.image.platform
        new = _explore(_NEW, replace(self.new, preferred=preferred), new_watcher, standard_input)
        wanted = new.image.platform
        if old.image.platform != wanted and any(each.platform == wanted for each in old.image.variants):
            old = _explore(_OLD, replace(self.old, preferred=wanted), old_watcher, standard_input)
        return compare(old, new, new_watcher)

    def compare_with_progress(self, standard_input: int = 0) -> ImageDiff:
        """Reads and compares both images, with progress on stderr if that is a terminal."""
        with closing(ProgressLine()) as watcher, gc_control.freeze_new_objects():
            old_watcher, new_watcher = (_NamedProgress(name, watcher) for name in (_OLD, _NEW))
            diff = self.compare(old_watcher, new_watcher, standard_input)
            # All formats list packages and causes, and what these need may have to be fetched.
            diff.old.read_packages(old_watcher)
            diff.new.read_packages(new_watcher)
            if diff.is_rebuild:
                diff.read_causes(watcher)
        if self.old.platform is None and any(len(each.image.variants) > 1 for each in (diff.old, diff.new)):
            print_note(f"Compared for {printable(diff.new.image.platform)}; --platform takes another platform.")
        return diff

    def require_undamaged(self, diff: ImageDiff) -> None:
        """Raises UnreadableImage if an image is damaged, unless the user accepts that."""
        for name, requested, exploration in ((_OLD, self.old, diff.old), (_NEW, self.new, diff.new)):
            with _naming(name):
                requested.require_undamaged(exploration)


def with_two_images(command: Callable[..., None]) -> Callable[..., None]:
    """Adds OLD, NEW and their options to a command, which gets them as ``requested``."""

    @wraps(command)
    def run(old: str, new: str, **options: Any) -> None:
        if old == new == "-":
            raise UsageError("standard input holds one image", "Save the other to a file, and name that.")
        pair = RequestedPair(requested_image(old, dict(options)), requested_image(new, options))
        command(pair, **options)

    decorated: Callable[..., None] = run
    for name in ("new", "old"):
        decorated = click.argument(name, metavar=name.upper(), type=ImageName())(decorated)
    return add_image_options(with_damage_option(decorated))


def _explore(name: str, requested: RequestedImage, watcher: Watcher, standard_input: int) -> Exploration:
    with _naming(name):
        return requested.explore(watcher, standard_input)


class _NamedProgress(Watcher):
    """Progress that says which of the images it is about."""

    def __init__(self, name: str, watcher: Watcher) -> None:
        self._name, self._watcher = name, watcher

    def progress(self, progress: Progress) -> None:
        self._watcher.progress(progress._replace(step=f"{progress.step} of {self._name}"))

    def wait_for_cores(self) -> None:
        self._watcher.wait_for_cores()


@contextmanager
def _naming(name: str) -> Iterator[None]:
    """Begins the message of an error about an image with the image's name."""
    try:
        yield
    except (ImageError, UsageError) as error:
        error.message = f"{name}: {error.message}"
        raise
