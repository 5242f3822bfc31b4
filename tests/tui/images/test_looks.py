"""The look of the list of images, as a picture."""

from __future__ import annotations

from functools import partial

import pytest

from explorer.pipeline import Exploration
from explorer.tui.app import ExplorerApp
from explorer.tui.images.image_access import ImageAccess
from explorer.tui.images.screen import ImagesScreen
from tests.tui.compare.comparing import loading_pair
from tests.tui.driving import loading
from tests.tui.images.test_screen import CATALOG
from tests.tui.test_looks import Compare, pressing


@pytest.mark.end_to_end
@pytest.mark.painted
def test_images(snap_compare: Compare, sample: Exploration) -> None:
    """Two images are marked, and the line below says what removing them frees."""
    load = loading(sample)
    access = ImageAccess(
        lambda: CATALOG, lambda _: [CATALOG], lambda _: load, lambda *_: loading_pair(sample, sample), lambda *_: 0
    )
    app = ExplorerApp(partial(ImagesScreen, access))
    app.animation_level = "none"
    assert snap_compare(app, terminal_size=(120, 24), run_before=pressing("space", "down", "space"))
