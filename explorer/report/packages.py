"""The packages of an image with their files and bytes, as text or JSON."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from explorer import JSON_SCHEMA
from explorer.analysis.packages.image_packages import ImagePackages
from explorer.analysis.packages.package import Package
from explorer.analysis.packages.package_order import PackageOrder
from explorer.analysis.packages.package_usage import FileUsage, PackageUsage
from explorer.report.json_text import dumps
from explorer.report.page import Page
from explorer.text.units import size

_HEADS = ("size", "wasted", "files", "layer", "removed", "kind", "package")
_MINOR_HEADS = ("files", "kind")
_MIN_WIDTH_FOR_ALL = 60
"""The width below which the minor columns are left out."""


def ordered(usages: Iterable[PackageUsage], order: PackageOrder) -> list[PackageUsage]:
    """Returns packages in an order. Those that are equal in it keep their places."""
    if order is PackageOrder.SIZE:
        return sorted(usages, key=lambda each: (-each.bytes, -each.wasted_bytes))
    if order is PackageOrder.WASTED:
        return sorted(usages, key=lambda each: -each.wasted_bytes)
    if order is PackageOrder.NAME:
        return sorted(usages, key=lambda each: (each.package.full_name.lower(), each.package.kind))
    return sorted(usages, key=lambda each: each.package.installed_in)


def as_text(rows: Sequence[PackageUsage], rest: FileUsage | None, page: Page) -> Iterator[str]:
    """Yields a line for each package, then for the unowned files, and the sums.

    Args:
        rows: The packages in order.
        rest: The files that no package owns; None if only some packages are listed.
        page: The page to write for.
    """
    table = [_cells(usage, _package_cells(usage.package)) for usage in rows]
    if rest is not None:
        table.append(_cells(rest, ("", "", "", "unowned files")))
    if len(table) > 1:
        name = f"{len(rows):,} packages" if rest is None else "the image"
        table.append(_sums([*rows, *([rest] if rest is not None else [])], name))
    if page.width < _MIN_WIDTH_FOR_ALL:
        table = [
            tuple("" if name in _MINOR_HEADS else cell for name, cell in zip(_HEADS, row, strict=True)) for row in table
        ]
    for lines in page.table(_HEADS, table):
        yield from lines


def _package_cells(package: Package) -> tuple[str, str, str, str]:
    removed = "" if package.removed_in is None else str(package.removed_in)
    text = package.name_and_version
    if package.upgraded_to:
        text += f", replaced by {package.upgraded_to}"
    return str(package.installed_in), removed, package.kind, text


def _cells(usage: FileUsage, others: tuple[str, str, str, str]) -> tuple[str, ...]:
    return _figures(usage.bytes, usage.wasted_bytes, usage.files) + others


def _sums(usages: Sequence[FileUsage], name: str) -> tuple[str, ...]:
    bytes_, wasted, files = (
        sum(counts) for counts in zip(*((each.bytes, each.wasted_bytes, each.files) for each in usages), strict=True)
    )
    return (*_figures(bytes_, wasted, files), "", "", "", name)


def _figures(bytes_: int, wasted: int, files: int) -> tuple[str, ...]:
    return size(bytes_) if bytes_ else "", size(wasted) if wasted else "", f"{files:,}" if files else ""


def as_json(rows: Sequence[PackageUsage], packages: ImagePackages, base_layers: int | None) -> str:
    """A JSON document, with a newline at the end.

    Args:
        rows: The packages in order.
        packages: All packages of the image.
        base_layers: The number of lowest layers that are the base's; None if unknown.
    """
    document = {
        "schema": JSON_SCHEMA,
        "packages": [_package_json(usage, base_layers) for usage in rows],
        "unowned": _figures_json(packages.unowned),
        "problems": [{"layer": layer, "problem": problem} for layer, problem in packages.problems],
    }
    return f"{dumps(document, indent=2)}\n"


def _package_json(usage: PackageUsage, base_layers: int | None) -> dict[str, object]:
    package = usage.package
    return {
        "kind": package.kind,
        "name": package.full_name,
        "version": package.version,
        "purl": package.purl,
        "installed_in": package.installed_in,
        "removed_in": package.removed_in,
        **_figures_json(usage),
        "base": None if base_layers is None else package.installed_in < base_layers,
    }


def _figures_json(usage: FileUsage) -> dict[str, int]:
    return {"files": usage.files, "bytes": usage.bytes, "wasted_bytes": usage.wasted_bytes}
