"""The list of packages in distroless images of Azure Linux."""

from __future__ import annotations

import pytest

from explorer.analysis.packages import database_limits
from explorer.analysis.packages.formats import DatabaseDamaged, Found
from explorer.analysis.packages.rpm import FORMAT
from tests.analysis.packages.databases import packages

_PLACE = "var/lib/rpmmanifest/container-manifest-2"
_LIBC = "glibc\t2.35-1.cm2\t1653816591\t1653628955\tMicrosoft Corporation\t(none)\t10855265\tx86_64\t0\tglibc.src.rpm"
_OPENSSL = "openssl\t1.1.1k-15.cm2\t1653816591\t1653628955\tMicrosoft Corporation\t1\t1\tx86_64\t1\topenssl.src.rpm"


def test_each_line_is_a_package() -> None:
    """Versions are as rpm prints them; the list has no files."""
    assert packages(FORMAT, {_PLACE: f"{_LIBC}\n{_OPENSSL}\n"}) == [
        Found("glibc", "2.35-1.cm2", "x86_64"),
        Found("openssl", "1:1.1.1k-15.cm2", "x86_64"),
    ]
    assert packages(FORMAT, {_PLACE: ""}) == []


@pytest.mark.parametrize("line", ["glibc 2.35", _LIBC.removeprefix("glibc"), _LIBC.rpartition("\t")[0]])
def test_other_lines_are_damage(line: str) -> None:
    """The packages before them are kept."""
    with pytest.raises(DatabaseDamaged, match="10 fields") as error:
        FORMAT.parse(_PLACE, f"{_LIBC}\n{line}\n".encode())
    assert [found.name for found in error.value.packages] == ["glibc"]


def test_a_list_longer_than_any_is_damaged(monkeypatch: pytest.MonkeyPatch) -> None:
    """The limit bounds the memory."""
    monkeypatch.setattr(database_limits, "MAX_PACKAGES", 2)
    with pytest.raises(DatabaseDamaged, match="more than 2 packages"):
        FORMAT.parse(_PLACE, f"{_LIBC}\n{_LIBC}\n{_LIBC}\n".encode())
