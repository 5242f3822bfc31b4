"""Reads the package databases of all layers: each file once, in one pass a layer."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from explorer.analysis.packages.cache_format import decode_databases, encode_databases
from explorer.analysis.packages.database_limits import MAX_NAME_CHARS
from explorer.analysis.packages.executables import MAX_EXECUTABLE_BYTES, parse_executable
from explorer.analysis.packages.formats import DatabaseDamaged, DatabaseUnread, Format, Found, LayerDatabases, Stated
from explorer.analysis.packages.saved_databases import saved_databases
from explorer.analysis.packages.wanted_files import WantedFile, wanted_files
from explorer.errors import ImageError, UnreadableImage
from explorer.layers.cache import load_derived, needs_fetch, store_derived
from explorer.layers.fetch_limit import FetchLimit
from explorer.layers.progress_meter import ProgressMeter
from explorer.layers.tar_layer import whole_files
from explorer.layers.tree import Tree
from explorer.model import Layer, LayerIndex, OnProgress, Watcher
from explorer.saved.saved_layer import SavedLayer
from explorer.text.printable import printable
from explorer.text.units import counted, size

_STEP = "Reading packages"
_CACHE_ENDING = "packages"
_MAX_FILE_BYTES = 128 << 20
_MAX_LAYER_BYTES = 8 << 30
"""For all files of a layer, of which one at a time is in memory."""
_MAX_PATHS = 5_000_000
"""Paths that the packages of a layer may list. An image of 3 GB lists 140,000."""
_MAX_PACKAGES = 500_000
_MAX_PATH_CHARS = 200_000_000
"""For all paths of a layer, and again for those of the image. An image of 3 GB lists 9,000,000 characters."""
_MAX_PROBLEMS = 20
_TOO_MANY_PATHS = "its packages are left out: with those of other layers they list more paths than any image has"


def read_databases(
    tree: Tree, layers: Sequence[Layer], fetch_limit: FetchLimit, watcher: Watcher, *, fetches: bool
) -> list[LayerDatabases]:
    """Returns the package databases of each layer.

    They come from the cache if possible, and are stored there. If ``fetches`` is false, files that must be fetched from
    a registry are left out. Raises Cancelled from the watcher.
    """
    char_count = 0

    def bounded(databases: LayerDatabases) -> LayerDatabases:
        nonlocal char_count
        count = sum([_path_chars(stated) for files in databases.files.values() for stated in files.values()])
        if char_count + count > _MAX_PATH_CHARS:
            return LayerDatabases(problems=(_TOO_MANY_PATHS,))
        char_count += count
        return databases

    read: dict[int, LayerDatabases] = {}
    wanted: dict[int, tuple[Layer, Sequence[WantedFile]]] = {}
    for layer, index in zip(layers, tree.layers, strict=True):
        # Layers with the same contents share one object.
        if id(layer.contents) in read or id(layer.contents) in wanted:
            continue
        known = _known_databases(layer, index)
        if known is None:
            wanted[id(layer.contents)] = layer, wanted_files(index)
        else:
            read[id(layer.contents)] = bounded(known)
    total = sum(file.entry.size for _, files in wanted.values() for file in files)
    meter = ProgressMeter(_STEP, lambda: total, watcher)
    for key, (layer, files) in wanted.items():
        index = tree.layers[layer.number]
        if files and not fetches and needs_fetch(layer, index):
            problem = "the files of its packages are not fetched yet"
            read[key] = LayerDatabases(problems=(problem,), needs_fetch=True)
        else:
            read[key] = bounded(_read_layer(layer, index, files, fetch_limit, meter.part(layer.number)))
    return [read[id(layer.contents)] for layer in layers]


def _known_databases(layer: Layer, index: LayerIndex) -> LayerDatabases | None:
    """Returns the databases of a layer that need no reading; None for others."""
    if index.is_unread or layer.is_missing:
        return LayerDatabases(problems=("the layer is not read, so its packages are unknown",))
    if isinstance(layer.contents, SavedLayer):
        try:
            return saved_databases(layer.contents.databases())
        except (UnreadableImage, ValueError) as error:
            return LayerDatabases(problems=(f"its packages cannot be read: {printable(str(error))}",))
    stored = load_derived(layer, _CACHE_ENDING)
    return None if stored is None else decode_databases(stored)


def _read_layer(
    layer: Layer, index: LayerIndex, files: Sequence[WantedFile], fetch_limit: FetchLimit, on_progress: OnProgress
) -> LayerDatabases:
    if index.is_from_table:
        # Each of them would be fetched as a whole, which is more than the rest of the layer.
        files = [file for file in files if not file.is_executable]
    if not files:
        return LayerDatabases()
    if not fetch_limit.allows_files(layer, [file.entry for file in files]):
        count = counted(len(files), "file")
        return LayerDatabases(problems=(f"{count} that may state packages may not be fetched, because of --within",))
    reader = _Reader()
    try:
        reader.read(layer, index, reader.bounded(files), on_progress)
    except ImageError as error:
        reader.problems.append(f"the files of its packages cannot be read: {printable(error.message)}")
        # Another attempt may reach the registry.
        return replace(reader.databases(), needs_fetch=layer.is_remote)
    databases = reader.databases()
    if reader.is_lasting:
        store_derived(layer, _CACHE_ENDING, encode_databases(databases), index, on_progress)
    return databases


def _with_short_names(found: Found) -> Found:
    """Returns a package whose texts, besides its paths, have at most MAX_NAME_CHARS."""
    name, version, architecture, _, namespace = found
    if max(len(name), len(version), len(architecture), len(namespace)) <= MAX_NAME_CHARS:
        return found
    cut = slice(MAX_NAME_CHARS)
    return Found(name[cut], version[cut], architecture[cut], found.paths, namespace[cut])


def _path_chars(stated: Stated) -> int:
    return sum([sum(map(len, found.paths)) for found in stated])


class _Reader:
    """Reads and parses the database files of one layer."""

    def __init__(self) -> None:
        self.problems: list[str] = []
        self.is_lasting = True
        """False if another attempt may read more."""
        self._files: dict[str, dict[str, Stated]] = {}
        self._path_count = 0
        self._char_count = 0
        self._package_count = 0

    def databases(self) -> LayerDatabases:
        """Returns what was read so far."""
        problems = self.problems[:_MAX_PROBLEMS]
        if len(self.problems) > _MAX_PROBLEMS:
            problems.append(f"{len(self.problems) - _MAX_PROBLEMS:,} more files of packages are not read")
        return LayerDatabases(self._files, tuple(problems))

    def bounded(self, files: Iterable[WantedFile]) -> list[WantedFile]:
        """Returns the files that are not too large, and notes the others."""
        taken: list[WantedFile] = []
        total = 0
        for file in files:
            count = file.entry.size
            limit = min(MAX_EXECUTABLE_BYTES if file.is_executable else _MAX_FILE_BYTES, _MAX_LAYER_BYTES - total)
            if count > limit:
                self._note(file.entry.path, f"it has {size(count)}, expected at most {size(limit)}")
            else:
                taken.append(file)
                total += count
        return taken

    def read(self, layer: Layer, index: LayerIndex, files: Sequence[WantedFile], on_progress: OnProgress) -> None:
        """Reads files in one pass. Raises ImageError."""
        by_inode = {file.entry.inode: file for file in files}
        done = 0

        def report(_: int) -> None:
            on_progress(done)

        for entry, pieces in whole_files(layer.contents, index, [file.entry for file in files], report):
            file = by_inode[entry.inode]
            if file.is_executable:
                self._parse_executable(entry.path, pieces)
            else:
                content = b"".join(pieces)
                for format_, path in file.names:
                    self._parse(format_, path, content)
            done += entry.size
            on_progress(done)

    def _parse(self, format_: Format, path: str, content: bytes) -> None:
        try:
            stated = format_.parse(path, content)
        except DatabaseDamaged as error:
            stated = error.packages
            self._note(path, str(error), in_part=bool(stated))
            if not stated:
                return
        self._keep(format_.kind, path, stated)

    def _parse_executable(self, path: str, pieces: Iterable[bytes | memoryview]) -> None:
        try:
            for kind, stated in parse_executable(path, pieces).items():
                self._keep(kind, path, stated)
        except DatabaseDamaged as error:
            self.is_lasting = self.is_lasting and not isinstance(error, DatabaseUnread)
            self._note(path, str(error))

    def _keep(self, kind: str, path: str, stated: Stated) -> None:
        self._path_count += sum([len(found.paths) for found in stated])
        self._char_count += _path_chars(stated)
        self._package_count += len(stated)
        if self._path_count > _MAX_PATHS or self._char_count > _MAX_PATH_CHARS or self._package_count > _MAX_PACKAGES:
            self._note(path, "the layer states more packages and paths than any image has")
        else:
            self._files.setdefault(kind, {})[path] = tuple(map(_with_short_names, stated))

    def _note(self, path: str, reason: str, in_part: bool = False) -> None:
        shown = printable(f"/{path}")
        self.problems.append(f"{shown} is {'read in part' if in_part else 'not read'}: {printable(reason)}")
