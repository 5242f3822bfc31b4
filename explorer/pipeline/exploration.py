"""An image, its merged tree and its figures."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence, Set
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import cached_property, partial
from threading import RLock, Thread
from typing import TYPE_CHECKING, Any, TypeVar
from weakref import finalize, proxy

from explorer import gc_control
from explorer.analysis.layer_stats import LayerStats, layer_stats
from explorer.analysis.waste import ByteUsage, WasteByLayer, byte_usage, waste_by_layer
from explorer.layers.copies import fingerprint_copies
from explorer.layers.merge import merge
from explorer.layers.read_budget import ReadBudget
from explorer.layers.tree import Node, Tree, dismantle
from explorer.model import Image, KnownImage, LayerIndex, Waste, Watcher
from explorer.saved.results import saved_results
from explorer.text.point_names import LAYERS, PointNames
from explorer.text.units import counted

if TYPE_CHECKING:
    from explorer.analysis.advice.build_steps import BuildStep
    from explorer.analysis.base.base import Base, Shares
    from explorer.analysis.directories import Directories
    from explorer.analysis.disposables.disposable_files import DisposableFiles
    from explorer.analysis.disposables.disposables import Disposable
    from explorer.analysis.dockerfile.dockerfile import Dockerfile
    from explorer.analysis.dockerfile.instruction_usage import InstructionUsage
    from explorer.analysis.dockerfile.map_steps import DockerfileMap
    from explorer.analysis.duplicates.image_duplicates import ImageDuplicates
    from explorer.analysis.file_kinds.kind_usage import KindUsage
    from explorer.analysis.filter.path_filter import PathFilter
    from explorer.analysis.filter.search import Search
    from explorer.analysis.findings.finding import Finding
    from explorer.analysis.findings.image_findings import ImageFindings
    from explorer.analysis.findings.practices.practice_case import PracticeCase
    from explorer.analysis.findings.scan_reports.scan_report import ScanReport
    from explorer.analysis.findings.secrets.image_secrets import ImageSecrets
    from explorer.analysis.fixes.fix import Fix
    from explorer.analysis.fixes.savings import Savings
    from explorer.analysis.packages.image_packages import ImagePackages
    from explorer.analysis.sizes import DirectorySizes
    from explorer.preview.versions import ImageContents
    from explorer.saved.document import BaseRecord

_UNCOMPARED = (
    "not compared with the same paths of other layers, because {}: "
    "contents that are shipped again unchanged count as overwritten"
)

_Value = TypeVar("_Value")


class computed_once(cached_property[_Value]):  # noqa: N801 - a decorator, as its base
    """A cached property that one of several threads computes; the others wait.

    Since Python 3.12 each thread would compute a value of its own.
    """

    def __init__(self, function: Callable[[Any], _Value]) -> None:
        super().__init__(function)
        self._once = RLock()

    def __get__(self, instance: object, owner: type[Any] | None = None) -> _Value:  # type: ignore[override]
        with self._once:
            return super().__get__(instance, owner)


@dataclass(frozen=True, repr=False)  # A text of all files would take seconds, and Textual makes one for each worker.
class Exploration:
    """An image, its merged tree and its figures, for reports and for the screen.

    Most commands need none of the cached properties. These compute and import what they need on first use, which saves
    the others a quarter of their start time.
    """

    image: Image
    tree: Tree
    usage: ByteUsage
    layers: tuple[LayerStats, ...]
    is_wanted: Callable[[str], bool] | None = None
    """Tells the paths that the user wants, so that they are not disposable."""
    budget: ReadBudget = field(default_factory=ReadBudget)
    """The bounds that the layers were read within."""
    is_stage: bool = False
    """True if layers above these are still read."""
    remembered_images: Callable[[], Sequence[KnownImage]] = tuple
    """Returns images that were opened before."""
    find_given_base: Callable[[], Base | None] | None = None
    """Finds the base that the user names; without layers if the image has none. It may ask for an image."""
    given_dockerfile: Dockerfile | None = None
    """The Dockerfile that the user names, or that ``lx build`` used."""
    scan_reports: Sequence[ScanReport] = ()
    """Reports of other scanners that are about this image."""
    points: PointNames = LAYERS
    """The names of the points that the layers of the tree are. Those of two images that are compared are the images."""
    _packages_lock: RLock = field(default_factory=RLock, init=False, repr=False, compare=False)
    _findings_lock: RLock = field(default_factory=RLock, init=False, repr=False, compare=False)

    @property
    def download_bytes(self) -> int | None:
        """Compressed size of all blobs, each once; None if the source does not know all."""
        sizes = {layer.digest or layer.diff_id or layer.number: layer.download_bytes for layer in self.image.layers}
        known_sizes = [size for size in sizes.values() if size is not None]
        return sum(known_sizes) if known_sizes and len(known_sizes) == len(sizes) else None

    @property
    def missing_layers(self) -> tuple[int, ...]:
        """Numbers of the layers whose bytes the source does not have, or may not send."""
        return tuple(each.layer.number for each in self.layers if each.layer.is_missing or each.is_unread)

    @property
    def damage(self) -> tuple[str, ...]:
        """Reasons why the figures may be wrong, of the image and of its layers; printable."""
        layers = (f"layer {figures.layer.number}: {text}" for figures in self.layers for text in figures.damage)
        return (*self.image.damage, *layers)

    @cached_property
    def directories(self) -> Directories:
        """The directories of the tree."""
        from explorer.analysis.directories import Directories

        return Directories(self.tree)

    @cached_property
    def sizes(self) -> DirectorySizes:
        """The sizes of all directories at every layer."""
        from explorer.analysis.sizes import directory_sizes

        return directory_sizes(self.tree)

    @cached_property
    def path_filter(self) -> PathFilter:
        """Finds the paths that match a query."""
        from explorer.analysis.filter.path_filter import PathFilter

        # Because a circle of objects would keep the tree of a stage in memory: the collector does not look there.
        this = proxy(self)
        return PathFilter(self.tree, self.usage.wasted, lambda: this.disposable_nodes, lambda: this.packages)

    @cached_property
    def search(self) -> Search:
        """Finds the versions of paths in all layers that match a query."""
        from explorer.analysis.filter.search import Search

        return Search(self.tree, self.sizes, self.path_filter, self.usage.wasted)

    @cached_property
    def contents(self) -> ImageContents:
        """Reads the bytes of files."""
        from explorer.preview.versions import ImageContents

        return ImageContents(self.tree, self.image.layers, self.points)

    @computed_once
    def given_base(self) -> Base | None:
        """The base that the user names; without layers if the image has none."""
        return self.find_given_base() if self.find_given_base else None

    @computed_once
    def base(self) -> Base | None:
        """The base image, if anything tells of one.

        It may ask an engine, for up to a second.
        """
        from explorer.analysis.base.find_base import find_base

        if self.given_base is not None:
            return self.given_base if self.given_base.layers else None
        if self.is_stage:
            return None
        saved = saved_results(self.image)
        if saved is not None:
            return None if saved.base is None else self._saved_base(saved.base)
        base = find_base(self.image, lambda: (*self.image.known_images(), *self.remembered_images()))
        if base is not None and base.exact and self.damage:
            return replace(base, exact=False, reason=f"{base.reason}; but the image is damaged")
        return base

    def _saved_base(self, saved: BaseRecord) -> Base:
        from explorer.analysis.base.saved_base import base_of_record

        return base_of_record(saved, len(self.image.layers))

    @computed_once
    def dockerfile_map(self) -> DockerfileMap | None:
        """The lines of the Dockerfile that made each step; None if no Dockerfile is known.

        It may read the provenance of the build, and needs the base.
        """
        from explorer.analysis.dockerfile.map_steps import map_image
        from explorer.analysis.findings.secrets.image_without_secrets import dockerfile_without_secrets

        masked = partial(dockerfile_without_secrets, image=self.image)
        given, saved = self.given_dockerfile, saved_results(self.image)
        if given is None and saved is not None and saved.dockerfile is not None:
            from explorer.analysis.dockerfile.saved_dockerfile import saved_dockerfile

            given = saved_dockerfile(saved.dockerfile)
        return map_image(self.image, given, lambda: self.base, masked)

    @computed_once
    def instruction_usage(self) -> Sequence[InstructionUsage]:
        """The figures of each instruction of the Dockerfile.

        Empty if no Dockerfile is known, or if it does not fit.
        """
        from explorer.analysis.dockerfile.instruction_usage import instruction_usage

        mapped = self.dockerfile_map
        if mapped is None or mapped.problem:
            return ()
        return instruction_usage(mapped, self.image.history, self.layers, self.disposables)

    @computed_once
    def base_shares(self) -> Shares | None:
        """The bytes of the base and of the layers above it; None without a boundary."""
        from explorer.analysis.base.base import shares

        layers = self.known_base_layers
        return None if layers is None else shares(self.usage, layers)

    @property
    def known_base_layers(self) -> int | None:
        """The number of lowest layers that are the base's; None if unknown."""
        return None if self.base is None else self.base.layers

    @computed_once
    def base_layers(self) -> int:
        """The number of lowest layers that are the base's, maybe by a guess."""
        base = self.given_base or self.base
        return self._guessed_base_layers if base is None or base.layers is None else base.layers

    @cached_property
    def _guessed_base_layers(self) -> int:
        from explorer.analysis.base.guesses import guess

        return min(guess(self.image.layers, self.image.history).layers, len(self.image.layers))

    @computed_once
    def build_steps(self) -> Sequence[BuildStep]:
        """The build step of each layer, as advice needs it. It needs the base."""
        from explorer.analysis.advice.build_steps import build_steps

        return build_steps(self.image.layers, self.image.history, self.base_layers)

    @cached_property
    def early_build_steps(self) -> Sequence[BuildStep]:
        """The build steps with a guess of the base, which are known at once."""
        from explorer.analysis.advice.build_steps import build_steps

        return build_steps(self.image.layers, self.image.history, self._guessed_base_layers)

    @computed_once
    def disposables(self) -> Sequence[Disposable]:
        """Visible files that a container is not expected to need, largest first."""
        from explorer.analysis.disposables.disposables import disposables

        return disposables(self.tree, self.is_wanted)

    @computed_once
    def disposable_nodes(self) -> Set[Node]:
        """The nodes of the disposable files, with all names of an inode."""
        from explorer.analysis.disposables.disposables import nodes_of

        return nodes_of(self.tree, self.disposables)

    @computed_once
    def disposable_files(self) -> DisposableFiles:
        """The disposable files by node, and their bytes below each directory."""
        from explorer.analysis.disposables.disposable_files import DisposableFiles

        return DisposableFiles(self.directories, self.disposables)

    @computed_once
    def file_counts(self) -> DirectorySizes:
        """The numbers of files below all directories at every layer."""
        from explorer.analysis.file_counts import file_counts

        return file_counts(self.directories)

    @computed_once
    def origins(self) -> Sequence[Waste]:
        """The wasted files from the layers that first brought them."""
        from explorer.analysis.fixes.origins import origins

        return origins(self.tree, self.usage.wasted)

    @computed_once
    def fixes(self) -> Sequence[Fix]:
        """Changes to the Dockerfile that save bytes, in the order to read them.

        The largest are first, private keys and logins before small ones, and the base's is last.
        """
        from explorer.analysis.fixes.fixes import fixes

        directory = self.image.config.working_dir
        return fixes(self.tree, self.usage.wasted, self.origins, self.disposables, self.build_steps, directory)

    @computed_once
    def savings(self) -> Savings:
        """The sums of the fixes, with the base's part apart."""
        from explorer.analysis.fixes.savings import savings

        return savings(self.fixes)

    @cached_property
    def packages(self) -> ImagePackages:
        """The packages of all layers, and the owner of each byte."""
        return self.read_packages(Watcher())

    @property
    def known_packages(self) -> ImagePackages | None:
        """The packages, once their databases are read."""
        return self.__dict__.get("packages")

    def read_packages(self, watcher: Watcher, *, fetches: bool = True) -> ImagePackages:
        """Returns the packages. The first call reads their databases, with progress.

        Threads that call it at the same time wait for the first. If ``fetches`` is false, files that are only in a
        registry are left out; a later call may fetch them. Raises Cancelled from the watcher; then the next call reads.
        """
        from explorer.analysis.packages.image_packages import image_packages

        with self._packages_lock:
            known = self.known_packages
            if known is None or (known.needs_fetch and fetches):
                with gc_control.paused():
                    known = image_packages(
                        self.tree,
                        self.image.layers,
                        self.usage.wasted,
                        self.origins,
                        self.budget.fetch_limit,
                        watcher,
                        fetches=fetches,
                    )
                self.__dict__["packages"] = known
        return known

    @property
    def known_findings(self) -> ImageFindings | None:
        """The findings, once they are known; partial while files are searched for secrets."""
        return self.__dict__.get("findings")

    def read_findings(self, watcher: Watcher, *, fetches: bool = True) -> ImageFindings:
        """Returns all findings. The first call reads files, with progress.

        ``known_findings`` has those that need no files before these are read.

        Threads that call it at the same time wait for the first. If ``fetches`` is false, files that are only in a
        registry are left out; a later call may fetch them. Raises Cancelled from the watcher; then the next call reads.
        """
        from explorer.analysis.findings.image_findings import ImageFindings
        from explorer.analysis.findings.practices.practices import besides_secrets, practice_findings
        from explorer.analysis.findings.scan_reports.report_findings import without_known_secrets

        with self._findings_lock:
            known = self.known_findings
            if known is None or known.is_partial or (known.needs_fetch and fetches):
                packages = self.read_packages(watcher, fetches=fetches)
                practices = practice_findings(self._practice_case(packages))
                reported, notes = self._reported_findings(packages)
                # A name alone is no alarm while the content may still answer it.
                early = self._in_order([*besides_secrets(practices, (), frozenset()), *reported])
                self.__dict__["findings"] = ImageFindings(early, is_partial=True, notes=notes)
                secrets = self.read_secrets(watcher, fetches=fetches)
                others = without_known_secrets(reported, secrets.findings, self.usage.wasted)
                practices = besides_secrets(practices, secrets.setting_places, secrets.unsearched_layers)
                findings = self._in_order([*secrets.findings, *practices, *others])
                needs_fetch = secrets.needs_fetch or packages.needs_fetch
                known = ImageFindings(findings, secrets.problems, needs_fetch, notes=[*notes, *secrets.notes])
                self.__dict__["findings"] = known
        return known

    def read_secrets(self, watcher: Watcher, *, fetches: bool = True) -> ImageSecrets:
        """Returns the secrets of files, of the history and of the settings.

        Each call reads files that the cache does not know, as ``read_findings`` describes.
        """
        from explorer.analysis.findings.secrets.image_secrets import image_secrets

        saved = saved_results(self.image)
        # An image that hides a secret could claim a base, too.
        is_certain = self.base is not None and not self.base.is_only_claimed
        base_layers = self.base_layers if is_certain else 0
        if saved is not None:
            from explorer.analysis.findings.secrets.saved_secrets import saved_secrets

            return saved_secrets(saved.secrets, base_layers)
        packages = self.read_packages(watcher, fetches=fetches)
        return image_secrets(
            self.image,
            self.tree,
            self.build_steps,
            base_layers,
            packages,
            self.budget.fetch_limit,
            watcher,
            fetches=fetches,
        )

    def _in_order(self, findings: Sequence[Finding]) -> Sequence[Finding]:
        """Returns findings in order, with the names of their steps."""
        from explorer.analysis.findings.image_findings import in_order
        from explorer.analysis.findings.step_names import with_step_names

        return in_order(with_step_names(findings, self.image))

    def _reported_findings(self, packages: ImagePackages) -> tuple[Sequence[Finding], Sequence[str]]:
        """Returns the findings of the reports, and notes on them."""
        from explorer.analysis.findings.scan_reports.report_findings import report_findings
        from explorer.analysis.findings.scan_reports.report_notes import report_notes

        findings = report_findings(self.scan_reports, self.image, self.tree, packages.usages, self.base_layers)
        notes = [note for report in self.scan_reports for note in report_notes(report, self.image, packages.usages)]
        return findings, notes

    def _practice_case(self, packages: ImagePackages) -> PracticeCase:
        from explorer.analysis.findings.practices.practice_case import PracticeCase

        return PracticeCase(
            self.image,
            self.tree,
            self.usage,
            self.base,
            self.base_layers,
            self.build_steps,
            self.disposables,
            packages,
        )

    @computed_once
    def file_kinds(self) -> Sequence[KindUsage]:
        """The kinds of the visible and of the wasted files, the largest first."""
        from explorer.analysis.file_kinds.kind_usage import image_kinds

        return image_kinds(self.tree, self.disposables, self.usage.wasted)

    @property
    def known_file_kinds(self) -> Sequence[KindUsage] | None:
        """The kinds of files, once they are added up."""
        return self.__dict__.get("file_kinds")

    def read_duplicates(self, min_bytes: int, watcher: Watcher) -> ImageDuplicates:
        """Returns the visible files of the same content.

        It reads those that may be copies, if their contents are not known. Raises Cancelled from the watcher.
        """
        from explorer.analysis.duplicates.image_duplicates import read_duplicates

        with gc_control.paused():
            return read_duplicates(self.tree, self.image.layers, min_bytes, watcher)

    @cached_property
    def waste_by_layer(self) -> WasteByLayer:
        """The wasted bytes by the layers that shipped and hid them."""
        return waste_by_layer(self.usage)


