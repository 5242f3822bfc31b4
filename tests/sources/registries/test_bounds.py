"""Registries that nest indexes without end, refuse parts of blobs, or are behind a proxy."""

from __future__ import annotations

import json

import pytest

from explorer.errors import RegistryError, UnreadableImage
from tests.fake_registry import INDEX, NAME, Answer, FakeRegistry
from tests.images import digest
from tests.sources.registries.samples import failure, shipped_bytes


def index_of(*documents: bytes) -> bytes:
    """Returns an index of other indexes."""
    manifests = [{"mediaType": INDEX, "digest": digest(each), "size": len(each)} for each in documents]
    return json.dumps({"schemaVersion": 2, "mediaType": INDEX, "manifests": manifests}).encode()


def test_nested_indexes_have_a_limit(shop: FakeRegistry) -> None:
    """An index with many indexes is an error after a hundred requests."""
    nested = [json.dumps({"manifests": [], "number": number}).encode() for number in range(300)]
    for document in nested:
        shop.put("nested", document)
    shop.put("1", index_of(*nested))
    failure(shop.reference(), "nests more than 100 indexes", UnreadableImage)
    assert len(shop.asked()) <= 102


def test_the_depth_of_indexes_has_a_limit(shop: FakeRegistry) -> None:
    """Indexes deep within each other are an error after a few requests."""
    document = b'{"manifests": []}'
    for _ in range(20):
        shop.put("1", document := index_of(document))
    failure(shop.reference(), "or deeper than 8", UnreadableImage)
    assert len(shop.asked()) <= 10


def test_a_registry_that_refuses_a_part(held: FakeRegistry) -> None:
    """A registry that answers a request for the rest of a blob with 416 is asked for the whole blob."""
    name = json.loads(held.manifests["1"])["layers"][0]["digest"]
    content = held.blobs[name]
    held.answers = [
        Answer(f"/blobs/{name}", 200, content[:1000], {"Content-Length": str(len(content)), "Connection": "close"}, 1),
        Answer(f"/blobs/{name}", 416, times=1),
    ]
    assert shipped_bytes(held.reference()) == 600_000
    assert len(held.asked(name)) == 3


@pytest.mark.parametrize("proxy", ["socks5://127.0.0.1:1", "http://:80"])
def test_a_proxy_that_cannot_be_used(monkeypatch: pytest.MonkeyPatch, proxy: str) -> None:
    """A proxy of an unknown kind is named as the reason, not the registry's address."""
    monkeypatch.setenv("HTTPS_PROXY", proxy)
    error = failure(f"registry://nowhere.example/{NAME}", "the address of the proxy cannot be used", RegistryError)
    assert "HTTPS_PROXY" in error.hint
