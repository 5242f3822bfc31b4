from __future__ import annotations

import json
from typing import Any

import pytest

from explorer.analysis.packages import database_limits
from explorer.analysis.packages.conda import FORMAT
from explorer.analysis.packages.formats import DatabaseDamaged, Found

PATH = "opt/conda/conda-meta/zlib-1.2.11-h90dfc92_1014.json"


def zlib(**more: Any) -> bytes:
    """Returns the file of a package."""
    return json.dumps({"name": "zlib", "version": "1.2.11", "subdir": "linux-64", **more}).encode()


@pytest.mark.parametrize(
    ("path", "expected"),
    [(PATH, True), ("conda-meta/a.json", True), ("opt/conda/conda-meta/history", False), ("x/meta/a.json", False)],
)
def test_files_of_packages_are_in_conda_meta(path: str, expected: bool) -> None:
    """Each JSON file in conda-meta is one of a package."""
    assert FORMAT.matches(path) is expected


def test_a_package_owns_its_files() -> None:
    """Files are relative to the environment; the file that states the package belongs to it, too."""
    stated = FORMAT.parse(PATH, zlib(files=["lib/libz.so", "lib/libz.so", "../x", "../../../y", 3]))
    paths = (PATH, "opt/conda/lib/libz.so", "opt/x")
    assert list(FORMAT.join({PATH: stated})) == [Found("zlib", "1.2.11", "linux-64", paths)]


def test_files_that_are_no_list_are_none() -> None:
    """A value of another type costs only itself."""
    for files in (None, {"a": 1}, "a"):
        (package,) = FORMAT.parse(PATH, zlib(files=files))
        assert package.paths == (PATH,)


def test_broken_files_are_damage(monkeypatch: pytest.MonkeyPatch) -> None:
    """A file without a name, or with more paths than any package, is refused."""
    with pytest.raises(DatabaseDamaged, match="name"):
        FORMAT.parse(PATH, b"{}")
    monkeypatch.setattr(database_limits, "MAX_PATHS", 10)
    with pytest.raises(DatabaseDamaged, match="files"):
        FORMAT.parse(PATH, zlib(files=["x"] * 11))
