"""The base that the user names, by an option or in the settings of the project."""

from __future__ import annotations

from collections.abc import Callable

from explorer.analysis.base.base import Base, Evidence
from explorer.errors import ExplorerError
from explorer.gate.judge import count_base_layers, require_layers
from explorer.gate.rules import Rules
from explorer.model import Image
from explorer.text.printable import printable


def given_base(image: Image, rules: Rules, open_other: Callable[[str, Image], Image]) -> Base | None:
    """Returns the base that rules name; without layers if they say that there is none.

    ``open_other`` opens another image by its reference. Raises ExplorerError if it cannot, or for the base of another
    image.
    """
    if rules.base is not None:
        base = open_other(rules.base, image)
        reason = f"set by {printable(rules.origins['base'])}"
        return Base(
            count_base_layers(image, base), rules.base, base.digest or "", Evidence.OPTION, exact=True, reason=reason
        )
    if rules.base_layers is not None:
        reason = f"set by {printable(rules.origins['base-layers'])}"
        require_layers(rules.base_layers, len(image.layers))
        return Base(rules.base_layers, "", "", Evidence.OPTION, exact=True, reason=reason)
    return None


def fitting_base(image: Image, rules: Rules, open_other: Callable[[str, Image], Image]) -> Base | None:
    """Returns the base that the project's rules name, if it is this image's."""
    try:
        return given_base(image, rules, open_other)
    except ExplorerError:
        # The rules are for the images of the project, and others are opened in its directory, too.
        return None
