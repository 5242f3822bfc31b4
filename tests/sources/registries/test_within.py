"""Images of registries of which only some layers may be fetched."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest

from explorer.errors import Cancelled, RegistryError, UnreadableLayer
from explorer.layers.cache import Cache
from explorer.layers.read_budget import ReadBudget
from explorer.layers.tables import table_layer
from explorer.model import Cause, Progress, Watcher
from explorer.pipeline import Exploration, explore, fetch
from explorer.report.as_json import report_json
from explorer.sources import open_image
from explorer.sources.request import Request
from tests.cli.running import run
from tests.fake_registry import Answer, FakeRegistry
from tests.images import explored, file, gzipped, image, layer
from tests.tables import ESTARGZ, packed, table_files

NOISE = random.Random(5).randbytes(90_000)
LAYERS = (
    layer(file("low", NOISE[:30_000]), file("same", b"same" * 9)),
    layer(file("large", NOISE)),
    layer(file("small", NOISE[:100]), file("same", b"same" * 9)),
    layer(file("middle", NOISE[:9_000])),
    layer(file("small", NOISE[:100]), file("same", b"same" * 9)),
)


@pytest.fixture
def five(shop: FakeRegistry) -> FakeRegistry:
    """A registry with an image of five layers, two of which are the same blob."""
    shop.add("1", image(*LAYERS), compress=gzipped, suffix="+gzip")
    return shop


def within(shop: FakeRegistry, max_bytes: int | None, cache: Cache | None = None) -> Exploration:
    budget = ReadBudget(max_fetched_bytes=max_bytes)
    return explore(open_image(Request(shop.reference(), Watcher(), budget=budget)), None, cache, budget)


def size_of(*numbers: int) -> int:
    return sum(len(gzipped(LAYERS[number])) for number in numbers)


def fetched_sizes(shop: FakeRegistry) -> list[int]:
    """Returns the sizes of the layers that were asked for."""
    layers = {entry["digest"]: entry["size"] for entry in json.loads(shop.manifests["1"])["layers"]}
    asked = [path.rpartition("/")[2] for path in shop.asked("/blobs/")]
    return [layers[digest] for digest in asked if digest in layers]


@pytest.mark.parametrize(
    ("max_bytes", "missing"),
    [
        (0, (0, 1, 2, 3, 4)),
        (size_of(2) - 1, (0, 1, 2, 3, 4)),
        (size_of(2), (0, 1, 3)),
        (size_of(2, 3), (0, 1)),
        (size_of(2, 3, 0), (1,)),
        (size_of(2, 3, 0, 1), ()),
        (None, ()),
    ],
)
def test_the_smallest_layers_are_fetched(five: FakeRegistry, max_bytes: int | None, missing: tuple[int, ...]) -> None:
    """Whole layers are fetched from the smallest on while they fit together; a repeated blob counts once."""
    exploration = within(five, max_bytes)
    assert exploration.missing_layers == missing
    assert sum(fetched_sizes(five)) <= (size_of(0, 1, 2, 3) if max_bytes is None else max_bytes)
    assert [stats.files > 0 for stats in exploration.layers] == [number not in missing for number in range(5)]


def test_the_reason_is_a_problem(five: FakeRegistry) -> None:
    """Layer and image say what is not read and why, and reports name the layers that no figure counts."""
    exploration = within(five, 10_000)
    left = 10_000 - size_of(2, 3)
    assert exploration.layers[1].problems == (
        f"the layer is not read: 90 kB compressed, but --within 10 kB allows {left} B more",
    )
    assert exploration.layers[2].problems == ()
    assert exploration.image.problems == ("layers 0 and 1 are not read because of --within, and no figure counts them",)
    assert json.loads(report_json(exploration))["image"]["missing_layers"] == [0, 1]


@pytest.mark.end_to_end
def test_check_names_the_layers(five: FakeRegistry) -> None:
    """A verdict on some of the layers names the others."""
    verdict = run("check", "--within", "40kB", five.reference())
    assert "PASS: 2 rules passed, without layer 1\n" in verdict.stdout
    assert "layer 1: the layer is not read: 90 kB compressed" in verdict.stdout
    assert "  The figures are without layer 1.\n" in run("report", "--within", "40kB", five.reference()).stdout
    refused = run("report", "--within", "much", five.reference())
    assert refused.exit_code == 2
    assert "--within is “much”, expected a size such as 50MB" in refused.stderr


@pytest.mark.end_to_end
def test_a_baseline_is_whole(five: FakeRegistry) -> None:
    """An image that is read in part is no baseline."""
    verdict = run("check", "--within", "10kB", "--baseline", five.reference(), five.reference())
    assert verdict.exit_code == 2
    assert "--within leaves out layers of this image" in verdict.stderr


@pytest.mark.parametrize("command", ["ls", "du"])
def test_lists_name_the_layers(five: FakeRegistry, command: str) -> None:
    """A list of only some layers' files names the others on stderr."""
    listed = run(command, "--within", "10kB", five.reference())
    assert listed.stderr == "The list is without layers 0, 1.\n"
    assert "small" in listed.stdout or command == "du"


