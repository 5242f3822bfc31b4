"""Reads the package databases of all layers: each file once, in one pass a layer."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from explorer.analysis.packages.formats import DatabaseDamaged, Format, Found
from explorer.analysis.packages.kinds import FORMATS
from explorer.errors import ImageError
from explorer.layers.fetch_limit import FetchLimit
from explorer.layers.progress_meter import ProgressMeter
from explorer.layers.tar_layer import whole_files
from explorer.layers.tree import Tree
from explorer.model import Entry, Kind, Layer, LayerIndex, OnProgress, Watcher
from explorer.text.printable import printable
from explorer.text.units import counted, size

_STEP = "Reading package databases"
_MAX_FILE_BYTES = 128 << 20
_MAX_LAYER_BYTES = 1 << 30
_MAX_PATHS = 5_000_000
"""Paths that the packages of a layer may list. An image of 3 GB lists 140,000."""
_MAX_PROBLEMS = 20

Stated = tuple[Found, ...]


@dataclass(frozen=True, slots=True)
class LayerDatabases:
    """The files of package databases that a layer ships."""

    files: Mapping[str, Mapping[str, Stated]] = field(default_factory=dict)
    """Kind to path to the packages that the file states. Files that could not be read are missing."""
    problems: tuple[str, ...] = ()
    """Reasons why files are missing; printable."""


def read_databases(
    tree: Tree, layers: Sequence[Layer], fetch_limit: FetchLimit, watcher: Watcher
) -> list[LayerDatabases]:
    """Returns the package databases of each layer. Raises Cancelled from the watcher."""
    wanted = [_database_entries(index) for index in tree.layers]
    total = sum(entry.size for entries in wanted for _, entry in entries)
    meter = ProgressMeter(_STEP, lambda: total, watcher)
    read: dict[int, LayerDatabases] = {}
    databases = []
    for layer, index, entries in zip(layers, tree.layers, wanted, strict=True):
        # Layers with the same contents share one object.
        known = read.get(id(layer.contents))
        if known is None:
            known = read[id(layer.contents)] = _layer_databases(
                layer, index, entries, fetch_limit, meter.part(layer.number)
            )
        databases.append(known)
    return databases


def _database_entries(index: LayerIndex) -> list[tuple[Format, Entry]]:
    """Returns the files of a layer that belong to package databases."""
    file, hard_link = Kind.FILE, Kind.HARDLINK
    entries = [entry for entry in index.entries if entry.kind is file or entry.kind is hard_link]
    return [(each, entry) for each in FORMATS for entry in entries if each.matches(entry.path)]


def _layer_databases(
    layer: Layer,
    index: LayerIndex,
    entries: Sequence[tuple[Format, Entry]],
    fetch_limit: FetchLimit,
    on_progress: OnProgress,
) -> LayerDatabases:
    if index.is_unread or layer.is_missing:
        return LayerDatabases(problems=("the layer is not read, so its packages are unknown",))
    if not entries:
        return LayerDatabases()
    if not fetch_limit.allows_files(layer, (entry for _, entry in entries)):
        count = counted(len(entries), "file")
        return LayerDatabases(problems=(f"{count} of package databases are not fetched, because of --within",))
    reader = _Reader(index, entries)
    try:
        for _ in reader.read(layer, on_progress):
            pass
    except ImageError as error:
        reader.problems.append(f"its package databases cannot be read: {printable(error.message)}")
    problems = reader.problems[:_MAX_PROBLEMS]
    if len(reader.problems) > len(problems):
        problems.append(f"{len(reader.problems) - len(problems):,} more files of package databases are not read")
    return LayerDatabases(reader.files, tuple(problems))


class _Reader:
    """Reads and parses the database files of one layer."""

    def __init__(self, index: LayerIndex, entries: Sequence[tuple[Format, Entry]]) -> None:
        self.files: dict[str, dict[str, Stated]] = {}
        self.problems: list[str] = []
        self._index = index
        self._by_inode: dict[int, list[tuple[Format, Entry]]] = {}
        self._path_count = 0
        total = 0
        for format_, entry in entries:
            total += entry.size
            if entry.size > _MAX_FILE_BYTES or total > _MAX_LAYER_BYTES:
                self._note(entry, f"it has {size(entry.size)}, more than is read of package databases")
                total -= entry.size
                continue
            self._by_inode.setdefault(entry.inode, []).append((format_, entry))

    def read(self, layer: Layer, on_progress: OnProgress) -> Iterator[None]:
        done = 0

        def report(_: int) -> None:
            on_progress(done)

        first = [names[0][1] for names in self._by_inode.values()]
        for entry, pieces in whole_files(layer.contents, self._index, first, report):
            content = b"".join(pieces)
            for format_, name in self._by_inode[entry.inode]:
                self._parse(format_, name, content)
            done += entry.size
            on_progress(done)
            yield

    def _parse(self, format_: Format, entry: Entry, content: bytes) -> None:
        try:
            stated = format_.parse(entry.path, content)
        except DatabaseDamaged as error:
            self._note(entry, printable(str(error)))
            return
        self._path_count += sum([len(found.paths) for found in stated])
        if self._path_count > _MAX_PATHS:
            self._note(entry, f"the packages of the layer list more than {_MAX_PATHS:,} paths")
            return
        self.files.setdefault(format_.kind, {})[entry.path] = stated

    def _note(self, entry: Entry, reason: str) -> None:
        self.problems.append(f"{printable(f'/{entry.path}')} is not read: {reason}")
