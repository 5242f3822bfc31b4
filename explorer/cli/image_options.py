"""IMAGE and the options that belong to it, and the exploration of that image."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial, wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from explorer import gc_control
from explorer.cli.completion_types import MEANT_COMMAND_KEY, ImageName
from explorer.cli.given_base import fitting_base, given_base
from explorer.cli.help_pages import Heading, headed_option
from explorer.cli.output import print_note
from explorer.cli.progress_line import ProgressLine
from explorer.cli.scan_options import STANDARD_INPUT, read_scan_reports
from explorer.cli.shared_rules import shared_rules
from explorer.config.paths import cache_directory
from explorer.errors import ImageNotFound, UnreadableImage, UsageError, exhausted
from explorer.gate.rules import Rules
from explorer.layers.cache import Cache
from explorer.layers.opened_images import remember_image
from explorer.layers.read_budget import ReadBudget
from explorer.model import Addressing, Image, Watcher
from explorer.pipeline import Exploration, Stages, explore
from explorer.sources import open_identity, open_image, path_of
from explorer.sources.request import LayerAccess, Request
from explorer.text.patterns import path_matcher
from explorer.text.printable import printable, shown_reference
from explorer.text.suggestions import did_you_mean
from explorer.text.units import parse_size

if TYPE_CHECKING:
    from explorer.analysis.dockerfile.dockerfile import Dockerfile
    from explorer.analysis.duplicates.image_duplicates import ImageDuplicates
    from explorer.analysis.findings.image_findings import ImageFindings
    from explorer.analysis.findings.scan_reports.scan_report import ScanReport
    from explorer.analysis.packages.image_packages import ImagePackages


@dataclass(frozen=True, slots=True)
class RequestedImage:
    """The image that the user asks for, and how to get it."""

    reference: str
    platform: str | None
    via: LayerAccess
    cache: Cache | None
    name: str = ""
    """The name to show for the image, if it differs from the reference."""
    preferred: str = ""
    """The platform to use if the reference holds several and ``platform`` is None; empty for the host's own."""
    allows_damage: bool = False
    """True if the user accepts figures of a damaged image."""
    wanted_paths: tuple[str, ...] = ()
    """Patterns of paths that are not disposable."""
    allows_large: bool = False
    """True if the bounds for hostile images are lifted."""
    reads_all: bool = False
    """True if layers with a table of contents are read in full."""
    max_fetched_bytes: int | None = None
    """The bytes of whole layers that a registry may send; None: all layers."""
    rules: Rules | None = None
    """The rules that may name the base."""
    is_base_demanded: bool = False
    """True if an option names the base, so that another one is an error."""
    dockerfile: Dockerfile | None = None
    """The Dockerfile that made it, if the user names one."""
    meant_command: str = ""
    """The command that the user may have meant instead of an image; empty if there is none."""
    scan_reports: tuple[ScanReport, ...] = ()
    """Reports of scanners, which must be about the image."""

    def explore(self, watcher: Watcher, standard_input: int = 0) -> Exploration:
        """Opens and explores the image. Raises ExplorerError."""
        is_wanted = path_matcher(self.wanted_paths) if self.wanted_paths else None
        # Sources may hand over layers that arrive before the image is complete.
        watcher = Stages(watcher, is_wanted)
        request = self.request(watcher, standard_input)
        try:
            image = open_image(request)
            image = replace(image, reference=self.name) if self.name else image
            self._require_reports_of(image)
            exploration = explore(image, watcher, self.cache, request.budget, is_wanted)
            exploration = replace(exploration, given_dockerfile=self.dockerfile)
        except MemoryError as error:
            # Here, because all calls up to the command line need memory, too.
            raise exhausted(error) or error from None
        except ImageNotFound as error:
            if self.meant_command:
                error.hint = did_you_mean(f"the command lx {self.meant_command}", error.hint)
            raise
        if self.cache is not None:
            uncertain = [each.layer.number for each in exploration.layers if each.is_unread or each.damage]
            wasted = None if exploration.missing_layers else exploration.usage.wasted_bytes
            remember_image(self.cache.directory, image, datetime.now(UTC), uncertain, wasted)
        exploration = replace(exploration, scan_reports=self.scan_reports)
        if self.rules is None:
            return exploration
        if self.is_base_demanded:
            base = given_base(image, self.rules, self.open_other)
            return replace(exploration, find_given_base=lambda: base)
        return replace(exploration, find_given_base=partial(fitting_base, image, self.rules, self.open_other))

    def other(self, reference: str, beside: Image) -> RequestedImage:
        """Returns another image; of several platforms, that of the image beside it."""
        return replace(self, reference=reference, name="", preferred=beside.platform, scan_reports=(), dockerfile=None)

    def open_other(self, reference: str, beside: Image) -> Image:
        """Opens another image for its layers' digests alone. Raises ExplorerError."""
        return open_identity(self.other(reference, beside).request(Watcher()))

    def request(self, watcher: Watcher, standard_input: int = 0) -> Request:
        """The request to the image's source."""
        return Request(
            self.reference,
            watcher,
            platform=self.platform,
            preferred=self.preferred,
            via=self.via,
            is_cached=lambda diff_id: self.cache is not None and self.cache.has(diff_id, Addressing.TAR),
            budget=ReadBudget(is_unlimited=self.allows_large, max_fetched_bytes=self.max_fetched_bytes),
            reads_all=self.reads_all,
            standard_input=standard_input,
        )

    @property
    def arguments(self) -> list[str]:
        """The same image as arguments of a command line."""
        arguments = ["--via", self.via.value]
        if self.platform is not None:
            arguments += ["--platform", self.platform]
        if self.cache is None:
            arguments.append("--no-cache")
        if self.allows_large:
            arguments.append("--allow-large")
        if self.reads_all:
            arguments.append("--full")
        if self.max_fetched_bytes is not None:
            arguments += ["--within", str(self.max_fetched_bytes)]
        if self.is_base_demanded and self.rules is not None:
            for key, value in (("--base", self.rules.base), ("--base-layers", self.rules.base_layers)):
                arguments += [] if value is None else [key, str(value)]
        if self.dockerfile is not None:
            arguments += ["--dockerfile", self.dockerfile.name]
        for report in self.scan_reports:
            arguments += ["--scan", report.file]
        return [*arguments, "--", self.reference]

    @property
    def uses_standard_input(self) -> bool:
        """True if the image or a report is on standard input."""
        return STANDARD_INPUT in (self.reference, *(report.file for report in self.scan_reports))

    def _require_reports_of(self, image: Image) -> None:
        """Raises UsageError if a report is about another image."""
        if self.scan_reports:
            from explorer.analysis.findings.scan_reports.same_image import require_same_image

            for report in self.scan_reports:
                require_same_image(report, image)

    def require_undamaged(self, exploration: Exploration) -> None:
        """Raises UnreadableImage if the image is damaged, unless the user accepts that."""
        damage = exploration.damage
        if damage and not self.allows_damage:
            more = f"; and {len(damage) - 1:,} more" if len(damage) > 1 else ""
            raise UnreadableImage(
                f"{shown_reference(self.reference)} is damaged: {damage[0]}{more}",
                "The figures may be wrong. Save or download the image again, or accept it with --allow-damaged.",
            )

    def explore_for_list(self) -> Exploration:
        """Explores, and names missing layers on stderr, because a list cannot."""
        from explorer.report.words import without

        exploration = self.explore_with_progress()
        if exploration.missing_layers:
            click.echo(f"The list is{without(exploration, ' ')}.", err=True)
        return exploration

    def read_packages(self, exploration: Exploration) -> ImagePackages:
        """Reads the packages, with progress on stderr if that is a terminal."""
        with closing(ProgressLine()) as watcher:
            return exploration.read_packages(watcher)

    def read_findings(self, exploration: Exploration) -> ImageFindings:
        """Reads the findings, with progress on stderr if that is a terminal."""
        with closing(ProgressLine()) as watcher:
            return exploration.read_findings(watcher)

    def read_duplicates(self, exploration: Exploration, min_bytes: int) -> ImageDuplicates:
        """Compares files of equal size, with progress on stderr if that is a terminal."""
        with closing(ProgressLine()) as watcher:
            return exploration.read_duplicates(min_bytes, watcher)

    def explore_with_progress(self) -> Exploration:
        """Opens and explores the image, with progress on stderr if that is a terminal."""
        # The program ends soon: a search for garbage among a million objects would only cost time.
        with closing(ProgressLine()) as watcher, gc_control.freeze_new_objects():
            exploration = self.explore(watcher)
        if self.dockerfile is not None:
            self._note_problem(exploration)
        return exploration

    def _note_problem(self, exploration: Exploration) -> None:
        """Says on stderr why no line of the Dockerfile is named."""
        from explorer.report.dockerfile_place import misfit_words

        misfit = misfit_words(exploration)
        if misfit:
            print_note(f"No line of a Dockerfile is named, because {misfit}.")


