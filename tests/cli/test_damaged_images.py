"""Damaged images on the command line: the output, the error, the exit code, and ``--allow-damaged``."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from tests.cli.running import run
from tests.images import docker_archive, file, image, layer


@pytest.fixture
def damaged(tmp_path: Path) -> str:
    """A damaged archive, whose first layer is whole."""
    broken = layer(file("b"), file("c"))[:512] + b"x" * 512
    path = tmp_path / "damaged.tar"
    path.write_bytes(docker_archive(image(layer(file("a")), broken)))
    return str(path)


COMMANDS = [
    ["report"],
    ["report", "--format", "markdown"],
    ["report", "--format", "json"],
    ["ls"],
    ["ls", "--format", "json"],
    ["check"],
    ["check", "--format", "markdown"],
    ["check", "--format", "json"],
    ["check", "--format", "junit"],
    ["check", "--format", "github"],
]


@pytest.mark.end_to_end
@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_damage_ends_with_3(damaged: str, command: list[str]) -> None:
    """Every format is complete and has the damage, ``ls`` excepted; then the command is an error and ends with 3."""
    done = run(*command, damaged)
    assert done.exit_code == 3
    assert f"{damaged} is damaged: layer 1: only the members before" in done.stderr
    assert "--allow-damaged" in done.stderr
    assert ("only the members before the damage" in done.stdout) == (command[0] != "ls")
    assert "b" in done.stdout
    if "json" in command and command[0] != "ls":
        document = json.loads(done.stdout)
        assert document["image"]["damage"][0].startswith("layer 1: only the members before")


@pytest.mark.end_to_end
@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_damage_that_is_allowed(damaged: str, command: list[str]) -> None:
    """With ``--allow-damaged`` the output has the damage all the same, and the exit code is 0."""
    done = run(*command, "--allow-damaged", damaged)
    assert (done.exit_code, done.stderr) == (0, "")
    assert ("only the members before the damage" in done.stdout) == (command[0] != "ls")


@pytest.mark.end_to_end
def test_a_rule_that_fails_on_a_damaged_image(damaged: str) -> None:
    """Damage counts more than a rule that fails; if it is allowed, the rule decides."""
    rule = ["check", "--highest-wasted-bytes", "off", "--forbidden-paths", "/a", damaged]
    assert run(*rule).exit_code == 3
    assert run(*rule, "--allow-damaged").exit_code == 1


@pytest.mark.end_to_end
def test_a_damaged_baseline_is_refused(damaged: str, tmp_path: Path) -> None:
    """A damaged image is no baseline, because its figures may be wrong."""
    whole = tmp_path / "whole.tar"
    whole.write_bytes(docker_archive(image(layer(file("a")))))
    done = run("check", str(whole), "--baseline", damaged)
    assert done.exit_code == 2
    assert "is damaged" in done.stderr


@pytest.mark.parametrize("command", [[], ["explore"]], ids=["implied", "explore"])
def test_the_screen_has_no_option_for_damage(damaged: str, command: list[str]) -> None:
    """The screen shows damage without an option, so ``--allow-damaged`` is wrong usage there."""
    done = run(*command, "--allow-damaged", damaged)
    assert done.exit_code == 2
    assert "--allow-damaged" in done.stderr
    assert "--allow-damaged" not in run(*command, "--help").stdout


def test_several_reasons_for_damage(tmp_path: Path) -> None:
    """The error names the first reason and counts the others."""
    broken = layer(file("b"), file("c"))[:512] + b"x" * 512
    path = tmp_path / "damaged.tar"
    path.write_bytes(docker_archive(image(broken, broken[:-1] + b"y")))
    message = run("report", str(path)).stderr.splitlines()[0]
    assert message.startswith(f"layer-explorer: {path} is damaged: layer 0: ")
    assert re.search(r"; and \d more$", message)
