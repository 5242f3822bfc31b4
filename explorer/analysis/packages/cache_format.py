"""The format of a layer's parsed package databases in the cache."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from explorer.analysis.packages.formats import Found, LayerDatabases, Stated
from explorer.layers.derived_format import code_digest, pack, printable_in, text_in, unpack

_MAGIC = b"layer-explorer packages\n"


def encode_databases(databases: LayerDatabases) -> bytes:
    """Returns the databases of a layer as bytes."""
    document = {
        "files": [
            [kind, path, [_encoded(found) for found in stated]]
            for kind, files in databases.files.items()
            for path, stated in files.items()
        ],
        "problems": databases.problems,
    }
    return pack(_head(), document)


def decode_databases(content: bytes) -> LayerDatabases | None:
    """Reverses ``encode_databases``; None for other bytes and for another version."""
    return unpack(_head(), content, _decoded)


def _head() -> bytes:
    return _MAGIC + code_digest(Path(__file__).parent)


def _encoded(found: Found) -> list[str]:
    # In one text, because a list of a million texts takes longer than all the rest.
    return [found.name, found.version, found.architecture, found.namespace, "\0".join(found.paths)]


def _decoded(document: Any) -> LayerDatabases:
    files: dict[str, dict[str, Stated]] = {}
    for kind, path, stated in document["files"]:
        files.setdefault(text_in(kind), {})[text_in(path)] = tuple(_found(*map(text_in, texts)) for texts in stated)
    return LayerDatabases(files, tuple(map(printable_in, document["problems"])))


def _found(name: str, version: str, architecture: str, namespace: str, paths: str) -> Found:
    return Found(name, version, architecture, tuple(paths.split("\0")) if paths else (), namespace)
