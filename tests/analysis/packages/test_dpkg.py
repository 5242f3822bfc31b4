"""The packages of Debian, Ubuntu and distroless images."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from explorer.analysis.packages import database_limits
from explorer.analysis.packages.dpkg import FORMAT
from explorer.analysis.packages.formats import DatabaseDamaged, Found
from tests.analysis.packages.databases import packages

_STATUS = "var/lib/dpkg/status"
_INFO = "var/lib/dpkg/info/"
_DIVERSIONS = "var/lib/dpkg/diversions"


def _stanza(
    name: str, status: str = "install ok installed", version: str = "1.0-1", architecture: str = "amd64"
) -> str:
    return f"Package: {name}\nStatus: {status}\nArchitecture: {architecture}\nVersion: {version}\n\n"


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("var/lib/dpkg/status", True),
        ("var/lib/dpkg/status.d/libc6", True),
        ("var/lib/dpkg/status.d/python3.11-minimal", True),
        ("var/lib/dpkg/status.d/libc6.md5sums", True),
        ("var/lib/dpkg/status.d/libc6.postinst", False),
        ("var/lib/dpkg/info/libc6:amd64.list", True),
        ("var/lib/dpkg/info/apt.md5sums", True),
        ("var/lib/dpkg/diversions", True),
        ("srv/chroot/var/lib/dpkg/status", True),
        ("var/lib/dpkg/status-old", False),
        ("var/lib/dpkg/available", False),
        ("var/lib/dpkg/info/apt.postinst", False),
        ("xvar/lib/dpkg/status", False),
        ("var/lib/dpkg/info/sub/apt.list", False),
    ],
)
def test_files_of_the_database(path: str, expected: bool) -> None:
    """Copies that dpkg keeps of old states, and scripts, are none."""
    assert FORMAT.matches(path) is expected


def test_a_package_owns_the_paths_of_its_list() -> None:
    """Each path is relative; the root is none of them."""
    assert packages(
        FORMAT,
        {
            _STATUS: _stanza("dash", version="1:0.5.12-2"),
            _INFO + "dash.list": "/.\n/bin\n/bin/dash\n",
            _INFO + "other.list": "/bin/other\n",
        },
    ) == [Found("dash", "1:0.5.12-2", "amd64", ("bin", "bin/dash"))]


def test_packages_of_several_architectures_have_lists_of_their_own() -> None:
    """Both have the same name; the lists have the architecture in theirs."""
    files = {
        _STATUS: _stanza("libc6") + _stanza("libc6", architecture="i386"),
        _INFO + "libc6:amd64.list": "/lib/x86_64-linux-gnu/libc.so.6\n",
        _INFO + "libc6:i386.list": "/lib/i386-linux-gnu/libc.so.6\n",
    }
    assert [(found.architecture, found.paths) for found in packages(FORMAT, files)] == [
        ("amd64", ("lib/x86_64-linux-gnu/libc.so.6",)),
        ("i386", ("lib/i386-linux-gnu/libc.so.6",)),
    ]


@pytest.mark.parametrize(
    ("status", "installed"),
    [
        ("install ok installed", True),
        ("deinstall ok installed", True),
        ("install ok half-configured", True),
        ("install ok half-installed", True),
        ("install ok unpacked", True),
        ("install ok triggers-awaited", True),
        ("install reinstreq triggers-pending", True),
        ("deinstall ok config-files", False),
        ("install ok config-files", False),
        ("purge ok not-installed", False),
        ("unknown ok not-installed", False),
    ],
)
def test_packages_whose_files_are_there_count(status: str, installed: bool) -> None:
    """The state decides, not the state that the administrator wants."""
    assert bool(packages(FORMAT, {_STATUS: _stanza("x", status)})) is installed


def test_fields_go_over_lines_and_case() -> None:
    """A line of a description is no field, and blank lines between stanzas may be several."""
    text = "\n\npackage: a\n b\nVERSION:2\nDescription: x\n Package: no\n\tVersion: 3\n\n\n\nPackage: b\nVersion: 4"
    assert packages(FORMAT, {_STATUS: text}) == [Found("a", "2"), Found("b", "4")]


def test_distroless_packages_have_a_file_each() -> None:
    """The checksums beside it list the paths, whatever its name is; no status means installed."""
    files = {
        "var/lib/dpkg/status.d/YmFzZQ": "Package: base\nVersion: 12\nArchitecture: amd64\n",
        "var/lib/dpkg/status.d/YmFzZQ.md5sums": f"{'0' * 32}  etc/debian version\n{'1' * 32}  usr/x\n",
    }
    assert packages(FORMAT, files) == [Found("base", "12", "amd64", ("etc/debian version", "usr/x"))]


def test_checksums_and_conffiles_stand_in_for_a_list() -> None:
    """Checksums leave conffiles out, so those of the status join them, with dpkg's second path for each."""
    conffiles = "Conffiles:\n /etc/a 0123\n /etc/old 0123 obsolete\n /etc/gone remove-on-upgrade\n"
    files = {
        _STATUS: f"Package: a\nStatus: install ok installed\n{conffiles}Version: 1\n",
        _INFO + "a.md5sums": f"{'0' * 32}  usr/bin/a\n",
    }
    beside = ("etc/a.dpkg-dist", "etc/old.dpkg-dist")
    assert [found.paths for found in packages(FORMAT, files)] == [("usr/bin/a", "etc/a", "etc/old", *beside)]
    files[_INFO + "a.list"] = "/etc/a\n/usr/bin/a\n/usr/bin/b\n"
    assert [found.paths for found in packages(FORMAT, files)] == [
        ("etc/a", "usr/bin/a", "usr/bin/b", "etc/old", *beside)
    ]


