"""Random pairs of images that are alike, with few names and contents, so that much is equal and much is linked."""

from __future__ import annotations

import random
import tarfile
from collections.abc import Sequence
from dataclasses import replace

from tests.images import Item, directory, fifo, file, hardlink, opaque, symlink, whiteout

_NAMES = ("a", "b", "c", "d")
_CONTENTS = (b"", b"1", b"2", b"22", b"33")
_MODES = (0o644, 0o755)


def random_pair(chance: random.Random) -> tuple[list[list[Item]], list[list[Item]]]:
    """Returns the layers of two images that have some in common."""
    old = [_random_layer(chance) for _ in range(chance.randint(0, 3))]
    new = []
    for items in old:
        draw = chance.random()
        if draw < 0.4:
            new.append(items)
        elif draw < 0.85:
            new.append(_changed(chance, items))
    if chance.random() < 0.2:
        chance.shuffle(new)
    return old, [*new, *(_random_layer(chance) for _ in range(chance.choice((0, 0, 1, 2))))]


def _random_layer(chance: random.Random) -> list[Item]:
    """Returns a layer that every engine accepts: each path once, and no marker of its own paths."""
    items: dict[str, Item] = {}
    for _ in range(chance.randint(0, 9)):
        path = "/".join(chance.choice(_NAMES) for _ in range(chance.choice((1, 1, 2, 3))))
        parent, _, name = path.rpartition("/")
        parents = ["/".join(path.split("/")[:depth]) for depth in range(1, path.count("/") + 1)]
        taken = {*items, *(marked for marked in map(_marked, items.values()) if marked)}
        if path in taken or any(other.startswith(f"{path}/") for other in items):
            continue
        if any(above in taken and items.get(above, fifo("")).type != tarfile.DIRTYPE for above in parents):
            continue
        for above in parents:
            items.setdefault(above, directory(above))
        if chance.random() < 0.1:
            items[f"{parent}/.wh.{name}"] = whiteout(path)
        elif parent and chance.random() < 0.04:
            items[f"{parent}/.wh..wh..opq"] = opaque(parent)
        else:
            items[path] = _random_item(chance, path, list(items.values()))
    return list(items.values())


def _marked(item: Item) -> str:
    """Returns the path that a whiteout hides; empty for other items."""
    parent, _, name = item.name.rpartition("/")
    is_whiteout = name.startswith(".wh.") and name != ".wh..wh..opq"
    return f"{parent}/{name.removeprefix('.wh.')}".lstrip("/") if is_whiteout else ""


def _random_item(chance: random.Random, path: str, before: Sequence[Item]) -> Item:
    more = {"mtime": chance.randint(1, 2), "uid": chance.choice((0, 0, 0, 1))}
    files = [
        item for item in before if item.type == tarfile.REGTYPE and not item.name.rpartition("/")[2].startswith(".wh.")
    ]
    draw = chance.random()
    if draw < 0.3 and files:
        target = chance.choice(files)
        return hardlink(path, target.name, mode=target.mode, mtime=target.mtime, uid=target.uid)
    if draw < 0.4:
        return directory(path, **more)
    if draw < 0.5:
        return symlink(path, chance.choice(_NAMES), **more)
    if draw < 0.53:
        return fifo(path, **more)
    return file(path, chance.choice(_CONTENTS), mode=chance.choice(_MODES), **more)


def _changed(chance: random.Random, items: Sequence[Item]) -> list[Item]:
    """Returns the items of a layer as another build could make them."""
    changed: list[Item] = []
    by_name = {item.name: item for item in items}
    for item in items:
        draw = chance.random()
        linked = [other for other in items if other.type == tarfile.LNKTYPE and other.link == item.name]
        if item.type == tarfile.LNKTYPE and draw < 0.3:
            # A copy in place of the link.
            item = replace(by_name[item.link], name=item.name)
        elif linked or item.type == tarfile.LNKTYPE:
            pass
        elif draw < 0.15:
            item = replace(item, mtime=item.mtime + 1)
        elif draw < 0.3 and item.content:
            item = replace(item, content=item.content[::-1] if chance.random() < 0.2 else b"4" * len(item.content))
        elif draw < 0.4:
            item = replace(item, mode=item.mode ^ 0o100)
        elif draw < 0.5 and changed and item.type == tarfile.REGTYPE:
            same = [other for other in changed if other.type == tarfile.REGTYPE and other.content == item.content]
            if same and item.content:
                item = hardlink(item.name, same[0].name, mode=same[0].mode, mtime=same[0].mtime, uid=same[0].uid)
        elif draw < 0.55 and item.type != tarfile.DIRTYPE:
            continue
        changed.append(item)
    files = [item for item in changed if item.type == tarfile.REGTYPE and item.content]
    if files and chance.random() < 0.3:
        target = chance.choice(files)
        changed.append(hardlink("new", target.name, mode=target.mode, mtime=target.mtime, uid=target.uid))
    return changed
