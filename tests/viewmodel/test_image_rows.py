"""The rows of the list of images: their order, the filter, the marks, and the pair to compare."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from explorer.analysis.engine_images.storage import EngineStorage
from explorer.analysis.filter.query import BadQuery
from explorer.viewmodel.image_catalog import ImageCatalog, ImageRow, OpenedBefore
from explorer.viewmodel.image_filter import parse_images
from explorer.viewmodel.image_rows import (
    ImageOrder,
    ImagesView,
    compared_pair,
    image_rows,
    marked_rows,
    most_shared,
    removal_of,
)
from tests.analysis.engine_images.made_images import made

NOON = datetime(2026, 1, 31, 12, tzinfo=UTC)
CATALOG = ImageCatalog(
    EngineStorage(
        [
            made("old", "base", "lib", created=NOON - timedelta(days=9)),
            made("new", "base", "lib", "app", created=NOON, tags=("docker.io/library/new:1", "new:latest")),
            made("lone", "other", tags=(), created=NOON - timedelta(days=1), containers=("web",)),
            made("pod", "other", engine="podman", tags=("localhost/pod:1",)),
        ]
    ),
    waiting=(),
    opened=(
        OpenedBefore("/tmp/shop.tar", "shop.tar", "file", NOON, wasted_bytes=7),
        OpenedBefore("/tmp/gone.tar", "gone.tar", "file", NOON - timedelta(days=2), is_missing=True),
        OpenedBefore("registry://ghcr.io/x:1", "registry://ghcr.io/x:1", "registry", NOON - timedelta(days=3)),
    ),
    read_waste={"old": 5},
)
ROWS = {row.name: row for row in CATALOG.rows()}


def names(view: ImagesView) -> list[str]:
    return [row.item.name for row in image_rows(CATALOG, view).rows]


def filtered(text: str, marked: frozenset[str] = frozenset()) -> set[str]:
    return set(names(ImagesView(query=parse_images(text), marked=marked)))


@pytest.mark.parametrize(
    ("order", "first", "last"),
    [
        (ImageOrder.AGE, ["new:1", "lone", "old:1", "pod:1", "shop.tar", "gone.tar"], "demo"),
        (ImageOrder.SIZE, ["lone", "pod:1", "new:1", "old:1"], "shop.tar"),
        (ImageOrder.FREED, ["pod:1", "new:1", "lone", "old:1"], "shop.tar"),
        (ImageOrder.WASTED, ["shop.tar", "old:1"], "registry://ghcr.io/x:1"),
        (ImageOrder.NAME, ["demo", "gone.tar", "lone", "new:1"], "shop.tar"),
    ],
)
def test_orders(order: ImageOrder, first: list[str], last: str) -> None:
    """The newest, the largest or the first name stands first; unknown figures come last."""
    assert names(ImagesView(order))[: len(first)] == first
    assert names(ImagesView(order))[-1] == last
    assert names(ImagesView(order, is_reversed=True))[0] == last


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("latest", {"new:1"}),
        ("*:1 -new*", {"old:1", "pod:1", "registry://ghcr.io/x:1"}),
        ("engine:podman", {"pod:1"}),
        ("is:untagged", {"lone"}),
        ("is:used", {"lone"}),
        ("is:missing", {"gone.tar"}),
        ("is:opened -is:missing", {"shop.tar", "registry://ghcr.io/x:1"}),
        ("is:read", {"old:1", "shop.tar"}),
        ("is:marked", {"old:1"}),
        ("freed>1", {"new:1", "pod:1"}),
        ("wasted>5", {"shop.tar"}),
    ],
)
def test_filter(text: str, expected: set[str]) -> None:
    """The words are those of the command, and states that the screen knows."""
    assert filtered(text, frozenset({ROWS["old:1"].reference})) == expected


@pytest.mark.parametrize("text", ["is:odd", "engine:containerd", "size>big"])
def test_invalid_filter(text: str) -> None:
    """A word that cannot be meant is an error that names the possible ones."""
    with pytest.raises(BadQuery, match=r"docker|marked|number"):
        parse_images(text)


def test_the_removal_of_marked_images_is_no_sum() -> None:
    """Layers that only marked images share are freed with the last of them; images in use and files free nothing."""
    both = [ROWS["old:1"], ROWS["new:1"]]
    assert [ROWS["old:1"].usage.freed_bytes, ROWS["new:1"].usage.freed_bytes] == [0, 3]
    assert removal_of(CATALOG, both).freed_bytes == 123
    removal = removal_of(CATALOG, [*both, ROWS["lone"], ROWS["shop.tar"]])
    assert removal.freed_bytes == 123
    assert [image.id for image in removal.in_use] == ["lone"]


def test_marks_stay_on_images_that_are_filtered_out() -> None:
    """A mark is a property of the image, whether it shows or not."""
    view = ImagesView(query=parse_images("new")).with_toggled_mark(ROWS["old:1"].reference)
    rows = image_rows(CATALOG, view)
    assert [row.name for row in marked_rows(rows.all_rows, view.marked)] == ["old:1"]
    assert not view.with_toggled_mark(ROWS["old:1"].reference).marked


def test_all_marks_at_once() -> None:
    """Every image gets a mark if one has none, else each loses it; the marks of others stay."""
    view = ImagesView(marked=frozenset({"a", "b"}))
    assert view.with_all_toggled({"b", "c"}).marked == {"a", "b", "c"}
    assert view.with_all_toggled({"a"}).marked == {"b"}


def test_the_images_that_share_most() -> None:
    """Several images share the same number of bytes; a file and an image alone share with none."""
    assert [(each.image.id, each.bytes) for each in most_shared(CATALOG, ROWS["old:1"])] == [("new", 120)]
    assert most_shared(CATALOG, ROWS["lone"]) == most_shared(CATALOG, ROWS["shop.tar"]) == []


def pair(*marked: str, selected: str | None = None) -> list[str] | str:
    found = compared_pair([ROWS[name] for name in marked], ROWS[selected] if selected else None)
    return found if isinstance(found, str) else [row.name for row in found]


def test_the_pair_to_compare() -> None:
    """Two marked images, or one and the selected one; the older one first, and as they stand if an age is unknown."""
    assert pair("new:1", "old:1") == pair("new:1", selected="old:1") == ["old:1", "new:1"]
    assert pair("new:1", "shop.tar") == ["new:1", "shop.tar"]
    for reason in (pair(), pair("new:1", selected="new:1"), pair("new:1", "old:1", "lone"), pair("new:1", "gone.tar")):
        assert isinstance(reason, str)


def test_another_image_of_the_same_tag_has_no_known_waste() -> None:
    """Waste that was read belongs to the image, not to its tag."""
    again = ImageCatalog(EngineStorage([made("newer", "base", tags=("old:1",))]), read_waste=CATALOG.read_waste)
    assert [row.wasted_bytes for row in again.rows() if isinstance(row, ImageRow)] == [None, None]
