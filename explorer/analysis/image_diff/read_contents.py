"""Reads the files that may differ between two images, one pass a layer."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from explorer.analysis.image_diff.compared_image import ComparedImage
from explorer.analysis.image_diff.path_pairs import PathPair
from explorer.analysis.image_diff.same_contents import same_content
from explorer.errors import ImageError
from explorer.layers.cache import store_indexes
from explorer.layers.copies import fingerprints_of
from explorer.layers.progress_meter import ProgressMeter
from explorer.layers.tree import Version
from explorer.model import Entry, Layer, LayerIndex, OnProgress, Watcher
from explorer.text.printable import printable
from explorer.text.units import counted

_STEP = "Comparing the files of both images"
_Files = defaultdict[int, dict[int, Entry]]
"""Layer to the files to read in it, by inode."""


@dataclass(slots=True)
class _Wanted:
    """The files of one image whose contents are not known."""

    compared: ComparedImage
    name: str
    """The image, for people."""
    fingerprints: _Files = field(default_factory=lambda: defaultdict(dict))
    digests: _Files = field(default_factory=lambda: defaultdict(dict))
    """Files whose SHA-256 is compared with that of a table of contents."""

    def add(self, version: Version, entry: Entry, *, by_digest: bool) -> None:
        index = self.compared.tree.layers[version.layer]
        known = index.digests if by_digest else index.fingerprints
        if entry.inode not in known:
            (self.digests if by_digest else self.fingerprints)[version.layer][entry.inode] = entry

    def has_digest(self, version: Version, entry: Entry) -> bool:
        return entry.inode in self.compared.tree.layers[version.layer].digests

    def can_hash(self, version: Version, entry: Entry) -> bool:
        """True if the SHA-256 of a file costs no download and no endless holes."""
        is_sparse = entry.inode in self.compared.tree.layers[version.layer].sparse
        return not self.compared.image.layers[version.layer].is_remote and not is_sparse


class _Pass(NamedTuple):
    """Files of one layer that are read together."""

    wanted: _Wanted
    numbers: Sequence[int]
    """The layers that have these files: several if the image has the same layer twice."""
    files: Mapping[int, Entry]
    is_by_digest: bool

    @property
    def layer(self) -> Layer:
        return self.wanted.compared.image.layers[self.numbers[0]]

    @property
    def bytes(self) -> int:
        return sum([entry.size for entry in self.files.values()])


def read_contents(old: ComparedImage, new: ComparedImage, pairs: Iterable[PathPair], watcher: Watcher) -> Sequence[str]:
    """Adds missing fingerprints of files to the trees, and to the cache.

    Args:
        old: The old image.
        new: The new image.
        pairs: The paths that may differ.
        watcher: Receives the progress.

    Returns the reasons why files stay uncompared, printable. Raises Cancelled from the watcher.
    """
    wanted = _Wanted(old, "the old image"), _Wanted(new, "the new image")
    _add_undecided(*wanted, pairs)
    passes = [each for image in wanted for each in _passes(image)]
    total = sum(each.bytes for each in passes)
    meter = ProgressMeter(_STEP, lambda: total, watcher)
    problems = []
    for number, each in enumerate(passes):
        problem = _read(each, meter.part(number))
        if problem:
            files = f"{counted(len(each.files), 'file')} not compared"
            problems.append(f"layer {each.layer.number} of {each.wanted.name}: {files}{problem}")
    return problems


def _add_undecided(old: _Wanted, new: _Wanted, pairs: Iterable[PathPair]) -> None:
    """Adds the files of both images that must be read to compare them."""
    for _, before, after in pairs:
        if before is None or before.entry is None or after is None or after.entry is None:
            continue
        if not (before.entry.kind.has_content and after.entry.kind.has_content):
            continue
        if same_content(old.compared.tree, before, new.compared.tree, after) is not None:
            continue
        sides = (old, before, before.entry), (new, after, after.entry)
        has_digest = [wanted.has_digest(version, entry) for wanted, version, entry in sides]
        other = sides[has_digest.index(False)]
        by_digest = any(has_digest) and other[0].can_hash(*other[1:])
        for wanted, version, entry in [other] if by_digest else sides:
            wanted.add(version, entry, by_digest=by_digest)


def _passes(wanted: _Wanted) -> Iterator[_Pass]:
    layers = wanted.compared.image.layers
    for files, is_by_digest in ((wanted.fingerprints, False), (wanted.digests, True)):
        by_contents: defaultdict[int, list[int]] = defaultdict(list)
        for number in sorted(files):
            by_contents[id(layers[number].contents)].append(number)
        for numbers in by_contents.values():
            together = {inode: entry for number in numbers for inode, entry in files[number].items()}
            yield _Pass(wanted, numbers, together, is_by_digest)


def _read(each: _Pass, on_progress: OnProgress) -> str:
    """Reads the files of a pass. Returns why it cannot, or nothing."""
    compared, layer = each.wanted.compared, each.layer
    if not compared.budget.fetch_limit.allows_files(layer, each.files.values()):
        return ", because --within allows too few bytes"
    index = compared.tree.layers[layer.number]
    try:
        digests = (_digests_of if each.is_by_digest else fingerprints_of)(layer, index, each.files, on_progress)
    except ImageError as error:
        return f": {printable(error.message)}"
    for number in each.numbers:
        if each.is_by_digest:
            known = compared.tree.layers[number]
            compared.tree.layers[number] = replace(known, digests={**known.digests, **digests})
        else:
            compared.tree.add_fingerprints(number, digests)
            store_indexes([compared.image.layers[number]], [compared.tree.layers[number]])
    return ""


def _digests_of(
    layer: Layer, index: LayerIndex, entries: Mapping[int, Entry], on_progress: OnProgress
) -> dict[int, bytes]:
    """Returns the SHA-256 of files by inode, read in one pass."""
    digests: dict[int, bytes] = {}
    done = 0

    def report(_: int) -> None:
        on_progress(done)

    for entry, pieces in layer.contents.read(index, entries.values(), report):
        sha256 = hashlib.sha256()
        for piece in pieces:
            sha256.update(piece)
            done += len(piece)
            on_progress(done)
        digests[entry.inode] = sha256.digest()
    return digests
