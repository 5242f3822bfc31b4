"""Images in registries whose layers have tables of contents: only the tables are fetched."""

from __future__ import annotations

import random
import tracemalloc
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from explorer.errors import Cancelled, RegistryError, Stalled, UnreadableLayer
from explorer.layers.cache import Cache
from explorer.layers.tables import table_layer
from explorer.layers.tables.places import TableFormat
from explorer.model import Cause
from explorer.pipeline import Exploration, explore
from explorer.sources import interruptible
from explorer.sources.interruptible import Transfer
from explorer.sources.registries.client import Repository
from explorer.sources.registries.retry import RetryBudget
from tests.fake_registry import NAME, Answer, FakeRegistry
from tests.images import Watching, content_of, digest, explored, file, layer, opened
from tests.sources.registries.samples import SECRET, auth, failure
from tests.tables import ESTARGZ, ZSTD_CHUNKED, packed, table_files

NOISE = random.Random(7).randbytes(200_000)
LOW = layer(file("noise", NOISE), file("small", b"small"), file("same", b"same" * 99))
TOP = layer(file("more", NOISE[::-1]), file("same", b"same" * 99, mode=0o600))


@pytest.fixture(params=[ESTARGZ, ZSTD_CHUNKED])
def tabled(shop: FakeRegistry, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> FakeRegistry:
    """A running registry with an image of two layers that have tables."""
    monkeypatch.setattr(table_layer, "_TAIL_BYTES", 64)
    shop.add_files("1", table_files([packed(LOW, request.param), packed(TOP, request.param)]))
    return shop


def listed(exploration: Exploration) -> list[bool]:
    return [index.is_from_table for index in exploration.tree.layers]


def test_only_tables_are_fetched(tabled: FakeRegistry) -> None:
    """Each layer takes one or two requests for a part of its blob, and copies are found by digest."""
    exploration = explored(tabled.reference())
    asked = [request for request in tabled.heard if "Range" in request.headers]
    assert listed(exploration) == [True, True]
    assert len(asked) in (2, 4)
    assert len(tabled.asked("blobs/")) == len(asked) + 1
    assert {waste.path: waste.cause for waste in exploration.usage.wasted}["same"] is Cause.RECOPIED
    assert exploration.image.source == f"registry {tabled.address}, from the table of contents"


def test_a_file_is_fetched_alone(tabled: FakeRegistry) -> None:
    """Looking into a file fetches its range."""
    exploration = explored(tabled.reference())
    tabled.heard.clear()
    index = exploration.tree.layers[0]
    assert content_of(exploration.image.layers[0].contents, index, index.entries[1]) == b"small"
    (request,) = tabled.heard
    start, _, end = request.headers["Range"].removeprefix("bytes=").partition("-")
    assert int(end) - int(start) < 1000


def test_full_reads_all(tabled: FakeRegistry) -> None:
    """With --full the blobs are downloaded and verified, and the figures are the same."""
    full, tables = explored(tabled.reference(), reads_all=True), explored(tabled.reference())
    assert listed(full) == [False, False]
    assert full.usage == tables.usage


def test_a_registry_without_ranges_gives_whole_layers(tabled: FakeRegistry) -> None:
    """A registry that only has whole blobs is no problem of the image."""
    tabled.ranges = False
    watcher = Watching()
    exploration = explore(opened(tabled.reference()), watcher)
    assert listed(exploration) == [False, False]
    assert not any(index.problems for index in exploration.tree.layers)
    assert not [step for step in watcher.steps if step.total is not None and step.done > step.total]


def test_a_broken_connection_is_resumed(tabled: FakeRegistry) -> None:
    """A part whose connection breaks goes on where it ended."""
    tabled.cut, tabled.cuts = 50, 3
    assert listed(explored(tabled.reference())) == [True, True]


def test_a_registry_that_fails_is_an_error(tabled: FakeRegistry) -> None:
    """A registry that sends nothing is no reason to ask it for more."""
    tabled.cut = 0
    failure(tabled.reference(), "stopped sending")


def test_a_file_needs_ranges_later_too(tabled: FakeRegistry) -> None:
    """If the registry no longer gives parts, the error says how to go on."""
    exploration = explored(tabled.reference())
    tabled.ranges = False
    index = exploration.tree.layers[0]
    with pytest.raises(UnreadableLayer, match="layer 0 cannot be read in parts") as caught:
        content_of(exploration.image.layers[0].contents, index, index.entries[1])
    assert "--full" in caught.value.hint


def test_parts_that_stay_too_short_are_no_parts(tabled: FakeRegistry) -> None:
    """A registry that ends each part after a few bytes gives whole layers, and for a file the error names --full."""
    exploration = explored(tabled.reference())
    tabled.part_bytes = 2
    assert listed(explored(tabled.reference())) == [False, False]
    index = exploration.tree.layers[0]
    with pytest.raises(UnreadableLayer, match=r"cannot be read in parts: .* ends after 10 bytes") as caught:
        content_of(exploration.image.layers[0].contents, index, index.entries[0])
    assert "--full" in caught.value.hint


def test_a_part_is_in_memory_once(shop: FakeRegistry) -> None:
    """Fetching a part takes no more memory than its bytes and the room that a growing buffer has."""
    name = digest(large := bytes(16 << 20))
    shop.blobs[name] = large
    repository = Repository(shop.address, shop.address, NAME, plain=True)
    tracemalloc.start()
    try:
        part = repository.blob_range(name, 1, len(large) - 1, "layer 0", RetryBudget(Transfer()))
        peak_bytes = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert part == large[1:]
    assert peak_bytes < 1.5 * len(large)


def test_fetching_a_file_can_be_cancelled(tabled: FakeRegistry) -> None:
    """An exception of the progress callback ends a slow fetch."""
    exploration = explored(tabled.reference())
    tabled.pause, tabled.piece = 0.2, 1000

    def cancel(_: int) -> None:
        raise Cancelled("enough")

    index = exploration.tree.layers[0]
    ((_, pieces),) = exploration.image.layers[0].contents.read(index, [index.entries[0]], cancel)
    with pytest.raises(Cancelled):
        b"".join(pieces)


@pytest.mark.parametrize("form", [ESTARGZ, ZSTD_CHUNKED])
def test_a_blob_that_is_not_the_manifests_is_an_error(shop: FakeRegistry, form: TableFormat) -> None:
    """If neither the table nor the blob has its digest, the layer cannot be read."""
    files = table_files([packed(LOW, form)])
    shop.add_files("1", files)
    largest = max(shop.blobs, key=lambda name: len(shop.blobs[name]))
    shop.blobs[largest] = shop.blobs[largest][:-60] + bytes(60)
    if form is ESTARGZ:
        failure(shop.reference(), "layer 0 cannot be read")
    else:
        # Its table is before these bytes.
        assert listed(explored(shop.reference())) == [True]


# Redirects and drips


@pytest.fixture
def elsewhere(tabled: FakeRegistry) -> Iterator[FakeRegistry]:
    """Another server, to which the registry redirects for its blobs."""
    with FakeRegistry(blobs=tabled.blobs).running() as running:
        target = f"http://{running.address}/v2/{NAME}/blobs"
        tabled.answers = [
            Answer(f"/blobs/{name}", 307, headers={"Location": f"{target}/{name}"}) for name in tabled.blobs
        ]
        yield running


@pytest.mark.parametrize("bearer", [False, True])
def test_parts_from_another_host_need_no_credentials(
    tabled: FakeRegistry, elsewhere: FakeRegistry, log_in: Callable[..., None], bearer: bool
) -> None:
    """The host of the blobs gets the range and neither the login nor the token, for tables and for files."""
    tabled.bearer, tabled.login = bearer, ("me", SECRET)
    log_in(auths={tabled.address: auth(), elsewhere.address: auth()})
    exploration = explored(tabled.reference())
    assert listed(exploration) == [True, True]
    index = exploration.tree.layers[0]
    assert content_of(exploration.image.layers[0].contents, index, index.entries[1]) == b"small"
    parts = [request for request in elsewhere.heard if "Range" in request.headers]
    assert len(parts) == len(elsewhere.heard) - 1
    assert {request.authorization for request in elsewhere.heard} == {""}


@pytest.mark.parametrize("location", ["http://192.0.2.1/", "file:///etc/passwd", "ftp://127.0.0.1/", "data:,x"])
def test_parts_are_not_fetched_without_tls(tabled: FakeRegistry, location: str) -> None:
    """A part that is said to be in a file, or on another machine without TLS, is not read from there."""
    exploration = explored(tabled.reference())
    tabled.answers = [Answer("/blobs/", 307, headers={"Location": location})]
    index = exploration.tree.layers[0]
    with pytest.raises(RegistryError, match=r"redirects to .* without TLS"):
        content_of(exploration.image.layers[0].contents, index, index.entries[0])
    failure(tabled.reference(), "redirects to .* without TLS", RegistryError)


def test_a_registry_with_tls_does_not_redirect_to_plain_http() -> None:
    """A registry that is reached by TLS sends nobody to plain HTTP, not even to this machine."""
    repository = Repository("shop.example", "shop.example", NAME, plain=False)
    with pytest.raises(RegistryError, match="without TLS"):
        repository._redirect_target("https://shop.example/v2/x", "http://127.0.0.1/x")


def test_a_part_that_drips(tabled: FakeRegistry, monkeypatch: pytest.MonkeyPatch) -> None:
    """A registry that sends a part byte by byte is given up, for tables and for files."""
    exploration = explored(tabled.reference())
    monkeypatch.setattr(interruptible, "MAX_STALL_SECONDS", 0.1)
    tabled.piece, tabled.pause = 1, 0.02
    index = exploration.tree.layers[0]
    with pytest.raises(Stalled, match="has sent next to nothing"):
        content_of(exploration.image.layers[0].contents, index, index.entries[0])
    failure(tabled.reference(), "has sent next to nothing", Stalled)


# The cache


def test_a_second_look_needs_no_table(tabled: FakeRegistry, tmp_path: Path) -> None:
    """An index from a table is kept under the table's digest; a file is then found by the table."""
    cache = Cache(tmp_path / "cache")
    first = explore(opened(tabled.reference()), cache=cache)
    names = [path.name for path in (tmp_path / "cache").rglob("*.*") if path.is_file()]
    assert len(names) == 2
    assert all(name.endswith(".toc") for name in names)
    tabled.heard.clear()
    again = explore(opened(tabled.reference()), cache=cache)
    assert not [request for request in tabled.heard if "Range" in request.headers]
    assert (again.usage, listed(again)) == (first.usage, [True, True])
    index = again.tree.layers[0]
    assert content_of(again.image.layers[0].contents, index, index.entries[1]) == b"small"


def test_a_full_index_is_preferred(tabled: FakeRegistry, tmp_path: Path) -> None:
    """A layer that was read in full and verified is not listed from its table again."""
    cache = Cache(tmp_path / "cache")
    explore(opened(tabled.reference(), reads_all=True), cache=cache)
    assert listed(explore(opened(tabled.reference()), cache=cache)) == [False, False]


def test_a_table_is_no_full_read_for_the_cache(tabled: FakeRegistry, tmp_path: Path) -> None:
    """With --full an index from a table is not used."""
    cache = Cache(tmp_path / "cache")
    explore(opened(tabled.reference()), cache=cache)
    assert listed(explore(opened(tabled.reference(), reads_all=True), cache=cache)) == [False, False]


def test_a_full_read_in_place_of_a_table_is_kept_as_one(tabled: FakeRegistry, tmp_path: Path) -> None:
    """If the registry has no ranges, the index is kept by the layer's own digest."""
    cache = Cache(tmp_path / "cache")
    tabled.ranges = False
    explore(opened(tabled.reference()), cache=cache)
    names = [path.name for path in (tmp_path / "cache").rglob("*.*") if path.is_file()]
    assert len(names) == 2
    assert all(name.endswith(".tar") for name in names)
    tabled.heard.clear()
    assert listed(explore(opened(tabled.reference()), cache=cache)) == [False, False]
    assert len(tabled.asked("blobs/")) == 1
