"""The terms about packages: the same meaning among files, versions and wasted files."""

from __future__ import annotations

from pathlib import Path

import pytest

from explorer.analysis.filter.query import BadQuery, parse
from explorer.pipeline import Exploration
from explorer.report.listing import listing
from explorer.viewmodel.waste_files import WasteFiles
from tests.analysis.packages.packaged import packaged


@pytest.fixture(scope="module")
def image(tmp_path_factory: pytest.TempPathFactory) -> Exploration:
    return packaged(tmp_path_factory.mktemp("packaged"))


def listed(image: Exploration, text: str, layer: int) -> list[str]:
    """Returns the paths that pass at a layer, without those of the databases."""
    paths = [line.path for line in listing(image, layer, query=parse(text, 2))]
    return [path for path in paths if not path.startswith("var/")]


def test_files_of_a_package(image: Exploration) -> None:
    """A name or a glob of it finds the files of the package, and no directory."""
    assert listed(image, "package:make", 2) == ["usr/bin/make"]
    assert listed(image, "package:m*", 2) == ["usr/bin/make"]
    assert listed(image, "package:pkg:deb/make@4", 2) == ["usr/bin/make"]
    assert listed(image, "package:mak", 2) == []


def test_files_of_nobody(image: Exploration) -> None:
    """is:unowned finds the files that no database lists, and its opposite the others."""
    assert listed(image, "is:unowned", 2) == ["etc/hostname", "usr/share/nobodys"]
    assert listed(image, "-is:unowned", 2) == ["usr/bin/gcc", "usr/bin/make"]


def test_removed_files_belong_to_the_former_owner(image: Exploration) -> None:
    """A file that the layer removes has the owner from before."""
    assert listed(image, "package:gcc", 2) == ["usr/bin/gcc"]
    assert listed(image, "package:gcc", 1) == ["usr/bin/gcc"]


def test_versions_and_wasted_files(image: Exploration) -> None:
    """The search in all layers and the filter of the waste find the same files."""
    query = parse("package:gcc usr/bin", 2)
    assert [hit.node.path for hit in image.search.matches(query).shown] == ["usr/bin/gcc"]
    files = WasteFiles.complete(image)
    assert [files.all[index].path for index in files.matcher.indexes(query)] == ["usr/bin/gcc"]
    assert not files.matcher.indexes(parse("is:unowned usr/bin", 2))


def test_a_name_is_needed() -> None:
    """A term without a name says how to give one."""
    with pytest.raises(BadQuery, match=r"package: a name, as in package:libc6"):
        parse("package:")


def test_other_queries_read_no_databases(tmp_path: Path) -> None:
    """Only terms about packages need the databases."""
    image = packaged(tmp_path)
    assert listed(image, "is:wasted gcc", 1) == ["usr/bin/gcc"]
    assert image.known_packages is None
    assert parse("is:unowned").needs_packages
    assert not parse("is:wasted package").needs_packages
