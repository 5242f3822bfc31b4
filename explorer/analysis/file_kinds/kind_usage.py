"""The bytes of an image, of a directory or of a layer by kind of file."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from explorer.analysis.disposables.disposables import Disposable
from explorer.analysis.disposables.kinds import KINDS
from explorer.analysis.file_kinds.file_kind import FileKindFinder
from explorer.analysis.file_kinds.kinds import FILE_KINDS
from explorer.analysis.visible_files import visible_files
from explorer.layers.tree import Tree
from explorer.model import Entry, Kind, LayerIndex, Waste


@dataclass(slots=True)
class KindUsage:
    """The files and bytes of one kind."""

    kind: str
    """The key in ``FILE_KINDS``."""
    files: int = 0
    bytes: int = 0
    saved_bytes: int = 0
    """The disposable bytes among them; of a layer, the wasted ones."""
    base_bytes: int = 0
    """The bytes among them that the layers of the base ship."""
    wasted_bytes: int = 0
    """The wasted bytes of files of this kind, if they are asked for."""

    @property
    def name(self) -> str:
        """The kind in words."""
        return FILE_KINDS[self.kind].name

    @property
    def title(self) -> str:
        """The change that keeps the files out, in a few words; empty if they are needed."""
        return FILE_KINDS[self.kind].title

    @property
    def do(self) -> str:
        """The same as advice, as a template for ``sentence``."""
        return FILE_KINDS[self.kind].do

    @property
    def can_be_kept_out(self) -> bool:
        """True if visible files of it are disposable, or not known to be needed."""
        return bool(self.saved_bytes) or (self.kind not in KINDS and bool(self.do))


def visible_kinds(
    tree: Tree, disposables: Iterable[Disposable], base_layers: int = 0, directory: str = ""
) -> list[KindUsage]:
    """Returns the kinds of the files that a container sees, the largest first.

    Args:
        tree: The merged tree.
        disposables: The disposable files of the image.
        base_layers: The number of lowest layers that are the base's.
        directory: The directory to look below, without slashes at its ends; empty for the root.
    """
    saved = Counter({(each.shipped_in, each.path): each.bytes for each in disposables})
    return _usages(visible_files(tree), saved, base_layers, directory)


def image_kinds(
    tree: Tree, disposables: Iterable[Disposable], wasted: Iterable[Waste], base_layers: int = 0, directory: str = ""
) -> list[KindUsage]:
    """Returns the kinds of the visible and of the wasted files, the largest first.

    Args:
        tree: The merged tree.
        disposables: The disposable files of the image.
        wasted: The wasted files of the image.
        base_layers: The number of lowest layers that are the base's.
        directory: The directory to look below, without slashes at its ends; empty for the root.
    """
    usages = {usage.kind: usage for usage in visible_kinds(tree, disposables, base_layers, directory)}
    wasted = [each for each in wasted if not directory or each.path.startswith(f"{directory}/")]
    for each, kind in zip(wasted, kinds_of(tree, wasted), strict=True):
        usages.setdefault(kind, KindUsage(kind)).wasted_bytes += each.bytes
    return sorted(usages.values(), key=lambda usage: (-usage.bytes - usage.wasted_bytes, usage.kind))


def kinds_of(tree: Tree, files: Iterable[Waste | Disposable]) -> Iterator[str]:
    """Yields the key of the kind of each wasted or disposable file."""
    finder = FileKindFinder()
    for each in files:
        node = tree.find(each.path)
        entry = node.entry_at(each.shipped_in) if node is not None else None
        yield finder.kind(each.path, entry.mode if entry is not None else 0)


def shipped_kinds(
    index: LayerIndex, number: int, wasted: Iterable[Waste], base_layers: int = 0, directory: str = ""
) -> list[KindUsage]:
    """Returns the kinds of the files that a layer ships, the largest first.

    Args:
        index: The index of the layer.
        number: Its number.
        wasted: The wasted files of the image.
        base_layers: The number of lowest layers that are the base's.
        directory: The directory to look below, without slashes at its ends; empty for the root.
    """
    files = [entry for entry in index.entries if entry.kind is Kind.FILE]
    shipped = ((number, entry) for entry in (*files, *index.superseded))
    saved: Counter[tuple[int, str]] = Counter()
    for each in wasted:
        if each.shipped_in == number:
            saved[number, each.path] += each.bytes
    return _usages(shipped, saved, base_layers, directory)


def _usages(
    files: Iterable[tuple[int, Entry]], saved: Counter[tuple[int, str]], base_layers: int, directory: str
) -> list[KindUsage]:
    """Returns the usages of files below a directory, the largest first."""
    start = f"{directory}/" if directory else ""
    finder = FileKindFinder()
    usages: dict[str, KindUsage] = {}
    for layer, entry in files:
        if not entry.path.startswith(start):
            continue
        kind = finder.kind(entry.path, entry.mode)
        usage = usages.get(kind)
        if usage is None:
            usage = usages[kind] = KindUsage(kind)
        usage.files += 1
        usage.bytes += entry.size
        if saved:
            # Once, because the tar of a layer may hold a path twice.
            usage.saved_bytes += saved.pop((layer, entry.path), 0)
        if layer < base_layers:
            usage.base_bytes += entry.size
    return sorted(usages.values(), key=lambda usage: (-usage.bytes, -usage.files, usage.kind))
