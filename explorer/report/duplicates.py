"""Files of the same content at different paths, as text or JSON."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from explorer import JSON_SCHEMA
from explorer.analysis.duplicates.duplicate_places import DuplicatePlaces
from explorer.analysis.duplicates.duplicates import Duplicate
from explorer.report.json_text import dumps
from explorer.report.page import Page
from explorer.text.printable import printable
from explorer.text.units import counted, size

_HEADS = ("saves", "links", "layer", "path")
_MAX_PLACES = 8
"""The most places of a group that are listed for people."""


def as_text(groups: Sequence[DuplicatePlaces], max_groups: int | None, base_layers: int, page: Page) -> Iterator[str]:
    """Yields the groups, a line for each place, and the sums.

    Args:
        groups: The duplicates by their places.
        max_groups: The most groups to list; None for all.
        base_layers: The number of lowest layers that are the base's; 0 if unknown.
        page: The page to write for.
    """
    if not groups:
        return
    shown, rest = groups[:max_groups], groups[len(groups[:max_groups]) :]
    rows = [row for group in shown for row in _rows(group)]
    if rest:
        rows.append((*_figures(rest), "", f"in {counted(len(rest), 'more group')}"))
    rows.append((*_figures(groups), "", "if all copies but one were links"))
    in_base = sum([group.saved_base_bytes(base_layers) for group in groups])
    if in_base:
        rows.append((size(in_base), "", "", "of it inside the base image"))
    for lines in page.table(_HEADS, rows):
        yield from lines


def _rows(group: DuplicatePlaces) -> Iterator[tuple[str, str, str, str]]:
    figures = _figures([group])
    for place in group.places[:_MAX_PLACES]:
        yield (*figures, ", ".join(map(str, place.layers)), printable(f"/{place.path}"))
        figures = ("", "")
    more = len(group.places) - _MAX_PLACES
    if more > 0:
        yield ("", "", "", f"and {counted(more, 'more place')}")


def _figures(groups: Sequence[DuplicatePlaces]) -> tuple[str, str]:
    """Returns the saved bytes, and the number of files that would be links."""
    links = sum([len(each.copies) - 1 for group in groups for each in group.duplicates])
    return size(sum([group.saved_bytes for group in groups])), f"{links:,}"


def as_json(
    groups: Sequence[DuplicatePlaces], shown: Sequence[DuplicatePlaces], unknown: int, base_layers: int | None
) -> str:
    """A JSON document, with a newline at the end.

    Args:
        groups: All duplicates by their places.
        shown: The groups to list.
        unknown: The number of files that may have copies, but whose content is unknown.
        base_layers: The number of lowest layers that are the base's; None if unknown.
    """
    document = {
        "schema": JSON_SCHEMA,
        "saves_bytes": sum([group.saved_bytes for group in groups]),
        "saves_base_bytes": _in_base(groups, base_layers),
        "uncompared_files": unknown,
        "groups": [_group_json(group, base_layers) for group in shown],
    }
    return f"{dumps(document, indent=2)}\n"


def _in_base(groups: Sequence[DuplicatePlaces], base_layers: int | None) -> int | None:
    return None if base_layers is None else sum([group.saved_base_bytes(base_layers) for group in groups])


def _group_json(group: DuplicatePlaces, base_layers: int | None) -> dict[str, object]:
    return {
        "saves_bytes": group.saved_bytes,
        "saves_base_bytes": _in_base([group], base_layers),
        "places": [f"/{place.path}" for place in group.places],
        "contents": [_content_json(each, base_layers) for each in group.duplicates],
    }


def _content_json(each: Duplicate, base_layers: int | None) -> dict[str, object]:
    return {
        "bytes": each.bytes,
        "copies": [
            {
                "path": f"/{copy.path}",
                "layer": copy.layer,
                "base": None if base_layers is None else copy.layer < base_layers,
            }
            for copy in each.copies
        ],
    }
