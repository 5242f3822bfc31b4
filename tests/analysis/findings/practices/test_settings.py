"""Practices of the settings that a container starts with."""

from __future__ import annotations

from pathlib import Path

import pytest

from explorer.model import Watcher
from tests.images import explored_layers, file, layer


@pytest.mark.parametrize(("user", "is_found"), [("", True), ("root:root", True), ("0", True), ("1000", False)])
def test_a_container_that_runs_as_root_is_found(tmp_path: Path, user: str, is_found: bool) -> None:
    """USER is missing, or names root."""
    exploration = explored_layers(tmp_path, layer(file("a")), config={"User": user})
    ids = [finding.id for finding in exploration.read_findings(Watcher()).findings]
    assert ("root-user" in ids) is is_found
