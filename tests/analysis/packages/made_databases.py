"""Makes package databases for tests."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from tests.images import Item, file


def dpkg_status(packages: Mapping[str, str]) -> Item:
    """Returns the status file of dpkg: name to version."""
    stanzas = (
        f"Package: {name}\nStatus: install ok installed\nArchitecture: amd64\nVersion: {version}\n"
        for name, version in packages.items()
    )
    return file("var/lib/dpkg/status", "\n".join(stanzas).encode())


def dpkg_list(package: str, paths: Iterable[str]) -> Item:
    """Returns the list of a package's paths, which are absolute."""
    return file(f"var/lib/dpkg/info/{package}.list", "".join(f"{path}\n" for path in paths).encode())
