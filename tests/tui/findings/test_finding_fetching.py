"""Files of a registry: their secrets are looked for only after r."""

from __future__ import annotations

from pathlib import Path

import pytest

from explorer.layers.cache import Cache
from explorer.model import Watcher
from explorer.pipeline import Exploration, explore
from explorer.sources import open_image
from explorer.sources.request import Request
from explorer.tui.findings.finding_list import FindingList
from tests.fake_registry import FakeRegistry
from tests.images import file, gzipped, image, layer, whiteout
from tests.tui.driving import Show

_KEY = (
    b"-----BEGIN RSA PRIVATE KEY-----\n"
    + b"MIIEpAIBAAKCAQEA7bq8Vn3kPz0Xw2Rt\n" * 20
    + b"-----END RSA PRIVATE KEY-----\n"
)


@pytest.mark.end_to_end
async def test_fetching(show: Show, tmp_path: Path) -> None:
    """Practices show without the registry; r fetches the files, and then the deleted key shows."""
    cache = Cache(tmp_path / "cache")
    with FakeRegistry().running() as shop:
        layers = layer(file("app/id_rsa", _KEY)), layer(whiteout("app/id_rsa"))
        shop.add("1", image(*layers), compress=gzipped, suffix="+gzip")

        def read() -> Exploration:
            return explore(open_image(Request(shop.reference(), Watcher())), None, cache)

        assert read()
        async with show(read(), size=(300, 40)) as screen:
            await screen.loaded()
            await screen.press("F")
            listed = screen.main.query_one(FindingList)
            assert "r reads the rest" in screen.text()
            assert "Private key" not in screen.text()
            await screen.press("r")
            await screen.loaded()
            assert "r reads the rest" not in screen.text()
            assert listed.rows.first_secret == listed.cursor
            assert "0 → 1" in screen.text()
