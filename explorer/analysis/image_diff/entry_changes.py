"""The differences between two layers, hidden files included."""

from __future__ import annotations

from collections.abc import Iterator

from explorer.analysis.image_diff.file_changes import TIME, FileChange, differing_attributes
from explorer.analysis.image_diff.same_contents import is_same_but_time, same_content
from explorer.layers.tree import Tree, Version
from explorer.model import Addressing, Change, Entry, Kind, Layer, LayerIndex

_DIRECTORY, _HARDLINK = Kind.DIRECTORY, Kind.HARDLINK
_MODIFIED = Change.MODIFIED


def entry_changes(old_tree: Tree, old_layer: int, new_tree: Tree, new_layer: int) -> list[FileChange]:
    """Returns the entries that differ between two layers, in the byte order of paths.

    Here the time of a directory counts, because it is part of the layer's digest.
    """
    return sorted(_changes(old_tree, old_layer, new_tree, new_layer), key=_path_in_bytes)


def _changes(old_tree: Tree, old_layer: int, new_tree: Tree, new_layer: int) -> Iterator[FileChange]:
    old_index, new_index = old_tree.layers[old_layer], new_tree.layers[new_layer]
    if old_index is new_index:
        return
    old_links, new_links = _first_names(old_index), _first_names(new_index)
    has_links = bool(old_links or new_links)
    missing = {entry.path: entry for entry in old_index.entries}
    new_tuple = tuple.__new__
    for after in new_index.entries:
        path = after.path
        before = missing.pop(path, None)
        if before is None:
            # The root exists also in a layer that does not name it.
            if path:
                yield FileChange(path, Change.ADDED, None, Version(new_layer, after))
            continue
        has_other_links = has_links and old_links.get(path) != new_links.get(path)
        has_other_time = before.mtime_ns != after.mtime_ns
        is_alike = is_same_but_time(old_index, before, new_index, after)
        if is_alike and not has_other_links and not has_other_time:
            continue
        # The same as Version(…) and FileChange(…), in half the time.
        old, new = new_tuple(Version, (old_layer, before)), new_tuple(Version, (new_layer, after))
        if is_alike and not has_other_links:
            yield new_tuple(FileChange, (path, _MODIFIED, old, new, TIME))
            continue
        names = differing_attributes(old_tree, old, new_tree, new)
        if has_other_links:
            names |= {"link"}
        if has_other_time and before.kind is after.kind is _DIRECTORY:
            names |= TIME
        if names:
            yield FileChange(path, Change.MODIFIED, old, new, names)
    missing.pop("", None)
    for path, before in missing.items():
        yield FileChange(path, Change.REMOVED, Version(old_layer, before), None)


def _first_names(index: LayerIndex) -> dict[str, str]:
    """Returns the first name in byte order of the file that each of several names has."""
    inodes = {entry.inode for entry in index.entries if entry.kind is _HARDLINK}
    names: dict[int, list[str]] = {}
    for entry in index.entries if inodes else ():
        if entry.inode in inodes and entry.kind.has_content:
            names.setdefault(entry.inode, []).append(entry.path)
    return {name: min(linked) for linked in names.values() for name in linked}


def same_hidden_paths(old_tree: Tree, old_layer: int, new_tree: Tree, new_layer: int) -> bool:
    """True if two layers hide the same paths of lower layers."""
    old, new = old_tree.layers[old_layer], new_tree.layers[new_layer]
    return set(old.whiteouts) == set(new.whiteouts) and set(old.opaques) == set(new.opaques)


def superseded_pairs(old: LayerIndex, new: LayerIndex) -> list[tuple[Entry, Entry]] | None:
    """Returns the contents without a name that two layers ship, in pairs of one size.

    None if one ships others.
    """
    before, after = ([each for each in index.superseded if each.size] for index in (old, new))
    pairs = list(zip(before, after, strict=False))
    is_same = all(one.path == other.path and one.size == other.size for one, other in pairs)
    return pairs if is_same and len(before) == len(after) else None


def same_superseded(old_tree: Tree, old: int, new_tree: Tree, new: int, *, if_unknown: bool) -> bool:
    """True if two layers ship the same contents without a name.

    A tar has these if a later member replaces an earlier one of the same path.
    """
    pairs = superseded_pairs(old_tree.layers[old], new_tree.layers[new])
    if pairs is None:
        return False
    answers = (same_content(old_tree, Version(old, one), new_tree, Version(new, other)) for one, other in pairs)
    return all(if_unknown if answer is None else answer for answer in answers)


def is_reordered(old: Layer, old_index: LayerIndex, new: Layer, new_index: LayerIndex) -> bool:
    """True if two layers with the same names have them in another order."""
    if old.contents.addressing is not Addressing.TAR or new.contents.addressing is not Addressing.TAR:
        return False
    return [entry.path for entry in old_index.entries] != [entry.path for entry in new_index.entries]


def _path_in_bytes(change: FileChange) -> bytes:
    return change.path.encode("utf-8", "surrogateescape")
