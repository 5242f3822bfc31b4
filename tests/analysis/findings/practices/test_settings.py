"""Practices of the settings that a container starts with."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from explorer.analysis.findings.finding import ConfigPlace, Severity, StepPlace
from explorer.model import Watcher
from tests.analysis.findings.practices.cases import findings, ids, run, setting
from tests.images import explored_layers, file, layer


@pytest.mark.parametrize(("user", "is_found"), [("", True), ("root:root", True), ("0", True), ("1000", False)])
def test_a_container_that_runs_as_root_is_found(tmp_path: Path, user: str, is_found: bool) -> None:
    """USER is missing, or names root."""
    exploration = explored_layers(tmp_path, layer(file("a")), config={"User": user})
    found = [finding.id for finding in exploration.read_findings(Watcher()).findings]
    assert ("root-user" in found) is is_found


_SHELL_FORM = ["/bin/sh", "-c", "serve --port 80"]


@pytest.mark.parametrize(
    ("practice", "steps", "config", "kept"),
    [
        ("no-healthcheck", (), {"Healthcheck": None}, {"Healthcheck": {"Test": ["NONE"]}}),
        ("no-labels", (), {"Labels": {}}, {"Labels": {"version": "1"}}),
        ("no-labels", (), {"Labels": {"io.buildah.version": "1"}}, {"Labels": {"io.buildah.version": "1", "a": "b"}}),
        ("shell-form-entrypoint", ("ENTRYPOINT [x]",), {"Entrypoint": _SHELL_FORM}, {"Entrypoint": ["serve"]}),
        ("shell-form-cmd", ("CMD [x]",), {"Cmd": _SHELL_FORM}, {"Cmd": ["/bin/sh", "-c", "exec serve"]}),
        ("shell-form-cmd", ("CMD [x]",), {"Cmd": _SHELL_FORM}, {"Cmd": _SHELL_FORM, "Entrypoint": ["tini"]}),
        ("development-mode", ("ENV NODE_ENV=x",), {"Env": ["NODE_ENV=development"]}, {"Env": ["NODE_ENV=production"]}),
        ("build-only-variable", ("ENV DEBIAN_FRONTEND=x",), {"Env": ["DEBIAN_FRONTEND=x"]}, {"Env": ["LANG=C"]}),
        (
            "unverified-tls",
            ("ENV NODE_TLS_REJECT_UNAUTHORIZED=0",),
            {"Env": ["NODE_TLS_REJECT_UNAUTHORIZED=0"]},
            {"Env": ["NODE_TLS_REJECT_UNAUTHORIZED=1"]},
        ),
        ("relative-search-path", ("ENV PATH=x",), {"Env": ["PATH=/bin:node_modules/.bin"]}, {"Env": ["PATH=/bin"]}),
        ("kill-signal", ("STOPSIGNAL 9",), {"StopSignal": "9"}, {"StopSignal": "SIGTERM"}),
        ("system-volume", ("VOLUME [/etc]",), {"Volumes": {"/etc": {}}}, {"Volumes": {"/etc/app": {}}}),
    ],
)
def test_settings(
    tmp_path: Path, practice: str, steps: tuple[str, ...], config: dict[str, Any], kept: dict[str, Any]
) -> None:
    """A setting that breaks a practice is found, one that keeps it is not."""
    history = [run("make"), *map(setting, steps)]
    assert practice in ids(findings(tmp_path, history, **config))
    assert practice not in ids(findings(tmp_path, history, **kept))


@pytest.mark.parametrize("practice", ["shell-form-cmd", "development-mode", "kill-signal", "system-volume"])
def test_settings_of_the_base(tmp_path: Path, practice: str) -> None:
    """A setting that no step above the base changes is the base's."""
    config: dict[str, Any] = {
        "Cmd": _SHELL_FORM,
        "Env": ["NODE_ENV=dev"],
        "StopSignal": "KILL",
        "Volumes": {"/etc": {}},
    }
    assert practice not in ids(findings(tmp_path, [run("make")], **config))


def test_an_image_that_is_only_a_base(tmp_path: Path) -> None:
    """Nothing is reported of an image without steps of its own."""
    assert findings(tmp_path, User="", Labels={}, Healthcheck=None) == []


def test_a_health_check_that_the_format_lost(tmp_path: Path) -> None:
    """A HEALTHCHECK of the history that the image does not have is found, with its step."""
    steps = [run("make"), setting("HEALTHCHECK CMD true")]
    (found,) = [each for each in findings(tmp_path, steps, Healthcheck=None) if each.id == "no-healthcheck"]
    assert (found.place, found.severity) == (StepPlace(2), Severity.LOW)
    assert "--format docker" in found.do


def test_the_place_of_a_setting(tmp_path: Path) -> None:
    """A variable is named in the place of its finding; the command of a shell is not shown."""
    steps = [run("make"), setting("ENV NODE_ENV=dev"), setting('CMD ["/bin/sh" "-c" "serve --key=hunter2"]')]
    found = findings(tmp_path, steps, Env=["NODE_ENV=dev"], Cmd=["/bin/sh", "-c", "serve --key=hunter2"])
    assert [each.place for each in found if each.id == "development-mode"] == [ConfigPlace("Env.NODE_ENV")]
    assert [each.place for each in found if each.id == "shell-form-cmd"] == [StepPlace(3)]
    assert not any("hunter2" in each.why + each.do + each.title for each in found)


def test_windows_has_no_root(tmp_path: Path) -> None:
    """An image of Windows without USER does not run as root."""
    exploration = explored_layers(tmp_path, layer(file("a")), os="windows", config={})
    assert "root-user" not in ids(exploration.read_findings(Watcher()).findings)
