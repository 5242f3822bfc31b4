"""The base of an image by all evidence, the strongest first."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from explorer.analysis.base.base import Base, Evidence
from explorer.analysis.base.guesses import guess
from explorer.analysis.base.known_images import known_base
from explorer.analysis.base.stated import stated_base
from explorer.model import Image, KnownImage


def find_base(image: Image, known_images: Callable[[], Sequence[KnownImage]]) -> Base | None:
    """Returns the base of an image, or None if nothing tells of one.

    ``known_images`` returns images whose layers are certain, which may take a moment.
    """
    stated = stated_base(image)
    base = known_base(image, known_images(), stated) if len(image.layers) > 1 else None
    if base is not None:
        return base
    guessed = guess(image.layers, image.history)
    is_proper = 0 < guessed.layers < len(image.layers)
    if stated is not None:
        reason = f"{stated.reason}; where it ends is a guess {guessed.reason}" if is_proper else stated.reason
        evidence = Evidence.GUESS if is_proper else stated.evidence
        layers = guessed.layers if is_proper else None
        return Base(layers, stated.name, stated.digest, evidence, exact=False, reason=reason)
    return Base(guessed.layers, "", "", Evidence.GUESS, exact=False, reason=guessed.reason) if is_proper else None
