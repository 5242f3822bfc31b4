"""The packages of two images on the screen."""

from __future__ import annotations

import pytest

from explorer.pipeline import Exploration
from explorer.tui.compare.package_changes import PackageChangeList
from tests.images import explored_layers, file, layer
from tests.tui.compare.comparing import loading_pair, showing

Pair = tuple[Exploration, Exploration]


@pytest.fixture(scope="module")
def packaged(tmp_path_factory: pytest.TempPathFactory) -> Pair:
    """Two images with two packages that grow, the second of them more, and a file without a package."""
    return _packaged(tmp_path_factory, 1), _packaged(tmp_path_factory, 2)


def _packaged(factory: pytest.TempPathFactory, edition: int) -> Exploration:
    names = ("abc", "xyz")
    status = "\n".join(
        f"Package: {name}\nStatus: install ok installed\nVersion: {edition}\nArchitecture: all\n" for name in names
    )
    lists = [file(f"var/lib/dpkg/info/{name}.list", f"/usr/bin/{name}\n".encode()) for name in names]
    programs = [file(f"usr/bin/{name}", bytes(edition * size)) for name, size in zip(names, (100, 900), strict=True)]
    made = layer(file("var/lib/dpkg/status", status.encode()), *lists, *programs, file("srv/own", bytes(edition)))
    return explored_layers(factory.mktemp("packaged"), made)


async def test_packages_are_sorted(packaged: Pair) -> None:
    """The largest growth is first; a key sorts by name, and another one reverses the order."""
    async with showing(loading_pair(*packaged)) as screen:
        listed = screen.compared.query_one(PackageChangeList)
        await screen.press("P")
        orders = [[each.name for each in listed.changes]]
        for key in ("s", "S"):
            await screen.press(key)
            orders.append([each.name for each in listed.changes])
        assert orders == [["xyz", "abc"], ["abc", "xyz"], ["xyz", "abc"]]


@pytest.mark.end_to_end
async def test_enter_shows_the_files_of_a_package(packaged: Pair) -> None:
    """Enter on a package shows its files that differ."""
    async with showing(loading_pair(*packaged)) as screen:
        await screen.press("P", "enter")
        assert screen.compared.pane == "files"
        assert screen.names[-1] == "xyz"
        assert "abc" not in screen.names


@pytest.mark.end_to_end
async def test_unowned_files(packaged: Pair) -> None:
    """A key shows the files without a package, and the pane names it."""
    async with showing(loading_pair(*packaged)) as screen:
        await screen.press("P")
        assert "unowned +1 B (u)" in screen.text()
        await screen.press("u")
        assert "own" in screen.names
        assert "xyz" not in screen.names


@pytest.mark.end_to_end
async def test_the_help_of_other_panes_has_no_keys_for_files(packaged: Pair) -> None:
    """The help of the settings lists no keys that work in the files only."""
    async with showing(loading_pair(*packaged), (120, 60)) as screen:
        await screen.press("i", "question_mark")
        assert "Settings that differ" in screen.text()
        assert "Show the differences" not in screen.text()
