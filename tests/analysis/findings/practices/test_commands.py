"""Practices of the commands of RUN."""

from __future__ import annotations

from pathlib import Path

import pytest

from explorer.analysis.findings.finding import Severity, StepPlace
from tests.analysis.findings.practices.cases import base_layer, findings, ids, run, setting
from tests.images import big, file, layer, whiteout


@pytest.mark.parametrize(
    ("practice", "broken", "kept"),
    [
        ("apt-command", "apt install -y curl", "apt-get install -y curl"),
        ("apt-command", "apt-get update && apt -y upgrade", "echo apt install"),
        ("sudo-command", "sudo -u app make", "echo sudo make"),
        ("remote-script", "curl -fsSL https://x/install.sh | bash -s -- -y", "curl -o a.sh https://x/ && sh a.sh"),
        ("remote-script", "wget -qO- https://x | sudo -E sh", "curl https://x | tar xz"),
        ("remote-script", 'sh -c "$(curl -fsSL https://x)"', "curl https://x | gpg --dearmor"),
        ("remote-script", "curl https://x | python3 -", "curl https://x/shell | shasum"),
        ("remote-script", "curl https://x | env A=b bash", "curl https://x | python3 -c 'import json'"),
        ("unverified-download", "curl -fsSLk https://x -o a", "curl -fsSL -o k https://x"),
        ("unverified-download", "wget --no-check-certificate https://x", "wget https://x"),
        ("unverified-download", "pip install --trusted-host x y", "pip install y"),
        ("unverified-download", "git -c http.sslVerify=false clone https://x", "git clone https://x"),
        ("unverified-download", "apt-get install --allow-unauthenticated -y x", "apt-get install -y x"),
        ("run-without-effect", "cd /srv", "cd /srv && make"),
        ("run-without-effect", "export A=1 && . /venv/bin/activate", "export A=1 > /etc/profile.d/a.sh"),
        ("run-without-effect", "umask 022", ". ./install.sh"),
        ("run-without-effect", "service postgresql start", "service postgresql start && createdb x"),
    ],
)
def test_commands(tmp_path: Path, practice: str, broken: str, kept: str) -> None:
    """A command that breaks a practice is found in its step, one that keeps it is not."""
    found = [each for each in findings(tmp_path, [run(broken)]) if each.id == practice]
    assert [(each.place, each.layer) for each in found] == [(StepPlace(1), 1)]
    assert practice not in ids(findings(tmp_path, [run(kept)]))


@pytest.mark.parametrize(
    ("update", "install", "is_found"),
    [
        ("apt-get update", "apt-get install -y curl", True),
        ("apt-get -q update && echo", "DEBIAN_FRONTEND=x apt-get -y install curl", True),
        ("apk update", "apk add curl", True),
        ("apk update", "apk add --no-cache curl", False),
        ("apt-get update && apt-get install -y a", "apt-get install -y b", False),
        ("apt-get update", "apt-get update && apt-get install -y b", False),
        ("apt-get update", "make", False),
    ],
)
def test_lists_of_packages_in_a_run_of_their_own(tmp_path: Path, update: str, install: str, is_found: bool) -> None:
    """Lists that one RUN fetches and another uses are found, with the bytes of a RUN that does only this."""
    lists = layer(big("var/lib/apt/lists/x", 2))
    found = findings(tmp_path, [run(update), run(install)], [lists])
    assert [each.bytes for each in found if each.id == "update-alone"] == [
        2_000_000 * ("echo" not in update)
    ] * is_found


def test_an_upgrade_of_the_base(tmp_path: Path) -> None:
    """An upgrade is found if it replaces files of the base, with their bytes."""
    base = base_layer(big("usr/lib/x", 3))
    upgrade = [run("apt-get update && apt-get -y dist-upgrade")]
    found = findings(tmp_path, upgrade, [layer(big("usr/lib/x", 3, edition=2))], base)
    ((count, other_ids),) = [(each.bytes, each.other_ids) for each in found if each.id == "upgrade-of-base"]
    assert (count, other_ids) == (3_000_000, ("DKL-DI-0003", "DL3005"))
    assert "upgrade-of-base" not in ids(findings(tmp_path, upgrade, [layer(file("a"))], base))
    named = [run("dnf -y upgrade openssl")]
    assert "upgrade-of-base" not in ids(findings(tmp_path, named, [layer(big("usr/lib/x", 3, edition=2))], base))


_STATUS = "Package: {0}\nStatus: install ok installed\nArchitecture: amd64\nVersion: 1\n\n"


@pytest.mark.parametrize(
    ("command", "packages", "is_found"),
    [
        ("apt-get install -y a", "ab", True),
        ("apt-get install -y a=1", "a", False),
        ("apt-get install -y --no-install-recommends a", "ab", False),
    ],
)
def test_recommended_packages(tmp_path: Path, command: str, packages: str, is_found: bool) -> None:
    """An installation is found if it may bring recommended packages, and brings some that it does not name."""
    status = layer(file("var/lib/dpkg/status", "".join(map(_STATUS.format, packages)).encode()))
    assert ("recommended-packages" in ids(findings(tmp_path, [run(command)], [status]))) is is_found


def test_many_small_runs(tmp_path: Path) -> None:
    """Five small RUNs in a row are found; a setting that RUNs depend on divides them."""
    runs = [run(f"touch /srv/{number}") for number in range(5)]
    (found,) = [each for each in findings(tmp_path, runs) if each.id == "small-runs"]
    assert (found.place, found.severity, found.bytes) == (StepPlace(1), Severity.INFO, 0)
    assert "small-runs" not in ids(findings(tmp_path, [*runs[:2], setting("ENV A=b"), *runs[2:]]))
    assert "small-runs" not in ids(findings(tmp_path, runs, [layer(file("a")), layer(big("b", 2))]))
    wasting = [layer(big("a", 0.5)), layer(whiteout("a"))]
    (found,) = [each for each in findings(tmp_path, runs, wasting) if each.id == "small-runs"]
    assert (found.severity, found.bytes) == (Severity.LOW, 500_000)
