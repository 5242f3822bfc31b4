"""What is in a made image: the members of each layer's tar, the same for the same recipe wherever it is made.

The mixture is that of bloated images as people build them: most files small and a few large, in directories of about
nine; later layers write files anew, ship them once more with another mode, and remove some: what the layer before left
in its cache directory, a package, a few files by name. As in real images, there are few whiteouts, which hide much:
dive takes so long over each that an image with thousands would say nothing about anything else.
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
_REMOVED_FILES = 5
_OVERWRITTEN, _RECOPIED, _CACHED = 0.05, 0.06, 0.05
"""Shares of a layer's members."""
_REAL_WEIGHTS = (6, 14, 3, 30, 20, 1, 12, 8, 4, 2)
"""How unequal the layers of a real image of ten are."""


class Item(NamedTuple):
    """One member of a layer's tar."""

    name: str
    type: bytes = FILE
    size: int = 0
    content: int = 0
    """Which content: two files of one size hold the same bytes if they agree in this."""
    mode: int = 0o644
    link: str = ""


@dataclass(frozen=True, slots=True)
class Recipe:
    """An image, by its measures."""

    entries: int
    """Members of all layers' tars together, exactly."""
    layers: int = 10
    sizes: Literal["real", "small"] = "real"
    """``real``: a median of 3 KB, and some of many MB. ``small``: 0 to 512 bytes."""

    @property
    def name(self) -> str:
        """A name that no other recipe has."""
        return f"{self.sizes}-{self.entries}-entries-{self.layers}-layers"

    def counts(self) -> list[int]:
        """Members of each layer."""
        weights = _REAL_WEIGHTS if self.sizes == "real" and self.layers == len(_REAL_WEIGHTS) else (1,) * self.layers
        ends = [self.entries * sum(weights[: i + 1]) // sum(weights) for i in range(self.layers)]
        return [end - start for start, end in zip([0, *ends], ends, strict=False)]


def layers(recipe: Recipe) -> Iterator[list[Item]]:
    """The members of each layer, bottom first, in the order of their names as tars of layers have them."""
    image = _Image(recipe)
    for number, count in enumerate(recipe.counts()):
        yield image.layer(number, count)


class _Image:
    """What the layers so far have left, so that the next one can take some of it away."""

    def __init__(self, recipe: Recipe) -> None:
        self._random = random.Random(recipe.name)
        self._small = recipe.sizes == "small"
        self._files: dict[str, list[Item]] = {}
        """Directory to its files that later layers may change."""
        self._directories = 0
        self._cache = ""
        """The directory that the layer before left for this one to delete."""

    def layer(self, number: int, count: int) -> list[Item]:
        """The next layer, of exactly so many members."""
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
        """Remove, overwrite and recopy files of the layers below, directory by directory."""
        start = layer.room
        there = self._random.sample(list(self._files), len(self._files))
        if len(there) > 2 * _PER_DIRECTORY:
            for file in self._files.pop(there.pop())[:_REMOVED_FILES]:
                layer.add(Item(_marker(file.name)))
            package = there.pop().rpartition("/")[0]
            layer.add(Item(_marker(package)))
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
        directory = f"{_ROOTS[number % len(_ROOTS)]}/package-{number // 64:04}/part-{number:06}"
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
    """Members by their names, up to a number."""

    def __init__(self, count: int) -> None:
        self._count = count
        self.items: dict[str, Item] = {}

    @property
    def room(self) -> int:
        """Members that are still to come."""
        return self._count - len(self.items)

    def add(self, item: Item) -> None:
        """Add a member and, where there is room, the directories it is in."""
        if self.room:
            self.items[item.name] = item
        parent = item.name.rpartition("/")[0]
        while parent and parent not in self.items and self.room:
            self.items[parent] = Item(parent, DIRECTORY, mode=0o755)
            parent = parent.rpartition("/")[0]


def _marker(path: str) -> str:
    """The whiteout of a path."""
    parent, _, name = path.rpartition("/")
    return f"{parent}/.wh.{name}"
