"""The image that the tests of the filter share."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.images import device, directory, explored_layers, fifo, file, hardlink, layer, symlink, whiteout

if TYPE_CHECKING:
    from pathlib import Path

    from explorer.pipeline import Exploration


@pytest.fixture
def explored(tmp_path: Path) -> Exploration:
    """Three layers with an entry of each kind."""
    return explored_layers(
        tmp_path,
        layer(
            file("usr/lib/libz.so", b"1" * 2000),
            file("usr/lib/deep/er/libz.a", b"1" * 300),
            file("usr/lib/a.a", b"1"),
            file("usr/bin/Tool", b"1" * 20),
            symlink("usr/bin/link", "Tool"),
            hardlink("usr/bin/hard", "usr/bin/Tool"),
            device("dev/null", 1, 3),
            fifo("run/pipe"),
            file("etc/gone.conf", b"123"),
            file("etc/kept.conf", b"4"),
        ),
        layer(whiteout("etc/gone.conf"), file("usr/lib/a.a", b"22")),
        layer(directory("opt/usr/lib"), file("opt/usr/lib/my file", b"5")),
    )
