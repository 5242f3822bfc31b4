"""Indexing hostile layers: small tars that must not take much work."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import pytest

from explorer.errors import UnreadableLayer
from explorer.layers import hard_links, layer_builder, path_resolver
from explorer.layers.problems import Problems
from explorer.model import Entry
from tests.images import Item, directory, file, hardlink, index_layer, indexed, layer, opaque, ranged, symlink, whiteout
from tests.steps import count_steps

TWICE = 2.3
"""The most that twice the input may cost."""


def steps_to_index(items: Sequence[Item]) -> int:
    """Returns the steps of indexing a layer."""
    contents = ranged(layer(*items))
    return count_steps(lambda: index_layer(contents, "layer 0"))


@pytest.mark.parametrize(
    "name",
    ["{deep}/{number}", "{deep}/{number}/f", "{deep}/.wh.{number}", "{deep}/.wh..wh.{number}"],
    ids=["files", "directories", "whiteouts", "whiteouts of hidden names"],
)
def test_many_names_in_a_deep_directory(name: str) -> None:
    """Twice the names, twice as deep, take twice the steps: their number is not multiplied by the depth."""

    def steps(depth: int) -> int:
        deep = "/".join("d" * depth)
        return steps_to_index([file(name.format(deep=deep, number=number)) for number in range(depth // 2)])

    assert steps(400) < TWICE * steps(200)


def test_a_deep_directory_may_have_many_whiteouts(monkeypatch: pytest.MonkeyPatch) -> None:
    """A thousand whiteouts in one deep directory need no more than a few times the work of one."""
    deep = "/".join("d" * 1000)
    monkeypatch.setattr(path_resolver, "_MAX_RESOLVED_CHARS", 5_000_000)
    assert len(indexed(layer(*(whiteout(f"{deep}/{number}") for number in range(1000)))).whiteouts) == 1000


@pytest.mark.parametrize("chain", ["./" * 1000, "/" * 2000, "x/../" * 500], ids=["dots", "slashes", "parents"])
@pytest.mark.parametrize(
    "below",
    [
        lambda number: file(f"link/{number}/f"),
        lambda number: hardlink(f"{number}", "link/x"),
        lambda number: whiteout(f"link/{number}/x"),
        lambda number: opaque(f"link/{number}"),
    ],
    ids=["files", "hard links", "whiteouts", "opaque directories"],
)
def test_components_of_link_targets_are_counted(
    chain: str, below: Callable[[int], Item], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each component of a link's target counts, also if it leads nowhere; too many end the reading."""
    components = chain.count("/") * 20
    monkeypatch.setattr(path_resolver, "_MAX_RESOLVED_CHARS", components * path_resolver._COMPONENT_CHARS)
    items = [symlink("link", f"{chain}t"), directory("t"), file("t/x"), *(below(number) for number in range(100))]
    contents = ranged(layer(*items))

    def read() -> None:
        with pytest.raises(UnreadableLayer, match="too deep, or lead through too many symbolic links"):
            index_layer(contents, "layer 0")

    assert count_steps(read) < 12 * components


class _Names(dict[str, None]):
    """A dictionary that counts the slots that iterations pass, also those of removed keys, as Python's own does."""

    passed = 0

    def __init__(self, names: dict[str, None]) -> None:
        super().__init__(names)
        self.slots = list(names)

    def __setitem__(self, name: str, value: None) -> None:
        if name not in self:
            self.slots.append(name)
        super().__setitem__(name, value)

    def __iter__(self) -> Iterator[str]:
        for name in self.slots:
            _Names.passed += 1
            if name in self:
                yield name


class _NamesOfInode(dict[int, dict[str, None]]):
    def setdefault(self, inode: int, default: dict[str, None] | None = None) -> dict[str, None]:
        if inode not in self:
            self[inode] = _Names(default or {})
        return self[inode]


class _CountingLinks(hard_links.HardLinks):
    """Hard links that count how many names of inodes they look at."""

    def __init__(self, entries: dict[str, Entry], problems: Problems) -> None:
        super().__init__(entries, problems)
        self._names_of_inode = _NamesOfInode()


def test_hard_links_that_are_replaced_in_order(monkeypatch: pytest.MonkeyPatch) -> None:
    """Twice the hard links, of which a later file replaces each, take twice the looks at an inode's names."""
    monkeypatch.setattr(layer_builder, "HardLinks", _CountingLinks)

    def items(number: int) -> list[Item]:
        links = [hardlink(f"{each}", "0") for each in range(1, number)]
        return [file("0", b"x"), *links, hardlink("kept", "0"), *(file(f"{each}") for each in range(number))]

    def names_passed(number: int) -> int:
        _Names.passed = 0
        index = indexed(layer(*items(number)))
        assert [entry.path for entry in index.entries if entry.size] == ["kept"]
        return _Names.passed

    assert names_passed(400) < TWICE * names_passed(200)
    assert steps_to_index(items(400)) < TWICE * steps_to_index(items(200))
