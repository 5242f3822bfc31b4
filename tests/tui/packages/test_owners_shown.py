"""The owner of the selected path, and the packages in the waste."""

from __future__ import annotations

from pathlib import Path

import pytest

from explorer.pipeline import Exploration
from explorer.viewmodel.waste_groups import Group
from explorer.viewmodel.waste_packages import package_title
from explorer.viewmodel.waste_view import Grouping
from tests.analysis.packages.made_databases import dpkg_list, dpkg_status
from tests.analysis.packages.packaged import packaged
from tests.images import big, docker_archive, explored, image, layer, whiteout
from tests.tui.driving import Show


@pytest.fixture
def compilers(tmp_path: Path) -> Exploration:
    """An image whose cleanup removes three packages too late."""
    names = ("binutils", "cpp", "gcc")
    history = [{"created_by": "RUN apt-get install -y gcc"}, {"created_by": "RUN apt-get remove -y gcc"}]
    installed = layer(
        dpkg_status(dict.fromkeys((*names, "make"), "12")),
        *(dpkg_list(name, [f"/usr/bin/{name}"]) for name in names),
        *(big(f"usr/bin/{name}", number) for number, name in enumerate(names[::-1], 1)),
        big("opt/nobodys", 2),
    )
    whiteouts = [whiteout(path) for name in names for path in (f"usr/bin/{name}", f"var/lib/dpkg/info/{name}.list")]
    removed = layer(dpkg_status({"make": "12"}), *whiteouts, whiteout("opt/nobodys"))
    path = tmp_path / "image.tar"
    path.write_bytes(docker_archive(image(installed, removed, history=history)))
    return explored(path)


@pytest.mark.end_to_end
async def test_the_owner_of_a_path(show: Show, tmp_path: Path) -> None:
    """The bottom line says which package owns the selected file, or that nobody does."""
    async with show(packaged(tmp_path), size=(140, 30)) as screen:
        await screen.loaded()
        await screen.press("2", "f", "slash", *"usr/bin/make", "enter", "G")
        assert "make 4 (deb)" in screen.text().splitlines()[-2]
        await screen.press("slash", *"hostname", "enter", "G")
        assert "unowned" in screen.text().splitlines()[-2]
        await screen.press("slash", *"usr/bin/gcc", "enter", "G")
        assert "gcc 12 (deb)" in screen.text().splitlines()[-2]


@pytest.mark.end_to_end
async def test_no_owner_without_packages(show: Show, sample: Exploration) -> None:
    """An image without package databases says nothing about owners."""
    async with show(sample, size=(140, 30)) as screen:
        await screen.loaded()
        await screen.press("f", "G")
        assert "unowned" not in screen.text()


@pytest.mark.end_to_end
async def test_waste_by_package(show: Show, compilers: Exploration) -> None:
    """Waste by package has a row for each package, and one for all unowned files; the bottom line names it."""
    async with show(compilers, size=(200, 50)) as screen:
        await screen.loaded()
        await screen.press("w", "b", "b", "b", "E")
        assert screen.waste.view.grouping is Grouping.PACKAGE
        rows = [row.item for row in screen.waste.rows.rows]
        assert all(isinstance(row, Group) for row in rows)
        titles = [package_title(row.packages or ()) for row in rows if isinstance(row, Group)]
        assert sorted(titles) == ["binutils 12", "cpp 12", "gcc 12", "unowned files"]
        assert [row.bytes for row in rows if row] == sorted((row.bytes for row in rows if row), reverse=True)
        assert "  package" in screen.text()
        await screen.press("g")
        bottom = screen.text().splitlines()[-2]
        assert "binutils 12" in bottom
        # The command names it, so it comes first although it is the smallest.
        assert "gcc and 2 more packages: 6.0 MB, 75 % of the waste" in bottom
        await screen.press("enter", "down")
        assert "/usr/bin/binutils" in screen.text()
        assert "binutils 12 (deb)" in screen.text().splitlines()[-2]


@pytest.mark.end_to_end
async def test_a_fix_names_its_packages(show: Show, compilers: Exploration) -> None:
    """The fix that removes packages has their names in its row and in its box."""
    async with show(compilers, size=(240, 50)) as screen:
        await screen.loaded()
        await screen.press("w")
        text = screen.text()
        assert "not in layer 1: gcc, binutils and 1 more" in text
        assert "Packages: gcc, binutils and 1 more." in text


@pytest.mark.end_to_end
async def test_waste_of_a_package(show: Show, compilers: Exploration) -> None:
    """The filter of the waste has the terms about packages."""
    async with show(compilers, size=(200, 50)) as screen:
        await screen.loaded()
        await screen.press("w", "slash", *"package:cpp", "enter")
        assert len(screen.waste.waste_tree.top.members) == 2
        await screen.press("slash", *"is:unowned", "enter")
        assert "nobodys" in screen.text()