_OPTIONS: Sequence[Callable[[Callable[..., None]], Callable[..., None]]] = (
    headed_option(
        Heading.IMAGE,
        "--allow-large",
        is_flag=True,
        help="Read the image even if it needs far more time or memory than its size explains; hostile images do.",
    ),
    headed_option(
        Heading.IMAGE,
        "--full",
        is_flag=True,
        help="Read all bytes of layers that have a table of contents (eStargz, zstd:chunked), and verify them.",
    ),
    headed_option(
        Heading.IMAGE,
        "--within",
        metavar="SIZE",
        callback=lambda _, __, value: _max_fetched_bytes(value),
        help="Download at most SIZE of a registry's layers, the smallest first; tables of contents come on top.",
    ),
    headed_option(
        Heading.IMAGE, "--no-cache", is_flag=True, help="Ignore the cache: re-read everything, store nothing."
    ),
    headed_option(
        Heading.IMAGE,
        "--via",
        type=click.Choice([via.value for via in LayerAccess]),
        default=LayerAccess.AUTO.value,
        show_default=True,
        help="How to read from an engine: save the image, or read layers in place; auto: in place if possible.",
    ),
    headed_option(
        Heading.IMAGE,
        "--platform",
        metavar="OS/ARCH[/VARIANT]",
        help="The platform, if the image has several; the default is the host's own.",
    ),
)
"""The options of images, in the reverse of the order on help pages."""


