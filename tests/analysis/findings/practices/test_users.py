"""Practices of the accounts in an image."""

from __future__ import annotations

from pathlib import Path

import pytest

from explorer.analysis.findings.finding import ConfigPlace, PathPlace
from tests.analysis.findings.practices.cases import findings, ids, run
from tests.analysis.findings.secrets.made_secrets import TOKEN
from tests.images import file, layer

_ROOT = "root:x:0:0::/:/bin/sh\n"


@pytest.mark.parametrize(
    ("practice", "added", "kept"),
    [
        ("second-root", "toor:x:0:0::/:/bin/sh\n", "app:x:10:0::/:/bin/sh\n"),
        ("shared-uid", "a:x:5:0::/:/bin/sh\nb:x:5:0::/:/bin/sh\n", "a:x:5:0::/:/bin/sh\nb:x:6:0::/:/bin/sh\n"),
        ("empty-password", "app::5:0::/:/bin/sh\n", "app:*:5:0::/:/bin/sh\n"),
    ],
)
def test_accounts(tmp_path: Path, practice: str, added: str, kept: str) -> None:
    """Accounts that a layer adds are found, those of the base are not."""
    passwd = layer(file("etc/passwd", f"{_ROOT}{added}".encode()))
    found = [each for each in findings(tmp_path, [run("x")], [passwd]) if each.id == practice]
    assert [(each.place, each.layer) for each in found] == [(PathPlace("etc/passwd"), 1)]
    assert practice not in ids(findings(tmp_path, [run("x")], [layer(file("etc/passwd", f"{_ROOT}{kept}".encode()))]))
    assert practice not in ids(findings(tmp_path, [run("x")], base=passwd))


def test_an_empty_password_in_shadow(tmp_path: Path) -> None:
    """An empty password in /etc/shadow is found there; a locked one is not."""
    for password, places in (("", [PathPlace("etc/shadow")]), ("!", []), ("*", [])):
        shadow = layer(file("etc/shadow", f"root:{password}:19000:0:99999:7:::\n".encode()))
        found = findings(tmp_path, [run("x")], [shadow])
        assert [each.place for each in found if each.id == "empty-password"] == places


@pytest.mark.parametrize(("user", "is_found"), [("app", True), ("app:app", True), ("root", False), ("1000", False)])
def test_a_user_that_does_not_exist(tmp_path: Path, user: str, is_found: bool) -> None:
    """USER is found if it names a user that /etc/passwd does not have."""
    found = findings(tmp_path, [run("x")], User=user)
    assert [each.place for each in found if each.id == "unknown-user"] == [ConfigPlace("User")] * is_found


def test_files_of_an_unknown_user(tmp_path: Path) -> None:
    """A file whose UID no user has is found, unless the container runs with this number."""
    content = [layer(file("srv/a", b"x", uid=4242))]
    found = findings(tmp_path, [run("x")], content)
    assert [each.place for each in found if each.id == "unknown-owner"] == [PathPlace("srv/a")]
    assert "unknown-owner" not in ids(findings(tmp_path, [run("x")], content, User="4242:0"))


def test_a_name_that_is_a_secret_is_masked(tmp_path: Path) -> None:
    """A token that is a name in /etc/passwd shows in no verdict."""
    passwd = layer(file("etc/passwd", f"{_ROOT}{TOKEN}:x:0:0::/:/bin/sh\n".encode()))
    (found,) = [each for each in findings(tmp_path, [run("x")], [passwd]) if each.id == "second-root"]
    assert found.why == "The user `ghp_****` has the UID 0."
