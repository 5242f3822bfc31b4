"""Package databases of a registry: r fetches them, also after an attempt that failed."""

from __future__ import annotations

from pathlib import Path

import pytest

from explorer.layers.cache import Cache
from explorer.model import Watcher
from explorer.pipeline import Exploration, explore
from explorer.sources import open_image
from explorer.sources.request import Request
from explorer.tui.packages.package_list import PackageList
from tests.analysis.packages.made_databases import dpkg_list, dpkg_status
from tests.fake_registry import Answer, FakeRegistry
from tests.images import explored_layers, file, gzipped, image, layer
from tests.tui.driving import Show

DATABASE = dpkg_status({"bash": "5"}), dpkg_list("bash", ["/bin/bash"]), file("bin/bash", b"bash")
LAYER = layer(*DATABASE)


@pytest.mark.end_to_end
async def test_fetching(show: Show, tmp_path: Path) -> None:
    """Before r no file counts as unowned, and r can be pressed again after a failure."""
    cache = Cache(tmp_path / "cache")
    with FakeRegistry().running() as shop:
        shop.add("1", image(LAYER), compress=gzipped, suffix="+gzip")

        def read() -> Exploration:
            return explore(open_image(Request(shop.reference(), Watcher())), None, cache)

        assert read()
        async with show(read(), size=(300, 40)) as screen:
            await screen.loaded()
            await screen.press("P")
            rows = screen.main.query_one(PackageList)
            assert rows.count == 0
            assert "Press r to fetch them." in " ".join(screen.text().split())
            shop.answers.append(Answer("/blobs/", 404))
            await screen.press("r")
            await screen.loaded()
            text = " ".join(screen.text().split())
            assert "layer 0: the files of its packages cannot be read: " in text
            assert "Press r to fetch them." in text
            assert "r Fetch" in text
            shop.answers.clear()
            await screen.press("r")
            await screen.loaded()
            assert rows.count == 2
            assert "r Fetch" not in screen.text()


@pytest.mark.end_to_end
async def test_databases_that_cannot_be_read(show: Show, tmp_path: Path) -> None:
    """The sum says which layer may have more packages."""
    broken = explored_layers(tmp_path, layer(*DATABASE, file("srv/node_modules/x/package.json", b"{")))
    async with show(broken) as screen:
        await screen.loaded()
        await screen.press("P")
        assert "layer 0 incomplete   1 package" in screen.text()
