"""The images of engines with the bytes that they share, as text or JSON."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from explorer import JSON_SCHEMA
from explorer.analysis.engine_images.listed_image import ListedImage
from explorer.analysis.engine_images.storage import EngineStorage
from explorer.model import EngineListing
from explorer.report.json_text import dumps
from explorer.report.page import Page
from explorer.text.printable import printable
from explorer.text.units import age, counted, size

_HEADS = ("size", "shared", "unique", "freed", "wasted", "created", "engine", "image")
_MINOR_HEADS = ("unique", "created", "engine")
_MIN_WIDTH_FOR_ALL = 90
"""The width below which the minor columns are left out."""
_MIN_BUILD_CACHE_BYTES = 1_000_000
"""Less is next to nothing."""
_UNKNOWN = "?"
_IN_USE = "in use"


def as_text(
    images: Sequence[ListedImage], storage: EngineStorage, build_cache_bytes: int, now: datetime, page: Page
) -> Iterator[str]:
    """Yields a line for each image, and the sums, which count each layer once.

    Args:
        images: The images in order.
        storage: The storage that they are in.
        build_cache_bytes: Bytes of layers that the cache of a builder keeps, too.
        now: The time to which ages refer.
        page: The page to write for.
    """
    has_engines = len({each.image.engine for each in images}) > 1
    table = [_cells(each, now, has_engines) for each in images]
    if len(images) > 1:
        for total in storage.totals([each.image for each in images]):
            place = f"of {total.engine.capitalize()} " if total.engine and has_engines else ""
            words = f"{counted(total.images, 'image')} {place}together"
            table.append((_size(total.bytes), "", "", _size(total.freed_bytes), "", "", "", words))
    if page.width < _MIN_WIDTH_FOR_ALL:
        table = [
            tuple("" if name in _MINOR_HEADS else cell for name, cell in zip(_HEADS, row, strict=True)) for row in table
        ]
    for lines in page.table(_HEADS, table):
        yield from lines
    if build_cache_bytes >= _MIN_BUILD_CACHE_BYTES and any(each.image.engine == "docker" for each in images):
        yield ""
        yield from page.wrapped(
            f"{size(build_cache_bytes)} of the layers of Docker's images stay in Docker's build cache after the images "
            "are removed. To free these as well: docker builder prune"
        )


def _cells(each: ListedImage, now: datetime, has_engines: bool) -> tuple[str, ...]:
    image, usage = each.image, each.usage
    used = f" (used by {', '.join(image.containers)})" if image.containers else ""
    return (
        _size(image.bytes),
        _size(usage.shared_bytes),
        _size(usage.unique_bytes),
        _IN_USE if image.containers else _size(usage.freed_bytes),
        "" if each.wasted_bytes is None else size(each.wasted_bytes),
        age(image.created, now) if image.created else "",
        image.engine if has_engines else "",
        printable(f"{', '.join(each.names)}{used}"),
    )


def _size(count: int | None) -> str:
    return _UNKNOWN if count is None else size(count)


def as_json(
    images: Sequence[ListedImage], storage: EngineStorage, build_cache_bytes: int, problems: Sequence[EngineListing]
) -> str:
    """A JSON document, with a newline at the end.

    Args:
        images: The images in order.
        storage: The storage that they are in.
        build_cache_bytes: Bytes of layers that the cache of a builder keeps, too.
        problems: The engines with a problem.
    """
    everything = [each.image for each in images]
    document = {
        "schema": JSON_SCHEMA,
        "images": [_image_json(each) for each in images],
        "total": {
            "bytes": storage.distinct_bytes(everything),
            "freed_bytes": storage.removal(everything).freed_bytes,
        },
        "build_cache_bytes": build_cache_bytes,
        "problems": [{"engine": each.engine, "problem": each.problem} for each in problems],
    }
    return f"{dumps(document, indent=2)}\n"


def _image_json(each: ListedImage) -> dict[str, object]:
    image, usage = each.image, each.usage
    return {
        "engine": image.engine,
        "id": image.id,
        "tags": list(image.tags),
        "created": image.created.isoformat().replace("+00:00", "Z") if image.created else None,
        "bytes": image.bytes,
        "shared_bytes": usage.shared_bytes,
        "unique_bytes": usage.unique_bytes,
        "freed_bytes": usage.freed_bytes,
        "wasted_bytes": each.wasted_bytes,
        "containers": list(image.containers),
    }
