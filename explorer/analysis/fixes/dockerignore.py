"""The names in .dockerignore that leave files out of a COPY.

A directory stands for its files only if the COPY brings nothing else below it.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence, Set

from explorer.analysis.disposables.disposables import root_of
from explorer.model import Entry, Kind
from explorer.text.printable import printable

WILDCARD = re.compile(r"[*?\[\\]")


def names_to_ignore(
    paths: Sequence[str], entries: Iterable[Entry], target: str, *, joins_files: bool = True
) -> list[str]:
    """Returns files and directories that are all of some paths, and nothing else.

    The result is the target of the COPY alone if nothing else is left.

    Args:
        paths: The files to leave out, as paths of the image.
        entries: The entries of the layer of the COPY.
        target: The directory to which the COPY brings files.
        joins_files: True if any directory may stand for its files, and not only a known kind, like ``.git``.
    """
    above = f"{target}/" if target else ""
    inside = [path for path in dict.fromkeys(paths) if path.startswith(above)]
    kept = _directories_with_others(set(inside), entries)
    names = dict.fromkeys(_known_directory(path, kept, above) for path in inside)
    if target in names:
        return [target]
    if not joins_files:
        return list(names)
    whole = {name: _highest_whole(name, kept, above) for name in names}
    joined = Counter(whole.values())
    return list(dict.fromkeys(whole[name] if joined[whole[name]] > 1 else name for name in names))


def pattern_of(name: str) -> str:
    """Returns the pattern of .dockerignore that matches a name alone."""
    escaped = WILDCARD.sub(lambda match: f"\\{match[0]}", name)
    marked = f"\\{escaped}" if escaped.startswith(("!", "#")) else escaped
    # A line holds no control characters; a question mark matches any character.
    return "".join([character if printable(character) == character else "?" for character in marked])


def _directories_with_others(left_out: Set[str], entries: Iterable[Entry]) -> set[str]:
    """Returns the directories with other files than those that are left out."""
    brought = [entry for entry in entries if entry.kind is not Kind.DIRECTORY]
    # The names of an inode go together.
    inodes = {entry.inode for entry in brought if entry.path in left_out}
    directories: set[str] = set()
    for entry in brought:
        if entry.inode in inodes or (not entry.size and root_of(entry.path) != entry.path):
            continue
        directory = entry.path.rpartition("/")[0]
        while directory and directory not in directories:
            directories.add(directory)
            directory = directory.rpartition("/")[0]
    return directories


def _known_directory(path: str, kept: Set[str], above: str) -> str:
    """Returns the directory that makes a file disposable, or a hidden one: ``.git``."""
    # node_modules/.cache goes, and the rest of node_modules stays.
    root = root_of(path)
    if root != path and root not in kept:
        return root if root.startswith(above) else above.rstrip("/")
    parts = path.removeprefix(above).split("/")
    for place, part in enumerate(parts[:-1], 1):
        if part.startswith(".") or part == "node_modules":
            directory = above + "/".join(parts[:place])
            return path if directory in kept else directory
    return path


def _highest_whole(name: str, kept: Set[str], above: str) -> str:
    """Returns the highest directory below a target of which nothing stays."""
    end = name.find("/", len(above))
    while end >= 0:
        if name[:end] not in kept:
            return name[:end]
        end = name.find("/", end + 1)
    return name
