"""The base of an image by all evidence, the strongest first."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from explorer.analysis.base.base import Base, Evidence
from explorer.analysis.base.buildpacks import run_image
from explorer.analysis.base.guesses import guess
from explorer.analysis.base.history import base_in_history
from explorer.analysis.base.known_images import known_base
from explorer.analysis.base.provenance import base_in_provenance, stated_by_provenance
from explorer.analysis.base.stated import StatedBase, stated_base
from explorer.model import Image, KnownImage


def find_base(image: Image, known_images: Callable[[], Sequence[KnownImage]]) -> Base | None:
    """Returns the base of an image, or None if nothing tells of one.

    ``known_images`` returns images whose layers are certain, which may take a moment.
    """
    predicates = image.provenance()
    named = stated_base(image) or stated_by_provenance(predicates)
    in_history = base_in_history(image.history, len(image.layers))
    if in_history is not None and named is not None and named.name == in_history.name:
        in_history = replace(in_history, digest=named.digest)
    # Annotations may be those of the base itself: a commit of a container inherits them.
    stated = in_history and StatedBase(in_history.name, in_history.digest, in_history.evidence, in_history.reason)
    base = known_base(image, known_images(), stated or named) if len(image.layers) > 1 else None
    if base is not None and base.exact:
        return base
    others = (run_image(image), base_in_provenance(image, predicates), in_history, base)
    found = [each for each in others if each is not None]
    if found:
        return max(found, key=lambda each: (each.exact, each.layers))
    return _guessed(image, named)


def _guessed(image: Image, named: StatedBase | None) -> Base | None:
    """Returns a base that is only named, or that ends at a guess."""
    guessed = guess(image.layers, image.history)
    layers = guessed.layers if guessed.reason and guessed.layers < len(image.layers) else 0
    if named is None:
        return Base(layers, "", "", Evidence.GUESS, exact=False, reason=guessed.reason) if layers else None
    if not layers:
        return Base(None, named.name, named.digest, named.evidence, exact=False, reason=named.reason)
    reason = f"{named.reason}; where it ends is a guess {guessed.reason}"
    return Base(layers, named.name, named.digest, Evidence.GUESS, exact=False, reason=reason)
