"""Reads the files that may differ between two images, one pass a layer."""

from __future__ import annotations

import hashlib
import queue
import threading
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import NamedTuple

from explorer.analysis.image_diff.compared_image import ComparedImage
from explorer.analysis.image_diff.path_pairs import PathPair
from explorer.analysis.image_diff.same_contents import same_content
from explorer.errors import ImageError, exhausted
from explorer.layers.cache import store_contents
from explorer.layers.copies import fingerprints_of, hashes_of
from explorer.layers.progress_meter import ProgressMeter
from explorer.layers.tree import Version
from explorer.model import Entry, Layer, OnProgress, Watcher
from explorer.text.printable import printable
from explorer.text.units import counted

_STEP = "Comparing the files of both images"
_Work = Callable[[], Sequence[str]]
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

    def has_digest(self, version: Version) -> bool:
        """True if a table of contents states the SHA-256 of a file."""
        return version.entry is not None and version.entry.inode in self.compared.tree.layers[version.layer].digests

    def can_hash(self, version: Version) -> bool:
        """True if the SHA-256 of a file costs no download and no endless holes."""
        if version.entry is None or self.compared.image.layers[version.layer].is_remote:
            return False
        return version.entry.inode not in self.compared.tree.layers[version.layer].sparse


class _Pass(NamedTuple):
    """Files of one layer that are read together."""

    wanted: _Wanted
    layer: Layer
    files: Mapping[int, Entry]
    is_by_digest: bool

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
    if not passes:
        return []
    total = sum([each.bytes for each in passes])
    meter = ProgressMeter(_STEP, lambda: total, watcher)
    try:
        read_old, read_new = (partial(_read_all, passes, image, meter) for image in wanted)
        first, second = _side_by_side(read_old, read_new, watcher)
    except BaseException:
        meter.stopped = True
        raise
    return [*first, *second]


def _side_by_side(first: _Work, second: _Work, watcher: Watcher) -> tuple[Sequence[str], Sequence[str]]:
    """Returns the results of two works, the second of which a thread does.

    Most of the time goes into reading and hashing, which Python's threads do at the same time.
    """
    results: queue.SimpleQueue[Sequence[str] | BaseException] = queue.SimpleQueue()

    def run() -> None:
        try:
            watcher.wait_for_cores()
            results.put(second())
        except BaseException as error:  # noqa: BLE001 -- raised again by the caller
            results.put(exhausted(error) or error)

    try:
        # A daemon, because a thread that hangs must not delay the end of the program.
        threading.Thread(target=run, name="compare", daemon=True).start()
    except RuntimeError:
        # The system limits threads.
        return first(), second()
    done, result = first(), results.get()
    if isinstance(result, BaseException):
        raise result
    return done, result


def _read_all(passes: Sequence[_Pass], wanted: _Wanted, meter: ProgressMeter) -> Sequence[str]:
    """Reads the files of one image. Returns why some stay uncompared."""
    problems = []
    for number, each in enumerate(passes):
        problem = _read(each, meter.part(number)) if each.wanted is wanted else ""
        if problem:
            files = f"{counted(len(each.files), 'file')} not compared"
            problems.append(f"layer {each.layer.number} of {wanted.name}: {files}{problem}")
    return problems


def _add_undecided(old: _Wanted, new: _Wanted, pairs: Iterable[PathPair]) -> None:
    """Adds the files of both images that must be read to compare them."""
    # Lists and dictionaries of this function, because there may be a hundred thousand pairs.
    old_layers, new_layers = old.compared.tree.layers, new.compared.tree.layers
    old_prints, new_prints = ([index.fingerprints for index in layers] for layers in (old_layers, new_layers))
    has_digests = any(index.digests for index in (*old_layers, *new_layers))
    for _, before_version, after_version in pairs:
        if before_version is None or after_version is None:
            continue
        (old_layer, before), (new_layer, after) = before_version, after_version
        # Only files have a size.
        if before is None or after is None or before.size != after.size or not before.size:
            continue
        is_old_known = before.inode in old_prints[old_layer]
        is_new_known = after.inode in new_prints[new_layer]
        if is_old_known and is_new_known:
            continue
        if has_digests and _add_by_digest(old, before_version, new, after_version):
            continue
        if not is_old_known:
            old.fingerprints[old_layer][before.inode] = before
        if not is_new_known:
            new.fingerprints[new_layer][after.inode] = after


def _add_by_digest(old: _Wanted, before: Version, new: _Wanted, after: Version) -> bool:
    """Adds a file whose SHA-256 is all that its comparison needs.

    Returns True if the comparison needs no fingerprints.
    """
    if same_content(old.compared.tree, before, new.compared.tree, after) is not None:
        return True
    for image, version, is_other_known in (
        (old, before, new.has_digest(after)),
        (new, after, old.has_digest(before)),
    ):
        if is_other_known and version.entry is not None and image.can_hash(version):
            image.digests[version.layer][version.entry.inode] = version.entry
            return True
    return False


def _passes(wanted: _Wanted) -> Iterator[_Pass]:
    layers = wanted.compared.image.layers
    for files, is_by_digest in ((wanted.fingerprints, False), (wanted.digests, True)):
        for number in sorted(files):
            yield _Pass(wanted, layers[number], files[number], is_by_digest)


def _read(each: _Pass, on_progress: OnProgress) -> str:
    """Reads the files of a pass. Returns why it cannot, or nothing."""
    layer, tree = each.layer, each.wanted.compared.tree
    if not each.wanted.compared.budget.fetch_limit.allows_files(layer, each.files.values()):
        return ", because --within allows too few bytes"
    index = tree.layers[layer.number]
    try:
        if each.is_by_digest:
            digests = hashes_of(layer, index, each.files, _sha256, on_progress)
            tree.layers[layer.number] = replace(index, digests={**index.digests, **digests})
        else:
            tree.add_fingerprints(layer.number, fingerprints_of(layer, index, each.files, on_progress))
    except ImageError as error:
        return f": {printable(error.message)}"
    store_contents(layer, tree.layers[layer.number], lambda _: on_progress(each.bytes))
    return ""


def _sha256(pieces: Iterable[bytes | memoryview], _: Entry) -> bytes:
    sha256 = hashlib.sha256()
    for piece in pieces:
        sha256.update(piece)
    return sha256.digest()