def test_a_diverted_file_is_at_its_other_path() -> None:
    """The package that diverts keeps the first path; what the administrator diverts moves for all."""
    files = {
        _STATUS: _stanza("dash") + _stanza("bash"),
        _INFO + "dash.list": "/bin/sh\n/bin/dash\n/bin/tool\n",
        _INFO + "bash.list": "/bin/bash\n/bin/sh\n",
        _DIVERSIONS: "/bin/sh\n/bin/sh.distrib\ndash\n/bin/tool\n/bin/tool.real\n:\n",
    }
    assert {found.name: found.paths for found in packages(FORMAT, files)} == {
        "dash": ("bin/sh", "bin/dash", "bin/tool.real"),
        "bash": ("bin/bash", "bin/sh.distrib"),
    }


def test_diversions_in_a_circle_end() -> None:
    """One diversion leads to no second one; an incomplete one, or one out of the root, has no effect."""
    files = {
        _STATUS: _stanza("x"),
        _INFO + "x.list": "/a\n/b\n/c\n/d\n",
        _DIVERSIONS: "/a\n/b\n:\n/b\n/a\n:\n/c\n..\n:\n/d\n/e",
    }
    assert [found.paths for found in packages(FORMAT, files)] == [("b", "a", "c", "d")]


def test_a_root_below_the_root_has_packages_of_its_own() -> None:
    """Their paths are below that root, and its lists and diversions are not those of the image."""
    files = {
        _STATUS: _stanza("x"),
        "srv/root/" + _STATUS: _stanza("x"),
        "srv/root/" + _INFO + "x.list": "/bin/x\n",
        _DIVERSIONS: "/bin/x\n/bin/y\n:\n",
    }
    assert [found.paths for found in packages(FORMAT, files)] == [(), ("srv/root/bin/x",)]


def test_a_package_that_is_stated_twice_counts_once() -> None:
    """The first stanza counts."""
    assert [found.version for found in packages(FORMAT, {_STATUS: _stanza("x") + _stanza("x", version="2")})] == [
        "1.0-1"
    ]


@pytest.mark.parametrize(
    ("limit", "path", "content"),
    [
        ("MAX_PACKAGES", _STATUS, _stanza("a") + _stanza("b") + _stanza("c")),
        ("MAX_PATHS", _INFO + "a.list", "/a\n/b\n/c\n"),
        ("MAX_PATHS", _DIVERSIONS, "/a\n/b\n:\n"),
        ("MAX_PATHS", _STATUS, "Package: a\nConffiles:\n a 0\n b 0\n c 0\n"),
    ],
)
def test_a_database_larger_than_any_is_damaged(
    monkeypatch: pytest.MonkeyPatch, limit: str, path: str, content: str
) -> None:
    """The limit bounds the memory."""
    monkeypatch.setattr(database_limits, limit, 2)
    with pytest.raises(DatabaseDamaged, match="more than 2 "):
        FORMAT.parse(path, content.encode())


@given(st.binary(max_size=300), st.sampled_from([_STATUS, _INFO + "a.list", _INFO + "a.md5sums", _DIVERSIONS]))
def test_any_bytes_are_read(content: bytes, path: str) -> None:
    """Names and paths are those in the file, whatever they are; no path leaves the root."""
    files = {_STATUS: b"Package: a\n", path: content}
    for found in packages(FORMAT, files):
        assert all(path and not path.startswith("/") and ".." not in path.split("/") for path in found.paths)


_NAME = st.text("abc+.", min_size=1, max_size=5)


@given(st.lists(st.tuples(_NAME, _NAME), unique_by=lambda pair: pair[0]), st.integers(0, 3))
def test_each_stanza_is_a_package(pairs: list[tuple[str, str]], blank_lines: int) -> None:
    """Names and versions come back as they were written."""
    text = "".join(_stanza(name, version=version) + "\n" * blank_lines for name, version in pairs)
    assert [(found.name, found.version) for found in packages(FORMAT, {_STATUS: text})] == pairs
