"""Saves paths of made images, and lists what was written."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any, cast

from explorer.extract.destination import Destination
from explorer.extract.extract import Saved, save
from explorer.extract.plan import Plan, make_plan
from explorer.model import Entry, Kind, LayerContents
from explorer.pipeline import Exploration
from tests.images import TIME


def planned(exploration: Exploration, path: str, layer: int | None = None, **options: Any) -> Plan:
    """Returns the plan to save a path at a layer, by default the topmost one."""
    node = exploration.tree.find(path)
    assert node is not None
    return make_plan(exploration.tree, node, exploration.tree.top if layer is None else layer, **options)


def saved(
    exploration: Exploration,
    path: str,
    out: Path,
    layer: int | None = None,
    *,
    overwrite: bool = False,
    alone: bool = False,
) -> Saved:
    """Saves a path of an image as ``out/it``."""
    plan = planned(exploration, path, layer, alone=alone)
    return save(exploration.image.layers, exploration.tree, plan, Destination(out, "it", False), overwrite=overwrite)


def listed(top: Path) -> dict[str, bytes | str | None]:
    """Returns the paths below a directory: with bytes for files, targets for links, None for directories."""
    content: dict[str, bytes | str | None] = {}
    for path in sorted(top.rglob("*")):
        name = os.fsencode(path.relative_to(top)).decode("utf-8", "surrogateescape")
        content[name] = str(path.readlink()) if path.is_symlink() else None if path.is_dir() else path.read_bytes()
    return content


def made_entry(path: str, kind: Kind, size: int = 0, link: str = "", inode: int = 0) -> Entry:
    """Returns an entry with the metadata that these tests do not look at."""
    return Entry(path, kind, size, 0o755, 0, 0, TIME * 10**9, link, (), inode)


def fake_contents(content: bytes) -> LayerContents:
    """Returns the contents of a layer in which every file has the same bytes."""

    class SameContents:
        def read(self, index: object, entries: Iterable[Entry], on_progress: object) -> Any:
            for entry in entries:
                yield entry, iter([content])

    return cast("LayerContents", SameContents())
