"""Root filesystem tars, as ``docker export`` writes them: images of one layer."""

from __future__ import annotations

from explorer.errors import UnreadableImage
from explorer.layers.streams import FileRange
from explorer.layers.tar_layer import TarLayer
from explorer.model import HistoryStep, Image, Layer
from explorer.text.printable import printable

_USUAL_NAMES = frozenset(
    ("bin", "boot", "dev", "etc", "home", "lib", "opt", "proc", "root", "run", "sbin", "srv", "sys", "tmp")
) | {"usr", "var"}


def rootfs_image(part: FileRange, reference: str) -> Image:
    """Returns the image of a root filesystem tar. Raises UnreadableImage if empty."""
    if not part.size:
        raise UnreadableImage(f"{printable(reference)} is empty", "Export the container again.")
    step = HistoryStep(comment="a root filesystem, without history", layer=0)
    layer = Layer(number=0, contents=TarLayer("layer 0", part), step=step)
    return Image(reference=reference, id="", layers=(layer,), history=(step,), source="root filesystem")


def looks_like_rootfs(names: set[str]) -> bool:
    """True if at least two names at the top of a tar are usual in a root filesystem."""
    return len(names & _USUAL_NAMES) > 1
