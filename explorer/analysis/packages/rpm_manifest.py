"""The list of packages in distroless images of Azure Linux.

These images have no database of rpm. Each line is a package, with tabs between the fields of rpm's query.

Source: Azure Linux's toolkit/docs/how_it_works/5_misc.md.
"""

from __future__ import annotations

from collections.abc import Iterator

from explorer.analysis.packages.database_limits import MAX_NAME_CHARS, check_package_count
from explorer.analysis.packages.formats import DatabaseDamaged, Found

_FIELD_COUNT = 10
_NAME, _VERSION, _EPOCH, _ARCHITECTURE = 0, 1, 5, 7
_NO_EPOCH = "(none)"


def packages(content: bytes) -> Iterator[Found]:
    """Yields the packages, which list no files. Raises DatabaseDamaged."""
    check_package_count(content.count(b"\n"))
    for line in content.decode("utf-8", "surrogateescape").split("\n"):
        fields = [field[:MAX_NAME_CHARS] for field in line.split("\t", _FIELD_COUNT)]
        if len(fields) >= _FIELD_COUNT and fields[_NAME]:
            epoch = "" if fields[_EPOCH] == _NO_EPOCH else f"{fields[_EPOCH]}:"
            yield Found(fields[_NAME], epoch + fields[_VERSION], fields[_ARCHITECTURE])
        elif line:
            raise DatabaseDamaged("a line in it has no name, or less than 10 fields with tabs between them")
