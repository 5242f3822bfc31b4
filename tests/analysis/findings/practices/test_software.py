"""Practices of the packages above the base."""

from __future__ import annotations

from pathlib import Path

import pytest

from explorer.analysis.findings.finding import ConfigPlace, PathPlace
from tests.analysis.findings.practices.cases import base_layer, findings, ids, run, setting
from tests.images import Item, big, file, layer


def _installed(*names: str, architecture: str = "amd64") -> list[Item]:
    """Returns the database of dpkg, and a program of a megabyte for each package."""
    fields = f"Status: install ok installed\nArchitecture: {architecture}\nVersion: 1\n\n"
    items = [file("var/lib/dpkg/status", "".join(f"Package: {name}\n{fields}" for name in names).encode())]
    for name in names:
        items += [file(f"var/lib/dpkg/info/{name}.list", f"/usr/bin/{name}\n".encode()), big(f"usr/bin/{name}", 1)]
    return items


@pytest.mark.parametrize(
    ("practice", "names", "kept", "place", "megabytes"),
    [
        ("build-tools", ("gcc", "libc6-dev"), ("libc6-dev",), "usr/bin/gcc", 2),
        ("debug-tools", ("gdb", "perf", "curl"), ("curl",), "usr/bin/perf", 2),
        ("ssh-server", ("openssh-server",), ("openssh-client",), "usr/bin/openssh-server", 1),
        ("sudo-package", ("sudo",), ("sudoku",), "usr/bin/sudo", 1),
    ],
)
def test_packages(
    tmp_path: Path, practice: str, names: tuple[str, ...], kept: tuple[str, ...], place: str, megabytes: int
) -> None:
    """Packages are found with their bytes, but not those of the base."""
    found = [each for each in findings(tmp_path, [run("x")], [layer(*_installed(*names))]) if each.id == practice]
    assert [(each.place, each.bytes // 1_000_000) for each in found] == [(PathPlace(place), megabytes)]
    assert practice not in ids(findings(tmp_path, [run("x")], [layer(*_installed(*kept))]))
    assert practice not in ids(findings(tmp_path, [run("x")], base=base_layer(*_installed(*names))))


def test_the_port_of_ssh(tmp_path: Path) -> None:
    """EXPOSE 22 is found also without a known server."""
    steps = [run("x"), setting("EXPOSE map[22/tcp:{}]")]
    found = findings(tmp_path, steps, ExposedPorts={"22/tcp": {}})
    assert [each.place for each in found if each.id == "ssh-server"] == [ConfigPlace("ExposedPorts.22/tcp")]
    assert "ssh-server" not in ids(findings(tmp_path, steps[:1], ExposedPorts={"22/tcp": {}}))


@pytest.mark.parametrize(("architecture", "is_found"), [("arm64", True), ("amd64", False), ("all", False)])
def test_packages_of_another_architecture(tmp_path: Path, architecture: str, is_found: bool) -> None:
    """An image whose packages are all of another architecture is found."""
    found = findings(tmp_path, [run("x")], [layer(*_installed("a", architecture=architecture))])
    assert ("other-architecture" in ids(found)) is is_found
