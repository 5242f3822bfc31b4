from __future__ import annotations

import pytest

from explorer.analysis.packages.formats import DatabaseDamaged, Found
from explorer.analysis.packages.npm import FORMAT


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("app/node_modules/ms/package.json", True),
        ("node_modules/ms/package.json", True),
        ("app/node_modules/@babel/core/package.json", True),
        ("app/node_modules/a/node_modules/ms/package.json", True),
        ("app/node_modules/.pnpm/ms@2.1.3/node_modules/ms/package.json", True),
        ("usr/share/nodejs/ms/package.json", True),
        ("opt/yarn-v1.22.22/package.json", True),
        ("opt/yarn-v1.22.22/lib/package.json", False),
        ("app/package.json", False),
        ("app/node_modules/package.json", False),
        ("app/node_modules/@babel/package.json", False),
        ("app/node_modules/.cache/package.json", False),
        ("app/node_modules/next/dist/compiled/ms/package.json", False),
        ("app/not_node_modules/ms/package.json", False),
    ],
)
def test_packages_are_directly_in_node_modules(path: str, expected: bool) -> None:
    """An application is no package, nor is a part of one; yarn's own archive is."""
    assert FORMAT.matches(path) is expected


def test_a_package_owns_its_directory() -> None:
    """A package has the name with its scope, and all that is in its directory."""
    path = "app/node_modules/@babel/core/package.json"
    files = {path: FORMAT.parse(path, b'{"name": "@babel/core", "version": "7.26.0", "dependencies": {"ms": "2"}}')}
    assert list(FORMAT.join(files)) == [Found("core", "7.26.0", "", ("app/node_modules/@babel/core/",), "@babel")]


def test_one_without_a_name_is_no_package() -> None:
    """A directory without a name, or with one that is no text, is part of an application."""
    for content in (b'{"type": "module"}', b'{"name": ["x"]}', b'{"name": " "}'):
        assert FORMAT.parse("node_modules/x/package.json", content) == ()


def test_a_version_that_is_no_text_is_none() -> None:
    """A package without a usable version is still a package."""
    (package,) = FORMAT.parse("node_modules/x/package.json", b'{"name": "x", "version": 1}')
    assert (package.name, package.version) == ("x", "")


def test_a_broken_file_is_damage() -> None:
    """A package.json that is no JSON is told."""
    with pytest.raises(DatabaseDamaged, match="JSON"):
        FORMAT.parse("node_modules/x/package.json", b"<<<<<<< HEAD")
