"""The rows of the layers, without a terminal."""

from __future__ import annotations

from explorer.model import HistoryStep
from explorer.viewmodel.layer_rows import LayerRow, row_command


def test_tools_without_a_dockerfile() -> None:
    """The command of a tool shows with the comment, which differs between its layers."""
    jib = HistoryStep("jib-maven-plugin:3.4.0", comment="dependencies")
    assert row_command(LayerRow(0, jib)) == "jib-maven-plugin:3.4.0: dependencies"
    assert row_command(LayerRow(0, HistoryStep("RUN /bin/sh -c make", comment="buildkit.dockerfile.v0"))) == "RUN make"
    assert row_command(LayerRow(0, None)) == "(no command recorded)"
