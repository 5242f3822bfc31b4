"""The base as the image itself states it: annotations of the manifest, and labels."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from explorer.analysis.base.base import Evidence
from explorer.layers.digests import is_digest
from explorer.model import Image
from explorer.text.image_names import MAX_NAME_CHARS

_NAME = "org.opencontainers.image.base.name"
_DIGEST = "org.opencontainers.image.base.digest"


class StatedBase(NamedTuple):
    """A name without a boundary."""

    name: str
    """Not printable."""
    digest: str
    """Empty if unknown."""
    evidence: Evidence
    reason: str


def stated_base(image: Image) -> StatedBase | None:
    """Returns the base that the manifest names, or else a label.

    A label is weaker, because an image inherits the labels of its base.
    """
    for pairs, reason in (
        (image.annotations, "named by an annotation of the manifest"),
        (image.config.labels, "named by a label"),
    ):
        name, digest = _value(pairs, _NAME), _value(pairs, _DIGEST)
        if name:
            return StatedBase(name, digest if is_digest(digest) else "", Evidence.ANNOTATION, reason)
    return None


def _value(pairs: Iterable[tuple[str, str]], key: str) -> str:
    value = next((value for name, value in pairs if name == key), "")
    return value if len(value) <= MAX_NAME_CHARS else ""
