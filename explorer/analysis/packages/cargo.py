"""Rust crates: the list that cargo-auditable writes into programs."""

from __future__ import annotations

import zlib

from explorer.analysis.packages.database_limits import check_package_count
from explorer.analysis.packages.formats import DatabaseDamaged, Found, Stated
from explorer.analysis.packages.json_objects import parse_object, text_of
from explorer.analysis.packages.object_file import ObjectFile
from explorer.analysis.packages.single_file import ProgramFormat

MARKER = b".dep-v0"
_MAX_BYTES = 8 << 20
"""Limit for the list, compressed and not; the format's authors advise it."""


FORMAT = ProgramFormat("cargo")


def crates_of(path: str, program: ObjectFile) -> Stated:
    """Returns the crates that are in a program. The root crate owns it.

    Raises DatabaseDamaged.
    """
    section = program.section(MARKER.decode())
    if section is None or not section.size:
        return ()
    try:
        inflate = zlib.decompressobj()
        content = inflate.decompress(program.read(section, _MAX_BYTES), _MAX_BYTES + 1)
    except zlib.error as error:
        raise DatabaseDamaged(f"its list of crates cannot be decompressed: {error}") from error
    if len(content) > _MAX_BYTES:
        raise DatabaseDamaged(f"its list of crates has more than {_MAX_BYTES:,} bytes; real ones have far fewer")
    listed = parse_object(content, _MAX_BYTES).get("packages")
    crates = [crate for crate in listed if isinstance(crate, dict)] if isinstance(listed, list) else []
    check_package_count(len(crates))
    found = []
    for crate in crates:
        name, is_for_build = text_of(crate, "name"), text_of(crate, "kind") == "build"
        if name and not is_for_build:
            paths = (path,) if crate.get("root") is True else ()
            found.append(Found(name, text_of(crate, "version"), paths=paths))
    return tuple(dict.fromkeys(found))
