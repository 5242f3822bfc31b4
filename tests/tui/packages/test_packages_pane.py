"""The packages pane: keys in; rows, sums and jumps out."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from explorer.analysis.packages.package_usage import PackageUsage
from explorer.model import Watcher
from explorer.pipeline import Exploration
from explorer.tui.packages.package_columns import package_columns
from explorer.tui.packages.package_list import PackageList
from explorer.tui.packages.packages_pane import PackagesPane
from explorer.tui.widgets.column_headers import fit_columns
from explorer.viewmodel.package_rows import PackageGroup, PackageGrouping
from tests.analysis.packages.packaged import packaged
from tests.images import explored_layers
from tests.tui.driving import Screen, Show, loading


@pytest.fixture
def image(tmp_path_factory: pytest.TempPathFactory) -> Exploration:
    return packaged(tmp_path_factory.mktemp("packaged"))


def listed(screen: Screen) -> PackageList:
    return screen.main.query_one(PackageList)


@pytest.mark.end_to_end
async def test_the_rows_and_their_sum(show: Show, image: Exploration) -> None:
    """One key shows each package with layers and bytes, unowned files, and the sum of all."""
    async with show(image, size=(200, 40)) as screen:
        await screen.loaded()
        await screen.press("P")
        text = " ".join(screen.text().split())
        assert "1 package + 1 removed: 2.0 MB + unowned 1.0 MB = visible 3.0 MB wasted 3.0 MB" in text
        assert "1 → 2 deb gcc 12" in text
        assert "unowned files" in text


@pytest.mark.end_to_end
async def test_the_files_of_a_package(show: Show, image: Exploration) -> None:
    """Enter shows the files at the last layer that has the package, and Backspace comes back."""
    async with show(image) as screen:
        await screen.loaded()
        await screen.press("P", "s", "enter")
        assert (screen.main.pane, screen.main.view.query.text) == ("files", "package:gcc")
        assert screen.main.view.layer == 1
        assert "usr/bin" in " ".join(screen.names)
        await screen.press("backspace")
        assert (screen.main.pane, screen.main.view.query.text) == ("packages", "")
        await screen.press("down", "enter")
        assert screen.main.view.query.text == "is:unowned"


@pytest.mark.end_to_end
async def test_a_package_shows_its_largest_files_first(show: Show, image: Exploration) -> None:
    """Enter selects the first row of the files, even if another file was selected before."""
    async with show(image, size=(120, 30)) as screen:
        await screen.loaded()
        await screen.press("f", "G", "P", "G", "up", "enter")
        assert screen.main.view.query.text == "is:unowned"
        assert screen.files.cursor == 0


@pytest.mark.end_to_end
async def test_groups_and_filter(show: Show, image: Exploration) -> None:
    """b groups, Enter unfolds, and the filter leaves rows out until Escape."""
    async with show(image) as screen:
        await screen.loaded()
        await screen.press("P", "b")
        assert listed(screen).view.grouping is PackageGrouping.KIND
        assert listed(screen).count == 2
        await screen.press("enter")
        assert listed(screen).count == 4
        await screen.press("b", "b", "b", "slash", *"gcc")
        assert listed(screen).count == 1
        assert "1 package" in screen.text()
        await screen.press("escape")
        assert listed(screen).count == 3


@pytest.mark.end_to_end
async def test_a_filter_counts_wasted_bytes(show: Show, image: Exploration) -> None:
    """With a filter, the sum has the wasted bytes, which are all that removed packages have."""
    async with show(image, size=(120, 36)) as screen:
        await screen.loaded()
        await screen.press("P", "slash", *"is:removed", "enter")
        assert "1 package: 0 B visible, 3.0 MB wasted" in screen.text()


def test_columns_are_as_narrow_as_they_can_be(image: Exploration) -> None:
    """Layers and kinds take only the cells that they need, so the name has the rest."""
    columns = listed_columns(image.packages.usages)
    assert (columns["layer"], columns["kind"]) == (6, 4)
    usage = image.packages.usages[0]
    late = replace(usage, package=replace(usage.package, kind="golang", installed_in=9, removed_in=120))
    columns = listed_columns([*image.packages.usages, late])
    assert (columns["layer"], columns["kind"]) == (9, 6)


def listed_columns(usages: Sequence[PackageUsage]) -> dict[str, int]:
    """The cells of each column in a wide list."""
    return fit_columns(package_columns(usages, has_arrows=False), 100).cells


@pytest.mark.end_to_end
async def test_the_bottom_line_keeps_the_name(show: Show, image: Exploration) -> None:
    """In 80 columns the line below the panes begins with the name of the kind or package."""
    async with show(image, size=(80, 24)) as screen:
        await screen.loaded()
        await screen.press("P", "s")
        assert screen.text().splitlines()[-2].startswith(" gcc 12 (deb)   installed by layer 1, removed by layer 2")
        await screen.press("b", "b", "b")
        await screen.settled()
        selected = listed(screen).selected
        assert isinstance(selected, PackageGroup)
        assert screen.text().splitlines()[-2].startswith(f" {selected.name}")


@pytest.mark.end_to_end
async def test_kinds_of_files(show: Show, image: Exploration) -> None:
    """After the groups, b shows all files by what they are; words filter them, and no row can be opened."""
    async with show(image, size=(200, 40)) as screen:
        await screen.loaded()
        await screen.press("P", "b", "b", "b")
        await screen.settled()
        assert listed(screen).view.grouping is PackageGrouping.FILE_KIND
        assert sum(row.item.bytes for row in listed(screen).rows.rows) == image.usage.visible_bytes
        assert sum(row.item.wasted_bytes for row in listed(screen).rows.rows) == image.usage.wasted_bytes
        assert "package records and logs" in screen.text()
        assert "kind of file" in screen.text()
        await screen.press("slash", *"records")
        assert listed(screen).count == 1
        assert "1 kind" in screen.text()
        await screen.press(*"xyz")
        assert "No kind of files matches" in screen.text()
        await screen.press("escape", "b")
        assert listed(screen).count == 3


@pytest.mark.end_to_end
async def test_kinds_of_files_have_a_filter_of_their_own(show: Show, image: Exploration) -> None:
    """A filter of packages waits while the kinds of files show, and comes back with the packages."""
    async with show(image, size=(200, 40)) as screen:
        await screen.loaded()
        await screen.press("P", "slash", *"layer:1", "enter", "b", "b", "b")
        await screen.settled()
        assert listed(screen).count > 1
        assert "layer:1" not in screen.text()
        await screen.press("slash", *"records", "enter", "b")
        assert "layer:1" in screen.text()
        assert listed(screen).view.query.text == "layer:1"


@pytest.mark.end_to_end
async def test_the_files_of_a_kind(show: Show, image: Exploration) -> None:
    """Enter on a kind shows its files, and on a kind that is only wasted the waste; Backspace comes back."""
    async with show(image, size=(200, 40)) as screen:
        await screen.loaded()
        await screen.press("P", "b", "b", "b")
        await screen.settled()
        for index, row in enumerate(listed(screen).rows.rows):
            item = row.item
            listed(screen).cursor = index
            await screen.press("enter")
            assert screen.main.pane == ("files" if item.files else "waste")
            query = screen.main.view.query if item.files else screen.main.view.waste.query
            assert query.text.startswith("kind:")
            assert "no match" not in screen.text()
            await screen.press("backspace")
            assert screen.main.pane == "packages"
            assert listed(screen).selected == item


@pytest.mark.end_to_end
async def test_no_rows_and_back(show: Show, image: Exploration) -> None:
    """Rows that come back have headers that fit, and the list still has the focus."""
    async with show(image) as screen:
        await screen.loaded()
        await screen.press("P", "b", "b", "b")
        await screen.settled()
        headers = next(line for line in screen.text().splitlines() if "kind of file" in line)
        await screen.press("slash", *"xyz", "enter")
        assert "No kind of files matches" in screen.text()
        assert screen.main.focused is listed(screen)
        await screen.press("escape")
        assert headers in screen.text().splitlines()
        assert screen.main.focused is listed(screen)


@pytest.mark.end_to_end
async def test_a_row_keeps_its_cursor(show: Show, image: Exploration) -> None:
    """A filter that still has the selected package keeps it selected."""
    async with show(image) as screen:
        await screen.loaded()
        await screen.press("P", "G", "slash", *"gcc", "enter")
        selected = listed(screen).selected
        assert selected is image.packages.usages[1] or selected in image.packages.usages


@pytest.mark.end_to_end
async def test_copying(show: Show, image: Exploration, monkeypatch: pytest.MonkeyPatch) -> None:
    """y copies the package URL; on unowned files it says that there is none."""
    async with show(image) as screen:
        await screen.loaded()
        await screen.press("P", "y")
        assert screen.app.clipboard == "pkg:deb/make@4?arch=amd64"
        await screen.press("down", "y")
        assert "No package is selected." in screen.said


@pytest.mark.end_to_end
async def test_waiting(show: Show, image: Exploration, monkeypatch: pytest.MonkeyPatch) -> None:
    """Until the databases are read the pane says so, the filter waits, and everything else works."""
    go_on, read = threading.Event(), Exploration.read_packages

    def read_later(self: Exploration, watcher: Watcher, *, fetches: bool) -> object:
        go_on.wait(10)
        return read(self, watcher, fetches=fetches)

    monkeypatch.setattr(Exploration, "read_packages", read_later)
    async with show(loading(image)) as screen:
        while screen.main.exploration is None:
            await screen.settled()
        await screen.press("P")
        assert "Reading package databases…" in screen.text()
        await screen.press("enter")
        await screen.press("f", "slash", *"is:unowned")
        assert "The package databases are not read yet." in screen.text()
        await screen.press("escape", "w", "b", "b", "b")
        assert "Reading package databases…" in screen.text()
        await screen.press("f", "slash", *"is:unowned")
        go_on.set()
        await screen.loaded()
        assert "The package databases are not read yet." not in screen.text()
        assert screen.main.view.query.text == "is:unowned"
        await screen.press("escape", "P")
        assert listed(screen).count == 3


@pytest.mark.end_to_end
@pytest.mark.parametrize(("keys", "first"), [(["P"], "packages"), (["f"], "savings")])
async def test_the_packages_are_read_first_where_they_show(
    show: Show, image: Exploration, monkeypatch: pytest.MonkeyPatch, keys: list[str], first: str
) -> None:
    """Their pane does not wait for the verdict, and the verdict waits only for their pane."""
    go_on, read = threading.Event(), Exploration.read_packages
    known: list[bool] = []

    def load(watcher: Watcher, platform: str | None) -> Exploration:
        watcher.image_opened(image.image)
        go_on.wait(10)
        return image

    def read_packages(self: Exploration, watcher: Watcher, *, fetches: bool) -> object:
        known.append("savings" in self.__dict__)
        return read(self, watcher, fetches=fetches)

    monkeypatch.setattr(Exploration, "read_packages", read_packages)
    async with show(load) as screen:
        while screen.main.shown.image is None:
            await screen.settled()
        await screen.press(*keys)
        go_on.set()
        await screen.loaded()
        # The findings ask for the packages once more.
        assert known[0] is (first == "savings")
        assert image.savings is not None
        assert listed(screen).packages is not None


@pytest.mark.end_to_end
async def test_failing(show: Show, image: Exploration, monkeypatch: pytest.MonkeyPatch) -> None:
    """An error while the databases are read stands in the pane, in words."""

    def fail(self: Exploration, watcher: Watcher, *, fetches: bool) -> object:
        raise OSError("the disk is gone")

    monkeypatch.setattr(Exploration, "read_packages", fail)
    async with show(image) as screen:
        await screen.loaded()
        await screen.press("P")
        assert "The package databases cannot be read: the disk is gone" in " ".join(screen.text().split())


@pytest.mark.end_to_end
async def test_no_packages(show: Show, sample: Exploration) -> None:
    """An image without databases says so."""
    async with show(sample) as screen:
        await screen.loaded()
        await screen.press("P")
        assert "No layer has a package database." in screen.text()
        await screen.press("b", "b", "b")
        await screen.settled()
        assert sum(row.item.bytes for row in listed(screen).rows.rows) == sample.usage.visible_bytes


@pytest.mark.end_to_end
@pytest.mark.parametrize("size", [(30, 8), (50, 12), (80, 24), (200, 60)])
async def test_sizes(show: Show, image: Exploration, size: tuple[int, int]) -> None:
    """The first row shows in any terminal."""
    async with show(image, size=size) as screen:
        await screen.loaded()
        await screen.press("P")
        assert screen.main.query_one(PackagesPane).display
        assert "make" in screen.text()


@pytest.mark.end_to_end
async def test_no_layers(show: Show, tmp_path: Path) -> None:
    """In an image without layers, the ways to unowned files and to disposable files find nothing."""
    async with show(explored_layers(tmp_path)) as screen:
        await screen.loaded()
        for keys in (("P", "enter"), ("D",)):
            await screen.press(*keys)
            assert screen.main.view.layer == 0
