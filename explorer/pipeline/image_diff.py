"""Two images and the differences between them."""

from __future__ import annotations

from collections.abc import Sequence, Set
from dataclasses import dataclass, field, replace
from itertools import chain
from threading import RLock
from typing import TYPE_CHECKING

from explorer import gc_control
from explorer.model import Watcher
from explorer.pipeline.exploration import Exploration, computed_once

if TYPE_CHECKING:
    from explorer.analysis.image_diff.align_layers import Aligned
    from explorer.analysis.image_diff.change_totals import ChangeTotals
    from explorer.analysis.image_diff.config_changes import ConfigChange
    from explorer.analysis.image_diff.directory_changes import DirectoryChange
    from explorer.analysis.image_diff.file_changes import FileChange
    from explorer.analysis.image_diff.first_break import FirstBreak
    from explorer.analysis.image_diff.growth import Growth
    from explorer.analysis.image_diff.identical import Identical
    from explorer.analysis.image_diff.layer_pair import LayerPair
    from explorer.analysis.image_diff.package_changes import PackageChanges
    from explorer.analysis.image_diff.path_pairs import PathPair
    from explorer.analysis.image_diff.rebuilds.build_differences import DifferenceCause
    from explorer.analysis.image_diff.update_cost import UpdateCost


@dataclass(frozen=True, repr=False)  # As an exploration.
class ImageDiff:
    """Two images and their differences, for reports, screen and gate.

    The cached properties compute what they need on first use.
    """

    old: Exploration
    new: Exploration
    problems: Sequence[str] = ()
    """Reasons why contents are not compared; printable."""
    _causes_lock: RLock = field(default_factory=RLock, init=False, repr=False, compare=False)

    @computed_once
    def shared_layers(self) -> Set[tuple[int, int]]:
        """Numbers of the layers that are certainly the same, in the old and the new image."""
        from explorer.analysis.image_diff.shared_layers import shared_layers

        return shared_layers(self.old, self.new)

    @computed_once
    def path_pairs(self) -> Sequence[PathPair]:
        """The visible paths that may differ: parents first, siblings in byte order."""
        from explorer.analysis.image_diff.path_pairs import path_pairs

        return path_pairs(self.old.tree, self.new.tree, self.shared_layers)

    @computed_once
    def file_changes(self) -> Sequence[FileChange]:
        """The visible paths that differ: parents first, siblings in byte order."""
        from explorer.analysis.image_diff.file_changes import file_changes

        return file_changes(self.old.tree, self.new.tree, self.path_pairs)

    @computed_once
    def change_totals(self) -> ChangeTotals:
        """The numbers of paths that differ, and their bytes."""
        from explorer.analysis.image_diff.change_totals import change_totals

        return change_totals(self.old, self.new, self.file_changes)

    @computed_once
    def directory_changes(self) -> Sequence[DirectoryChange]:
        """The directories that grew or shrank, largest growth first."""
        from explorer.analysis.image_diff.directory_changes import directory_changes

        return directory_changes(self.old.tree, self.new.tree)

    @computed_once
    def identical(self) -> Identical:
        """The answer if two builds gave the same image, with a sentence and advice."""
        from explorer.analysis.image_diff.identical import identical

        return identical(self.old, self.new, self.layer_pairs, self.shared_layers)

    @computed_once
    def package_changes(self) -> PackageChanges:
        """The packages that differ. It may read the databases of packages of both images."""
        from explorer.analysis.image_diff.package_changes import package_changes

        return package_changes(self.old.packages, self.new.packages)

    @computed_once
    def config_changes(self) -> Sequence[ConfigChange]:
        """The settings that differ, without their secrets."""
        from explorer.analysis.image_diff.config_changes import config_changes

        return config_changes(self.old.image, self.new.image)

    @computed_once
    def aligned_layers(self) -> Sequence[Aligned]:
        """Layers of both images that belong together; it needs no contents."""
        from explorer.analysis.image_diff.align_layers import aligned_layers

        return aligned_layers(self.old, self.new, self.shared_layers)

    @computed_once
    def layer_pairs(self) -> Sequence[LayerPair]:
        """Layers of both images and their differences, in the order of the new one."""
        from explorer.analysis.image_diff.align_layers import layer_pairs

        return layer_pairs(self.old, self.new, self.aligned_layers)

    @computed_once
    def first_break(self) -> FirstBreak | None:
        """The first step that differs, and why; None if there is none.

        It may need the base.
        """
        from explorer.analysis.image_diff.first_break import first_break

        return first_break(self.old, self.new, self.layer_pairs)

    @computed_once
    def update(self) -> UpdateCost:
        """The bytes that an update from the old image to the new one downloads."""
        from explorer.analysis.image_diff.update_cost import update_cost

        return update_cost(self.old, self.new, self.layer_pairs)

    @property
    def is_rebuild(self) -> bool:
        """True if the same steps made both images, which differ all the same."""
        from explorer.analysis.image_diff.identical import Sameness

        return self.identical.is_rebuild and self.identical.value is not Sameness.YES

    @property
    def known_causes(self) -> Sequence[DifferenceCause] | None:
        """The causes why two builds differ, once they are read."""
        return self.__dict__.get("causes")

    def read_causes(self, watcher: Watcher, *, fetches: bool = True) -> Sequence[DifferenceCause]:
        """Returns the causes why two builds differ.

        The first call reads files, with progress. Threads that call it at the same time wait for the first.
        If ``fetches`` is false, package databases that are only in a registry are left out. Raises Cancelled from the
        watcher; then the next call reads.
        """
        from explorer.analysis.image_diff.identical import Sameness
        from explorer.analysis.image_diff.rebuilds.build_differences import TwoBuilds, build_differences
        from explorer.analysis.image_diff.rebuilds.changed_packages import ChangedPackages

        with self._causes_lock:
            known = self.known_causes
            if known is None:
                builds = TwoBuilds(self.old, self.new, self.identical, self.layer_pairs, self.file_changes)
                if self.identical.value is Sameness.NO:
                    packages = [
                        (each.tree, each.read_packages(watcher, fetches=fetches)) for each in (self.old, self.new)
                    ]
                    base_layers = _certain_base_layers(self.old), _certain_base_layers(self.new)
                    builds = replace(builds, packages=ChangedPackages(*packages), base_layers=base_layers)
                with gc_control.paused():
                    known = build_differences(builds, watcher)
                self.__dict__["causes"] = known
        return known

    @computed_once
    def growth(self) -> Growth:
        """The layers, packages and files of the new image that grew."""
        from explorer.analysis.image_diff.growth import growth

        return growth(self.layer_pairs, self.old.usage, self.new.usage, self.package_changes.changes, self.file_changes)


def _certain_base_layers(exploration: Exploration) -> int:
    """Returns the number of lowest layers that are certainly of the base image."""
    return (exploration.base.certain_layers or 0) if exploration.base is not None else 0


def compare(old: Exploration, new: Exploration, watcher: Watcher) -> ImageDiff:
    """Reads the contents that may differ, and returns the differences of two images.

    Contents that cannot be read stay unknown. Raises Cancelled from the watcher, and DamagedBytes if a layer does not
    have the digest by which both images have it.
    """
    from explorer.analysis.image_diff.align_layers import undecided_in_layers
    from explorer.analysis.image_diff.read_contents import read_contents
    from explorer.analysis.image_diff.verify_shared import verify_shared

    unread = ImageDiff(old, new)
    verify_shared(old, new, unread.shared_layers, watcher)
    with gc_control.paused():
        undecided = chain(unread.path_pairs, undecided_in_layers(old, new, unread.aligned_layers))
        diff = ImageDiff(old, new, read_contents(old, new, undecided, watcher))
        # These need no contents, so they stay as they are.
        for name in ("shared_layers", "path_pairs", "aligned_layers"):
            diff.__dict__[name] = getattr(unread, name)
    return diff
