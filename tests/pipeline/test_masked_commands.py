"""Explorations whose commands have no secrets."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from explorer.gate.judge import judge
from explorer.gate.rules import RawSetting, resolve_rules
from explorer.pipeline.masked_commands import with_masked_commands
from explorer.report.check import Check
from explorer.report.check.formats import FORMATS
from explorer.report.page import Page
from tests.images import explored_layers, file, layer, whiteout

if TYPE_CHECKING:
    from pathlib import Path

    from explorer.pipeline import Exploration

TOKEN = "ghp_" + "ogyjey4XVnHrkgn5ZYXltMT02fLPFlDf51Hs"


@pytest.fixture
def exploration(tmp_path: Path) -> Exploration:
    """An image whose steps have a token, and whose third step deletes a file of the second."""
    steps = (f"curl -u x:{TOKEN} https://a", "touch b", f"rm /a # {TOKEN}")
    layers = layer(file("a", b"a" * 5000)), layer(file("b", b"b")), layer(whiteout("a"))
    return explored_layers(tmp_path, *layers, history=[{"created_by": f"RUN {step}"} for step in steps])


@pytest.mark.parametrize("name", FORMATS)
def test_no_format_shows_a_secret_of_a_command(exploration: Exploration, name: str) -> None:
    """No list of layers and no line of a fix has a secret, nor a part of one; the figures stay."""
    limits = {"highest-layer-bytes": "0", "lowest-efficiency": "100%", "most-layers": "1"}
    rules = resolve_rules({key: RawSetting(value, "--option") for key, value in limits.items()})

    def text(shown: Exploration) -> str:
        judgement = judge(shown.tree, shown.usage, tuple, rules, None, None)
        return FORMATS[name](Check(shown, rules, judgement), Page())

    assert TOKEN[4:14] in text(exploration)
    masked = text(with_masked_commands(exploration))
    assert TOKEN[4:14] not in masked
    assert "ghp_****" in masked


def test_without_secrets_it_is_the_same(tmp_path: Path) -> None:
    """If no command has a secret, nothing is made again."""
    plain = explored_layers(tmp_path, layer(file("a")), history=[{"created_by": "RUN x"}])
    assert with_masked_commands(plain) is plain
