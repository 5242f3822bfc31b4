"""The wasted and disposable files of an image, with facts for the waste pane.

A file is an index here: the wasted files come first, as in the byte usage, and then the disposable ones. Both are
sorted by size.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from explorer.analysis.advice.advice import Advice, Reason, advise, reasons
from explorer.analysis.advice.build_steps import BuildStep
from explorer.analysis.disposables.disposables import Disposable
from explorer.analysis.file_kinds.kind_usage import kinds_of
from explorer.analysis.filter.waste_filter import WasteFilter
from explorer.analysis.fixes.fix import Fix
from explorer.analysis.fixes.savings import NO_SAVINGS, Savings
from explorer.analysis.waste import ByteUsage
from explorer.model import Waste
from explorer.pipeline import Exploration

if TYPE_CHECKING:
    from explorer.analysis.packages.image_packages import ImagePackages
    from explorer.analysis.packages.package import Package


@dataclass(frozen=True, eq=False)
class WasteFiles:
    """The files, with facts computed on first use."""

    usage: ByteUsage
    build_steps: Sequence[BuildStep] = ()
    """The build step that made each layer."""
    savings: Savings | None = NO_SAVINGS
    """The sums of the fixes; None while these are not known. Then there is no advice either."""
    disposables: Sequence[Disposable] = ()
    origins: Sequence[Waste] = ()
    """The wasted files with the layers that first brought them; empty: the usage knows them."""
    package_names: dict[str, str] = field(default_factory=dict)
    """The ID of a fix that removes packages to their names, for those that were asked for."""
    exploration: Exploration | None = None
    """The image, whose packages may become known later."""

    @classmethod
    def without_fixes(cls, exploration: Exploration) -> WasteFiles:
        """Returns the files of an image before its fixes are known."""
        return cls(exploration.usage, exploration.early_build_steps, None, exploration=exploration)

    @classmethod
    def complete(cls, exploration: Exploration) -> WasteFiles:
        """Returns the files with all facts, which takes up to a second."""
        steps, origins = exploration.build_steps, exploration.origins
        files = cls(
            exploration.usage, steps, exploration.savings, exploration.disposables, origins, exploration=exploration
        )
        _ = files.reasons, files.origin_reasons, files.paths, files.bytes, files.members_by_fix
        _ = files.matcher.folded_paths, files.fix_matcher.folded_paths
        return files

    @cached_property
    def fixes(self) -> Sequence[Fix]:
        """The fixes, the base's last; none while they are not known."""
        return self.savings.all_fixes if self.savings is not None else ()

    @property
    def wasted(self) -> Sequence[Waste]:
        """The wasted files."""
        return self.usage.wasted

    @cached_property
    def all(self) -> Sequence[Waste | Disposable]:
        """The wasted files, and then the disposable ones."""
        return [*self.wasted, *self.disposables]

    @cached_property
    def reasons(self) -> Sequence[Reason]:
        """The reason why each wasted file is wasted."""
        return reasons(self.wasted)

    @cached_property
    def origin_reasons(self) -> Sequence[Reason]:
        """The reasons from the layers that first brought the files, for the advice."""
        return reasons(self.origins) if self.origins else self.reasons

    @cached_property
    def paths(self) -> Sequence[str]:
        """The path of each file."""
        return [file.path for file in self.all]

    @cached_property
    def bytes(self) -> Sequence[int]:
        """The bytes of each file."""
        return [file.bytes for file in self.all]

    @cached_property
    def matcher(self) -> WasteFilter:
        """The filter that finds the wasted files that pass a query."""
        return WasteFilter(self.wasted, lambda: self.owners, lambda: self.file_kinds)

    @cached_property
    def fix_matcher(self) -> WasteFilter:
        """The filter that finds the wasted and disposable files that pass a query."""
        return WasteFilter(self.all, lambda: self.owners, lambda: self.file_kinds)

    @property
    def packages(self) -> ImagePackages | None:
        """The packages of the image, once their databases are read."""
        return self.exploration.known_packages if self.exploration is not None else None

    @cached_property
    def owners(self) -> Sequence[Package | None]:
        """The package that owns each file. Only once the packages are known."""
        packages, tree = self.packages, self.exploration.tree if self.exploration is not None else None
        if packages is None or tree is None:
            raise RuntimeError("the packages are not read")
        nodes = (tree.find(file.path) for file in self.disposables)
        owner = packages.owners_at(tree.top)
        return [*packages.waste_owners, *(None if node is None else owner(node) for node in nodes)]

    @cached_property
    def file_kinds(self) -> Sequence[str]:
        """The kind of each file."""
        if self.exploration is None:
            raise RuntimeError("the image is not known")
        return list(kinds_of(self.exploration.tree, self.all))

    @cached_property
    def members_by_fix(self) -> Sequence[Sequence[int]]:
        """The files that each fix saves, largest first."""
        places = {id(file): place for place, file in enumerate(self.all)}
        bytes_ = self.bytes
        return [
            sorted((places[id(file)] for file in (*fix.wasted, *fix.disposables)), key=lambda place: -bytes_[place])
            for fix in self.fixes
        ]

    @cached_property
    def saved_bytes(self) -> int:
        """Bytes that all fixes save, with the base's."""
        return self.savings.bytes + self.savings.base_bytes if self.savings is not None else 0

    def is_wasted(self, index: int) -> bool:
        """True if a file is wasted; otherwise it is disposable."""
        return index < len(self.wasted)

    def total(self, indexes: Iterable[int]) -> int:
        """Returns the bytes of some files."""
        return sum(map(self.bytes.__getitem__, indexes))

    def directory_of(self, indexes: Sequence[int]) -> str:
        """Returns the lowest directory that holds all these files; empty for the root."""
        paths = list(map(self.paths.__getitem__, indexes))
        # A path between two others, in their order, begins as these two do.
        low, high = min(paths).split("/")[:-1], max(paths).split("/")[:-1]
        differing = (place for place, (one, other) in enumerate(zip(low, high, strict=False)) if one != other)
        return "/".join(low[: next(differing, min(len(low), len(high)))])

    def advice(self, indexes: Sequence[int]) -> Sequence[Advice]:
        """Returns the advice about wasted files, from the layers that first brought them."""
        if self.savings is None:
            return ()
        origins, reasons_ = self.origins or self.wasted, self.origin_reasons
        return advise([origins[index] for index in indexes], self.build_steps, [reasons_[index] for index in indexes])
