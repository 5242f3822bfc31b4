"""Java archives, and the artifacts that are shaded or nested in them."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from explorer.analysis.packages.database_limits import check_package_count
from explorer.analysis.packages.formats import DatabaseDamaged, Found, Stated
from explorer.analysis.packages.java_names import Artifact, main_artifact, manifest_fields, pom_properties
from explorer.analysis.packages.single_file import SingleFileFormat

_ENDINGS = (".jar", ".war", ".ear", ".par", ".sar", ".nar", ".jpi", ".hpi", ".kar", ".far", ".lpkg", ".rar", ".zap")
_MANIFEST = "META-INF/MANIFEST.MF"
_ENTRY_MAGIC = b"PK\1\2"
_MAX_ENTRIES = 200_000
"""Limit for the entries of one archive, which take half a kilobyte each; the largest known ones have 100,000."""
_MAX_ALL_ENTRIES = 1_000_000
"""Limit for the entries of an archive and those nested in it."""
_MAX_TEXT_BYTES = 256 << 10
"""Limit for what is read of a manifest, whose main section comes first, and of a pom.properties."""
_MAX_DEPTH = 4
"""Limit for archives inside each other; an application server has an archive of web archives of libraries."""
_MAX_READ_BYTES = 512 << 20
"""Limit for what is read of an archive and those nested in it."""
_LEAST_READ_BYTES = 4 << 10
"""Opening a member takes as long as to read these."""
_MAX_NESTED_BYTES = 128 << 20
"""Limit for one nested archive, which is kept in memory."""
ZIP_ERRORS = (
    zipfile.BadZipFile,
    zipfile.LargeZipFile,
    zlib.error,
    struct.error,
    EOFError,
    OSError,
    OverflowError,
    ValueError,
    NotImplementedError,
    RuntimeError,
)
"""Errors that zipfile raises for files that are damaged or made to do harm."""


@dataclass(slots=True)
class _Budget:
    """The limits on an archive together with those nested in it."""

    entries: int
    size: int

    def take_entries(self, count: int) -> None:
        """Raises DatabaseDamaged if there are too many."""
        self.entries -= count
        if count > _MAX_ENTRIES:
            raise DatabaseDamaged(f"it has {count:,} entries, expected at most {_MAX_ENTRIES:,}")
        if self.entries < 0:
            raise DatabaseDamaged(f"it and the archives in it have more than {_MAX_ALL_ENTRIES:,} entries")

    def take_bytes(self, size: int) -> None:
        """Raises DatabaseDamaged if there are too many."""
        self.size -= max(size, _LEAST_READ_BYTES)
        if self.size < 0:
            raise DatabaseDamaged(f"the archives in it have more than {_MAX_READ_BYTES:,} bytes")


class _Java(SingleFileFormat):
    """Reads archives with classes."""

    kind = "maven"

    def matches(self, path: str) -> bool:
        return path.endswith(_ENDINGS)

    def parse(self, path: str, content: bytes) -> Stated:
        artifacts: dict[Artifact, None] = {}
        try:
            for artifact in _artifacts(path, content, _Budget(_MAX_ALL_ENTRIES, _MAX_READ_BYTES), depth=0):
                artifacts[artifact] = None
                check_package_count(len(artifacts))
        except ZIP_ERRORS as error:
            if not content.startswith(b"PK"):
                return ()  # Other programs use some of these endings, too.
            raise DatabaseDamaged(f"it is not a complete ZIP archive: {error}") from error
        except DatabaseDamaged as error:
            raise DatabaseDamaged(str(error), _packages(path, artifacts)) from error
        return _packages(path, artifacts)


FORMAT = _Java()


def _packages(path: str, artifacts: Iterable[Artifact]) -> Stated:
    """Returns packages, the first of which owns the archive."""
    return tuple(
        Found(artifact.name, artifact.version, paths=() if number else (path,), namespace=artifact.group)
        for number, artifact in enumerate(artifacts)
    )


def _artifacts(path: str, content: bytes, budget: _Budget, depth: int) -> Iterator[Artifact]:
    """Yields the artifact that an archive is, then the shaded and the nested ones."""
    # Counted first, because zipfile makes an object for each.
    budget.take_entries(content.count(_ENTRY_MAGIC))
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        members = {member.filename: member for member in archive.infolist() if _is_readable(member)}
        names = sorted(members)
        poms = [
            pom_properties(text)
            for name in names
            if name.endswith("pom.properties") and (text := _text(archive, members[name], budget)) is not None
        ]
        artifacts = [pom for pom in poms if pom]
        manifest = _text(archive, members[_MANIFEST], budget) if _MANIFEST in members else None
        if manifest is not None:
            fields = manifest_fields(manifest)
            main = main_artifact(path, artifacts, fields)
            # Archives with this field instrument another one, whose name they have.
            if main.name and "Weave-Classes" not in fields:
                yield main
        yield from artifacts
        if depth < _MAX_DEPTH:
            for name in names:
                if name.endswith(_ENDINGS):
                    yield from _nested(archive, members[name], budget, depth + 1)


def _is_readable(member: zipfile.ZipInfo) -> bool:
    """True if a member can be read with what Java itself can read."""
    is_encrypted = member.flag_bits & 1
    return not is_encrypted and member.compress_type in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)


def _text(archive: zipfile.ZipFile, member: zipfile.ZipInfo, budget: _Budget) -> str | None:
    """Returns the beginning of a member, or None if it cannot be read."""
    try:
        with archive.open(member) as file:
            content = file.read(_MAX_TEXT_BYTES)
    except ZIP_ERRORS:
        return None
    budget.take_bytes(len(content))
    return content.decode(errors="replace")


def _nested(archive: zipfile.ZipFile, member: zipfile.ZipInfo, budget: _Budget, depth: int) -> Iterator[Artifact]:
    """Yields the artifacts of a nested archive; an unreadable one has none."""
    if member.file_size > _MAX_NESTED_BYTES:
        return
    budget.take_bytes(member.file_size)
    try:
        with archive.open(member) as file:
            # Reads no more than the stated size, whatever the compressed bytes yield.
            content = file.read(member.file_size)
        yield from _artifacts(member.filename, content, budget, depth)
    except ZIP_ERRORS:
        return
