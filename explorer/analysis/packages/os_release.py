"""The distribution of an image, which package URLs of the system begin with.

Source: the manual page os-release(5).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from explorer.analysis.packages.formats import Found, Stated

_PATHS = ("etc/os-release", "usr/lib/os-release")
"""The first one counts."""
_MAX_BYTES = 64 << 10
_FIELD = re.compile(rb"^(ID|VERSION_ID)=[\"']?([A-Za-z0-9._~-]{1,100})[\"']?\s*$", re.MULTILINE)


class _OsRelease:
    """Reads the name and the version of a distribution, as if it were a package."""

    kind = "os-release"

    def matches(self, path: str) -> bool:
        return path in _PATHS

    def parse(self, path: str, content: bytes) -> Stated:  # noqa: ARG002
        fields = {name: value.decode() for name, value in _FIELD.findall(content[:_MAX_BYTES])}
        return (Found(fields[b"ID"], fields.get(b"VERSION_ID", "")),) if b"ID" in fields else ()

    def join(self, files: Mapping[str, Stated]) -> Iterator[Found]:
        for path in _PATHS:
            yield from files.get(path, ())


FORMAT = _OsRelease()


def distribution(files: Mapping[str, Stated]) -> Found | None:
    """Returns the distribution that the visible files state, if any."""
    return next(FORMAT.join(files), None)
