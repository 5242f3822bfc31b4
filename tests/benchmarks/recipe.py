"""Defines the entries of a made image; a recipe always gives the same entries.

The mixture is that of real bloated images. Most files are small and a few large, about nine in a directory. Later
layers overwrite files, ship them again with another mode, and remove some: the cache directory of the layer below, a
package, a few single files. As in real images, there are few whiteouts, and each hides much. Because dive takes very
long for each whiteout, an image with thousands of them would measure nothing else.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, NamedTuple

FILE, HARDLINK, SYMLINK, DIRECTORY = b"0", b"1", b"2", b"5"
LARGEST = 24_000_000
_ROOTS = (
    "usr/lib/python3/dist-packages",
    "usr/share/doc",
    "opt/app/node_modules",
    "usr/include",
    "usr/lib/x86_64-linux-gnu",
    "srv/app/vendor",
    "usr/share/locale",
    "home/app/.local/share",
)
_WORDS = ("index", "core", "utils", "common", "types", "parser", "render", "schema", "stream", "README", "test", "lib")
_ENDINGS = (".py", ".js", ".h", ".so", ".md", ".json", "", ".map")
_PER_DIRECTORY = 17
_PER_PACKAGE = 64
_REMOVED_FILES = 5
_OVERWRITTEN, _RECOPIED, _CACHED = 0.05, 0.06, 0.05
"""Shares of a layer's entries."""
_REAL_WEIGHTS = (6, 14, 3, 30, 20, 1, 12, 8, 4, 2)
"""Relative sizes of the layers of a real image with ten layers."""


class Item(NamedTuple):
    """An entry of a layer's tar."""

    name: str
    type: bytes = FILE
    size: int = 0
    content: int = 0
    """Number of the content: files with the same size and number have the same bytes."""
    mode: int = 0o644
    link: str = ""


@dataclass(frozen=True, slots=True)
class Recipe:
    """The measures of an image."""

    entries: int
    """Entries of all layers together, exactly."""
    layers: int = 10
    sizes: Literal["real", "small"] = "real"
    """``real``: a median of 3 KB, and some of many MB. ``small``: 0 to 512 bytes."""

    @property
    def name(self) -> str:
        """Returns a unique name."""
        return f"{self.sizes}-{self.entries}-entries-{self.layers}-layers"

    def counts(self) -> list[int]:
        """Returns the number of entries of each layer."""
        weights = _REAL_WEIGHTS if self.sizes == "real" and self.layers == len(_REAL_WEIGHTS) else (1,) * self.layers
        ends = [self.entries * sum(weights[: i + 1]) // sum(weights) for i in range(self.layers)]
        return [end - start for start, end in zip([0, *ends], ends, strict=False)]


def layers(recipe: Recipe) -> Iterator[list[Item]]:
    """Yields the entries of each layer, lowest layer first, sorted by name."""
    image = _Image(recipe)
    for number, count in enumerate(recipe.counts()):
        yield image.layer(number, count)


class _Image:
    """The state after the layers so far, which the next layer changes."""

    def __init__(self, recipe: Recipe) -> None:
        self._random = random.Random(recipe.name)
        self._small = recipe.sizes == "small"
        self._files: dict[str, list[Item]] = {}
        """The files of each directory that later layers may change."""
        self._directories = 0
        self._cache = ""
        """The cache directory of the layer below, which this layer deletes."""

    def layer(self, number: int, count: int) -> list[Item]:
        """Returns the next layer, with exactly ``count`` entries."""
        layer = _Layer(count)
        if self._cache:
            layer.add(Item(_marker(self._cache)))
            self._cache = ""
        if number:
            self._change(layer, count)
        cache, cached = f"var/cache/build-{number:03}", layer.room - int(count * _CACHED)
        while layer.room:
            if layer.room > cached:
                layer.add(self._file(f"{cache}/object-{layer.room:06}.o"))
                self._cache = cache
            else:
                self._new_directory(layer)
        return sorted(layer.items.values())

    def _change(self, layer: _Layer, count: int) -> None:
        """Removes, overwrites and recopies files of the layers below, by directory."""
        start = layer.room
        there = self._random.sample(list(self._files), len(self._files))
        if len(there) > 2 * _PER_DIRECTORY:
            for file in self._files.pop(there.pop())[:_REMOVED_FILES]:
                layer.add(Item(_marker(file.name)))
            package = there.pop().rpartition("/")[0]
            layer.add(Item(_marker(package)))
            # Otherwise the layer makes the package again, and engines differ about the content of that.
            self._directories = (self._directories // _PER_PACKAGE + 1) * _PER_PACKAGE
            there = [directory for directory in there if not directory.startswith(package)]
            self._files = {key: files for key, files in self._files.items() if not key.startswith(package)}
        for share, change in ((_OVERWRITTEN, self._overwritten), (_OVERWRITTEN + _RECOPIED, self._recopied)):
            while there and layer.room and start - layer.room < count * share:
                change(layer, there.pop())

    def _overwritten(self, layer: _Layer, directory: str) -> None:
        for i, file in enumerate(self._files[directory]):
            size = file.size if self._random.random() < 0.5 else self._size()
            new = self._files[directory][i] = file._replace(size=size, content=self._content())
            layer.add(new)

    def _recopied(self, layer: _Layer, directory: str) -> None:
        for i, file in enumerate(self._files[directory]):
            new = self._files[directory][i] = file._replace(mode=0o755 if file.mode == 0o644 else 0o644)
            layer.add(new)

    def _new_directory(self, layer: _Layer) -> None:
        number = self._directories
        self._directories += 1
        directory = f"{_ROOTS[number % len(_ROOTS)]}/package-{number // _PER_PACKAGE:04}/part-{number:06}"
        files = self._files[directory] = []
        for i in range(self._random.randint(1, _PER_DIRECTORY)):
            name = f"{directory}/{self._random.choice(_WORDS)}-{i:02}{self._random.choice(_ENDINGS)}"
            files.append(self._file(name))
            layer.add(files[-1])
        chance = self._random.random()
        if chance < 0.3:
            layer.add(Item(f"{directory}/current", SYMLINK, link=files[0].name.rpartition("/")[2], mode=0o777))
        elif chance < 0.36 and files[0].name in layer.items:
            layer.add(Item(f"{files[0].name}~", HARDLINK, link=files[0].name))

    def _file(self, name: str) -> Item:
        return Item(name, size=self._size(), content=self._content())

    def _size(self) -> int:
        if self._small:
            return self._random.randrange(513)
        if self._random.random() < 0.0001:
            return self._random.randrange(LARGEST // 8, LARGEST)
        return min(LARGEST, int(self._random.lognormvariate(8, 1.7)))

    def _content(self) -> int:
        return self._random.getrandbits(32)


class _Layer:
    """Entries by name, up to a number."""

    def __init__(self, count: int) -> None:
        self._count = count
        self.items: dict[str, Item] = {}

    @property
    def room(self) -> int:
        """Returns the number of entries that still fit."""
        return self._count - len(self.items)

    def add(self, item: Item) -> None:
        """Adds an entry and, if they fit, its parent directories."""
        if self.room:
            self.items[item.name] = item
        parent = item.name.rpartition("/")[0]
        while parent and parent not in self.items and self.room:
            self.items[parent] = Item(parent, DIRECTORY, mode=0o755)
            parent = parent.rpartition("/")[0]


def _marker(path: str) -> str:
    """Returns the name of the whiteout for a path."""
    parent, _, name = path.rpartition("/")
    return f"{parent}/.wh.{name}"
