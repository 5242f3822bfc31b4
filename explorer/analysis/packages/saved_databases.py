"""The packages that a layer's files state, as saved explorations hold them."""

from __future__ import annotations

from explorer.analysis.packages.formats import Found, LayerDatabases, Stated
from explorer.saved.document import DatabaseFile, PackageDatabases, StatedPackage, packed_text, unpacked_text
from explorer.text.printable import printable


def databases_record(databases: LayerDatabases) -> PackageDatabases:
    """Returns the record of a layer's databases."""
    files = (
        DatabaseFile(kind, packed_text(path), tuple(map(_packed, stated)))
        for kind, by_path in databases.files.items()
        for path, stated in by_path.items()
    )
    return PackageDatabases(tuple(files), tuple(databases.problems))


def saved_databases(record: PackageDatabases) -> LayerDatabases:
    """Reverses ``databases_record``. Raises ValueError for texts that are not Base64."""
    files: dict[str, dict[str, Stated]] = {}
    for file in record.files:
        files.setdefault(file.kind, {})[unpacked_text(file.path)] = tuple(map(_unpacked, file.packages))
    return LayerDatabases(files, tuple(map(printable, record.problems)))


def _packed(found: Found) -> StatedPackage:
    texts = (found.name, found.version, found.architecture, found.namespace, "\0".join(found.paths))
    return StatedPackage(*map(packed_text, texts))


def _unpacked(saved: StatedPackage) -> Found:
    paths = unpacked_text(saved.paths)
    name, version, architecture, namespace = map(
        unpacked_text, (saved.name, saved.version, saved.architecture, saved.namespace)
    )
    return Found(name, version, architecture, tuple(paths.split("\0")) if paths else (), namespace)
