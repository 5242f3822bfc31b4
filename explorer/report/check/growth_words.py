"""Lines about the parts of an image that grew over its baseline."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, TypeVar

from explorer.report.words import command, path
from explorer.text.units import counted, signed_size, size

if TYPE_CHECKING:
    from explorer.analysis.image_diff.file_changes import FileChange
    from explorer.analysis.image_diff.growth import Growth, LayerGrowth
    from explorer.analysis.image_diff.package_changes import PackageChange
    from explorer.model import Layer

_MAX_ITEMS = 5
"""Steps, packages or files that are listed; the number of the others follows."""
_MAX_COMMAND_CHARS = 60
_Item = TypeVar("_Item")


def growth_lines(growth: Growth, layers: Sequence[Layer]) -> Iterator[str]:
    """Yields a line for each step, package and file that grew most.

    Args:
        growth: The parts of the image that grew.
        layers: The layers of the image.
    """
    yield from _first(growth.layers, "step", lambda each: _layer_line(each, layers))
    yield from _first(growth.packages, "package", _package_line)
    yield from _first(growth.files, "file", _file_line)


def _first(items: Sequence[_Item], noun: str, line: Callable[[_Item], str]) -> Iterator[str]:
    yield from map(line, items[:_MAX_ITEMS])
    left = len(items) - _MAX_ITEMS
    if left > 0:
        yield f"{'':>8}  and {counted(left, f'more {noun}')} that grew"


def _layer_line(grown: LayerGrowth, layers: Sequence[Layer]) -> str:
    words = command(layers[grown.layer], _MAX_COMMAND_CHARS)
    return f"{signed_size(grown.growth):>8}  layer {grown.layer}  {words}  ({_before(grown.old_bytes)})"


def _package_line(change: PackageChange) -> str:
    name = f"{change.name} {change.versions}".rstrip()
    return f"{signed_size(change.growth):>8}  {name}  ({change.kind}, {_before(change.old_bytes)})"


def _file_line(change: FileChange) -> str:
    return f"{signed_size(change.growth):>8}  {path(change.path)}  ({_before(change.old_bytes)})"


def _before(old_bytes: int) -> str:
    return f"{size(old_bytes)} before" if old_bytes else "new"