def test_cached_layers_cost_nothing(five: FakeRegistry, tmp_path: Path) -> None:
    """Layers from the cache do not count, and an unread layer is never stored there."""
    cache = Cache(tmp_path / "cache")
    assert within(five, size_of(2), cache).missing_layers == (0, 1, 3)
    assert within(five, size_of(3), cache).missing_layers == (0, 1)
    assert within(five, None, cache).missing_layers == ()
    five.heard.clear()
    assert within(five, 0, cache).usage == explored(five.reference()).usage


def test_tables_cost_nothing(shop: FakeRegistry, monkeypatch: pytest.MonkeyPatch) -> None:
    """Layers with a table of contents are listed from it; if it cannot be used, their size counts."""
    monkeypatch.setattr(table_layer, "_TAIL_BYTES", 64)
    shop.add_files("1", table_files([packed(LAYERS[0], ESTARGZ), packed(LAYERS[2], ESTARGZ)]))
    assert within(shop, 0).missing_layers == ()
    shop.ranges = False
    assert within(shop, 0).missing_layers == (0, 1)
    assert within(shop, 2_000).missing_layers == (0,)
    assert within(shop, None).missing_layers == ()


def test_a_wrong_table_is_not_a_way_around(shop: FakeRegistry, monkeypatch: pytest.MonkeyPatch) -> None:
    """A layer whose table is wrong is not fetched beyond the limit, and has both problems."""
    monkeypatch.setattr(table_layer, "_TAIL_BYTES", 64)
    shop.add_files("1", table_files([packed(LAYERS[0], ESTARGZ, lambda table: table.update(entries=[{"name": 7}]))]))
    problems = within(shop, 0).layers[0].problems
    assert problems[0].startswith("its table of contents cannot be used: ")
    assert problems[1].startswith("the layer is not read: ")


def test_comparisons_stay_within(shop: FakeRegistry, tmp_path: Path) -> None:
    """A cached layer whose files would have to be compared is not fetched beyond the limit, and says so."""
    cache = Cache(tmp_path / "cache")
    shop.add("1", image(LAYERS[0], LAYERS[2]))
    for tag, number in ((":low", 0), (":high", 2)):
        shop.add(tag[1:], image(LAYERS[number]))
        explore(open_image(Request(shop.reference(tag), Watcher())), None, cache)
    shop.heard.clear()
    exploration = within(shop, 0, cache)
    assert [waste.cause for waste in exploration.usage.wasted] == [Cause.OVERWRITTEN]
    assert fetched_sizes(shop) == []
    for figures in exploration.layers:
        assert figures.problems[0].startswith("1 file not compared with the same paths of other layers")
    whole = within(shop, None, cache)
    assert [waste.cause for waste in whole.usage.wasted] == [Cause.RECOPIED]
    assert [figures.problems for figures in whole.layers] == [(), ()]


class TestFetching:
    """Layers that are fetched later."""

    def test_one_more_layer(self, five: FakeRegistry) -> None:
        """The exploration with one more layer is that of all layers, and only this layer is fetched."""
        part = within(five, size_of(2, 3, 0))
        five.heard.clear()
        exploration = fetch(part, 1, Watcher())
        assert fetched_sizes(five) == [size_of(1)]
        whole = explored(five.reference())
        assert exploration.usage == whole.usage
        assert exploration.missing_layers == ()
        assert exploration.image.problems == ()

    def test_the_others_stay_unread(self, five: FakeRegistry, tmp_path: Path) -> None:
        """A fetched layer is stored in the cache, and the other unread ones stay so."""
        cache = Cache(tmp_path / "cache")
        exploration = fetch(within(five, 0, cache), 2, Watcher())
        assert exploration.missing_layers == (0, 1, 3)
        assert exploration.image.problems == (
            "layers 0, 1 and 3 are not read because of --within, and no figure counts them",
        )
        assert within(five, 0, cache).missing_layers == (0, 1, 3)

    def test_a_layer_that_cannot_be_fetched(self, five: FakeRegistry) -> None:
        """After an error, and after it is cancelled, the layer is unread as before and can be fetched."""
        part = within(five, 0)
        five.answers = [Answer("/blobs/", 403, times=1)]
        with pytest.raises((RegistryError, UnreadableLayer)):
            fetch(part, 1, Watcher())

        class Impatient(Watcher):
            def progress(self, progress: Progress) -> None:
                raise Cancelled("no")

        with pytest.raises(Cancelled):
            fetch(part, 1, Impatient())
        assert fetch(part, 3, Watcher()).missing_layers == (0, 1, 2, 4)
        # This one is fetched already.
        assert fetch(part, 1, Watcher()).missing_layers == (0, 2, 4)
