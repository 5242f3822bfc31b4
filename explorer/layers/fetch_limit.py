"""The limit of the bytes of whole layers that are fetched from a registry."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from explorer.model import Addressing, Entry, Layer
from explorer.text.units import size


class FetchLimit:
    """The layers that may be fetched: all, or those that fit into a number of bytes.

    Tables of contents are free, and so is a layer that the user asks for.
    """

    def __init__(self, max_bytes: int | None = None) -> None:
        """Creates a limit; None allows all layers."""
        self._max_bytes = max_bytes
        self._left_bytes = max_bytes or 0
        self._allowed: set[str | None] = set()
        """The digests of layers that may be fetched."""
        self._asked_for: list[str | None] = []
        """The digests of layers that the user asks for; one may be there twice."""

    def allows(self, digest: str | None) -> bool:
        """True if the layer of a digest may be fetched."""
        return self._max_bytes is None or digest in self._allowed or digest in self._asked_for

    def allow_smallest(self, layers: Iterable[Layer]) -> bool:
        """Allows the smallest layers that fit together; returns True if there are any.

        Layers with the same blob count once.
        """
        has_allowed = False
        for layer in sorted(layers, key=_fetched_bytes):
            if self.allows(layer.digest):
                continue
            if _fetched_bytes(layer) > self._left_bytes:
                break
            self._allowed.add(layer.digest)
            self._left_bytes -= _fetched_bytes(layer)
            has_allowed = True
        return has_allowed

    @contextmanager
    def allowing(self, layer: Layer) -> Iterator[None]:
        """Allows one more layer, for good if no error follows."""
        # Not in the set, because another thread may still notice that it is cancelled, and take its own back.
        self._asked_for.append(layer.digest)
        try:
            yield
        except BaseException:
            self._asked_for.remove(layer.digest)
            raise

    def allows_files(self, layer: Layer, files: Iterable[Entry]) -> bool:
        """True if files of a layer may be fetched to compare them. Takes their bytes."""
        if not layer.is_remote or self.allows(layer.digest):
            return True
        is_alone = layer.contents.addressing is Addressing.TABLE
        count = sum(file.size for file in files) if is_alone else _fetched_bytes(layer)
        if count > self._left_bytes:
            return False
        self._left_bytes -= count
        if not is_alone:
            self._allowed.add(layer.digest)
        return True

    def reason_against(self, layer: Layer) -> str:
        """Returns why a layer was not read, for people."""
        return (
            f"the layer is not read: {size(_fetched_bytes(layer))} compressed, "
            f"but --within {size(self._max_bytes or 0)} allows {size(self._left_bytes)} more"
        )


def _fetched_bytes(layer: Layer) -> int:
    return layer.download_bytes or 0
