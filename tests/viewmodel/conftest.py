"""The image that the tests of the view model share."""

from __future__ import annotations

from pathlib import Path

import pytest

from explorer.pipeline import Exploration
from tests.images import explored_layers, file, layer, whiteout


@pytest.fixture
def explored(tmp_path: Path) -> Exploration:
    """Two layers that add, change, remove and keep files."""
    return explored_layers(
        tmp_path,
        layer(
            file("etc/kept", b"12345"), file("etc/changed", b"1"), file("etc/gone", b"123"), file("opt/a", b"1" * 50)
        ),
        layer(file("etc/changed", b"22"), whiteout("etc/gone"), file("new/deep/er/file", b"1" * 70)),
    )