def exploration_of(
    image: Image,
    indexes: Iterable[LayerIndex],
    watcher: Watcher,
    is_wanted: Callable[[str], bool] | None,
    budget: ReadBudget,
    *,
    is_stage: bool = False,
) -> Exploration:
    """Merges layers that are read, and accounts for every byte.

    Raises ImageError if a layer cannot be read, and Cancelled from the watcher.
    """
    tree = merge(indexes)
    uncompared = fingerprint_copies(tree, image.layers, watcher, budget.fetch_limit)
    usage = byte_usage(tree)
    layers = list(layer_stats(image.layers, tree, usage))
    for number, figures in enumerate(layers):
        if figures.is_unread:
            problem = budget.fetch_limit.reason_against(figures.layer)
        elif number in uncompared:
            reason = "--within allows too few bytes" if image.saved is None else "their contents were not saved"
            problem = f"{counted(uncompared[number], 'file')} {_UNCOMPARED.format(reason)}"
        else:
            continue
        layers[number] = replace(figures, problems=(*figures.problems, problem))
    return Exploration(image, tree, usage, tuple(layers), is_wanted, budget, is_stage)


def dismantle_when_unused(tree: Tree) -> None:
    """Frees a tree's nodes as soon as no other object has the tree.

    The collector never sees them, because objects made while an image is read are excluded from collection.
    """
    finalize(tree, _dismantle_in_thread, tree.root).atexit = False


def dismantle_in_thread(tree: Tree) -> None:
    """Frees the nodes of a tree that nothing shows any more."""
    _dismantle_in_thread(tree.root)


def _dismantle_in_thread(root: Node) -> None:
    # Because it takes a moment.
    with suppress(RuntimeError):
        Thread(target=dismantle, args=(root,), name="free", daemon=True).start()
