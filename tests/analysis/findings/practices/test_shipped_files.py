"""Practices of bytes that the image ships without need."""

from __future__ import annotations

from pathlib import Path

import pytest

from explorer.analysis.findings.finding import PathPlace, Severity
from tests.analysis.findings.practices.cases import base_layer, findings, ids, run
from tests.images import big, file, layer, whiteout

_REPOSITORY = "version-control"


@pytest.mark.parametrize(
    ("practice", "path", "kept"),
    [
        ("package-lists", "var/lib/apt/lists/x_Packages", "srv/lists/x_Packages"),
        ("package-cache", "root/.cache/pip/http/a", "srv/pip/http/a"),
        ("package-cache", "var/cache/apk/APKINDEX.tar.gz", "srv/APKINDEX.tar.gz"),
        ("documentation", "usr/share/doc/x/changelog", "srv/doc/changelog"),
        ("package-tests", "usr/lib/python3/dist-packages/x/tests/a.py", "srv/x/a.py"),
        ("temporary-files", "tmp/build.o", "srv/build.o"),
        ("crash-dump", "srv/core.123", "srv/core.js"),
        ("version-control", "srv/.git/objects/pack", "srv/.gitignore"),
    ],
)
def test_files_without_need(tmp_path: Path, practice: str, path: str, kept: str) -> None:
    """Files that are not needed are found with their bytes, but not those of the base."""
    found = [each for each in findings(tmp_path, [run("make")], [layer(big(path, 2))]) if each.id == practice]
    assert [(each.place, each.bytes, each.layer) for each in found] == [(PathPlace(path), 2_000_000, 1)]
    assert practice not in ids(findings(tmp_path, [run("make")], [layer(big(kept, 2))]))
    assert practice not in ids(findings(tmp_path, [run("make")], base=base_layer(big(path, 2))))


def test_a_repository_with_commits_is_severe(tmp_path: Path) -> None:
    """Its objects hold files that were deleted. The layer that brings it is to blame, not one that ships it again."""
    config, made = file("app/.git/config", b"[core]"), file(f"app/.git/objects/ab/{'c' * 38}", b"commit")
    steps, again = [run("git clone x"), run("chmod -R a+w /app")], file(made.name, b"commit", mode=0o666)
    (found,) = [each for each in findings(tmp_path, steps, [layer(config), layer(config)]) if each.id == _REPOSITORY]
    assert (found.severity, found.layer) == (Severity.MEDIUM, 1)
    layers = [layer(config, made), layer(again)]
    (found,) = [each for each in findings(tmp_path, steps, layers) if each.id == _REPOSITORY]
    assert (found.severity, found.layer) == (Severity.HIGH, 1)
    assert "Layer 2 ships them again. Whoever has the image can read all commits, with files that" in found.why


def test_a_late_cleanup(tmp_path: Path) -> None:
    """A step that deletes files of an earlier step is found with their bytes, but not for files of the base."""
    steps = [run("make"), run("rm -rf /srv/a /srv/b")]
    late = layer(whiteout("srv/a"), whiteout("srv/b"))
    found = findings(tmp_path, steps, [layer(big("srv/a", 12), big("srv/b", 1)), late])
    (each,) = [each for each in found if each.id == "late-cleanup"]
    assert (each.place, each.bytes, each.layer, each.hidden_in) == (PathPlace("srv/a"), 13_000_000, 1, 2)
    assert each.severity is Severity.MEDIUM
    base = base_layer(big("srv/a", 12), big("srv/b", 1))
    assert "late-cleanup" not in ids(findings(tmp_path, steps, [layer(file("x")), late], base))
    small = layer(file("srv/a", b"a"), file("srv/b", b"b"))
    assert "late-cleanup" not in ids(findings(tmp_path, steps, [small, late]))


def test_files_that_are_shipped_again(tmp_path: Path) -> None:
    """A step that ships the same contents again is found, and files of the base count."""
    base = base_layer(big("srv/a", 1), big("var/lib/dpkg/status-old", 1))
    again = layer(big("srv/a", 1, mode=0o600), big("var/lib/dpkg/status-old", 1, mode=0o600))
    found = findings(tmp_path, [run("chmod 600 /srv/a")], [again], base)
    (each,) = [each for each in found if each.id == "shipped-again"]
    assert (each.place, each.bytes, each.layer, each.hidden_in) == (PathPlace("srv/a"), 1_000_000, 1, None)
    assert "changes the mode" in each.why
    other = layer(big("srv/a", 1, edition=2))
    assert "shipped-again" not in ids(findings(tmp_path, [run("chmod 600 /srv/a")], [other], base))
