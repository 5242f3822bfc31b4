"""The image of the fake engine, and helpers for tests of engines."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from explorer.analysis.changes import changes
from explorer.errors import ImageError
from explorer.model import Change, Entry, Kind, LayerIndex
from explorer.pipeline import Exploration
from tests.conftest import left_behind, skip_or_fail
from tests.images import (
    big,
    content_of,
    directory,
    file,
    image,
    layer,
    opened,
    whiteout,
)

MADE = image(
    layer(directory("etc"), big("etc/big", 0.3), file("keep", b"keep")),
    layer(whiteout("etc/big"), file("new", b"new")),
    history=[
        {"created_by": "/bin/sh -c #(nop) ADD file:0123 in / "},
        {"created_by": "/bin/sh -c #(nop)  ENV A=b", "empty_layer": True},
        {"created_by": "/bin/sh -c rm /etc/big && touch /new"},
        {"created_by": '/bin/sh -c #(nop)  CMD ["sh"]', "empty_layer": True},
    ],
)


BY_ENGINE = {"dev", "proc", "sys", "run", ".dockerenv", "etc"}
"""Paths that engines create in each container."""


def failure(endpoint: str, spool: Path, reference: str = "made:1") -> ImageError:
    """The error that opening an image ends in: one line and a hint, with the endpoint, and nothing left behind."""
    with pytest.raises(ImageError) as caught:
        opened(reference)
    error = caught.value
    assert error.exit_code == 3
    assert endpoint in error.message
    assert error.message.isprintable()
    assert error.hint
    assert left_behind(spool) == []
    return error


def unaddressed(index: LayerIndex) -> dict[str, Entry]:
    """Returns the entries of a layer by path, without the values that depend on its storage.

    That is where its bytes lie, how a hard link spells its target, and whether the tar has an entry for the root.
    """
    entries = {}
    for entry in index.entries:
        if entry.path:
            linked = entry._replace(link="") if entry.kind is Kind.HARDLINK else entry
            entries[entry.path] = linked._replace(inode=0)
    return entries


def busybox() -> bytes:
    """A statically linked busybox, which runs in an empty image."""
    path = shutil.which("busybox")
    content = Path(path).read_bytes() if path else b""
    if not content or b"/ld-linux" in content or b"/ld-musl" in content:
        skip_or_fail("no statically linked busybox to build an image on (Debian: busybox-static)")
    return content


def is_from_engine(path: str) -> bool:
    """True for a path that the engine itself creates in a container."""
    return path.partition("/")[0] in BY_ENGINE


def changed_paths(exploration: Exploration) -> dict[str, Change]:
    """Returns the changes of the container, by path."""
    tree = exploration.tree
    changed = changes(tree, tree.top - 1, tree.top).by_node
    return {
        node.path: change
        for node, change in changed.items()
        if change is not Change.UNCHANGED and not is_from_engine(node.path)
    }


def content(exploration: Exploration, path: str) -> bytes:
    """Returns the bytes of a file in the container's own layer."""
    index = exploration.tree.layers[-1]
    entry = next(entry for entry in index.entries if entry.path == path)
    return content_of(exploration.image.layers[-1].contents, index, entry)