def with_image_options(command: Callable[..., None]) -> Callable[..., None]:
    """Adds IMAGE and its options to a command, which gets them as ``requested``."""

    @wraps(command)
    def run(image: str, **options: Any) -> None:
        requested = requested_image(image, options)
        command(requested, **options)

    return add_image_options(click.argument("image", metavar="IMAGE", type=ImageName())(run))


def add_image_options(command: Callable[..., None]) -> Callable[..., None]:
    """Adds the options of images to a command with arguments of its own."""
    for option in _OPTIONS:
        command = option(command)
    return command


def requested_image(image: str, options: dict[str, Any]) -> RequestedImage:
    """Returns the image that options ask for, and removes the options of images.

    Raises UsageError.
    """
    rule_options = options.get("rule_options")
    base_settings = options.pop("base_settings", {})
    rules = rule_options.rules if rule_options else shared_rules(base_settings)
    for name, reference in (("image", image), ("base", rules.base)):
        expect_another_file(options.get("output"), name, reference)
    return RequestedImage(
        image,
        options.pop("platform"),
        LayerAccess(options.pop("via")),
        None if options.pop("no_cache") else Cache(cache_directory()),
        allows_damage=options.pop("allow_damaged", False),
        allows_large=options.pop("allow_large"),
        reads_all=options.pop("full"),
        max_fetched_bytes=options.pop("within"),
        meant_command=click.get_current_context().meta.get(MEANT_COMMAND_KEY) or "",
        wanted_paths=rules.wanted_paths,
        rules=rules,
        is_base_demanded=bool(base_settings),
        dockerfile=options.pop("dockerfile", None),
        scan_reports=read_scan_reports(options.pop("scan_files", ()), image),
    )


with_damage_option: Callable[[Callable[..., None]], Callable[..., None]] = headed_option(
    Heading.IMAGE,
    "--allow-damaged",
    is_flag=True,
    help="Accept a local image whose bytes differ from its digests; otherwise the exit code is 3.",
)
"""The option ``--allow-damaged``, for commands that end with an error if the image is damaged."""


def _max_fetched_bytes(value: str | None) -> int | None:
    """Returns the bytes that --within names. Raises UsageError."""
    count = None if value is None else parse_size(value)
    if value is not None and count is None:
        raise UsageError(
            f"--within is “{printable(value)}”, expected a size such as 50MB or 1.5GiB",
            "0 reads only tables of contents and cached layers.",
        )
    return count


def expect_another_file(output: Path | None, name: str, reference: str | None) -> None:
    """Raises UsageError if the output would overwrite an image that the user names."""
    if output is None or reference is None:
        return
    with suppress(OSError, ValueError):
        path = path_of(reference)
        if path is not None and output.samefile(path):
            raise UsageError(f"{printable(str(output))} is the {name} itself", "Name another file to write to.")
