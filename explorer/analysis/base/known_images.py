"""The base as a known image, whose layers are the lowest ones of another."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from explorer.analysis.base.base import Base, Evidence
from explorer.analysis.base.stated import StatedBase
from explorer.model import Image, KnownImage, Layer
from explorer.text.image_names import MAX_NAME_CHARS, preferred_name, repository, short_name
from explorer.text.printable import printable

_MAX_OTHER_NAMES = 3


def known_base(image: Image, known: Iterable[KnownImage], stated: StatedBase | None) -> Base | None:
    """Returns the known image with a name that has most of the lowest layers.

    An image of the same repository is an earlier build, and no base. Of several images with the same layers the first
    gives the name. But the name that the image itself states counts before, also for an image without a name if the
    digests agree. Images that only an archive named count last, and are
    not exact.
    """
    known = list(known)
    trusted = [each for each in known if not each.is_self_named]
    return _longest(image, trusted, stated) or _longest(image, known, stated)


def _longest(image: Image, known: Iterable[KnownImage], stated: StatedBase | None) -> Base | None:
    own = {repository(name) for name in (*image.tags, image.reference)}
    longest, found = 0, list[KnownImage]()
    for each in known:
        count = len(each.layers)
        if count < max(longest, 1) or count >= len(image.layers) or not _is_prefix(each, image.layers):
            continue
        each = each._replace(names=_names(each, own, stated))
        if each.names:
            found = [*found, each] if count == longest else [each]
            longest = count
    return _base(longest, found, stated) if found else None


def _is_prefix(known: KnownImage, layers: Sequence[Layer]) -> bool:
    return all(
        (theirs.diff_id and theirs.diff_id == ours.diff_id) or (theirs.digest and theirs.digest == ours.digest)
        for theirs, ours in zip(known.layers, layers, strict=False)
    )


def _names(known: KnownImage, own: Collection[str], stated: StatedBase | None) -> tuple[str, ...]:
    """Returns the names of a known image that can be the base's."""
    names = tuple(name for name in known.names if repository(name) not in own and len(name) <= MAX_NAME_CHARS)
    if not known.names and stated is not None and stated.name and stated.digest in known.digests:
        return (stated.name,)
    return names


def _base(layers: int, found: Sequence[KnownImage], stated: StatedBase | None) -> Base:
    names = tuple(dict.fromkeys(short_name(name) for each in found for name in each.names))
    is_stated = stated is not None and short_name(stated.name) in names
    # The first image is the one whose names are most certain.
    own_names = tuple(map(short_name, found[0].names))
    name = short_name(stated.name) if stated is not None and is_stated else preferred_name(own_names)
    of_name = next(each for each in found if name in map(short_name, each.names))
    digest = stated.digest if stated is not None and is_stated else ""
    if not digest or (of_name.digests and digest not in of_name.digests):
        digest = next(iter(of_name.digests), "")
    others = [printable(other) for other in names if other != name]
    more = f" and {len(others) - _MAX_OTHER_NAMES:,} more" if len(others) > _MAX_OTHER_NAMES else ""
    also = f", also {', '.join(others[:_MAX_OTHER_NAMES])}{more}" if others else ""
    exact = not found[0].is_self_named
    claims = "" if exact else ", which can give itself any name"
    return Base(layers, name, digest, Evidence.KNOWN_IMAGE, exact, f"the same layers {of_name.place}{claims}{also}")
