"""Reads a Dockerfile of the user."""

from __future__ import annotations

from pathlib import Path

from explorer.analysis.dockerfile.dockerfile import Dockerfile
from explorer.analysis.dockerfile.parse import parse_dockerfile
from explorer.errors import UsageError
from explorer.files import regular_file
from explorer.text.printable import printable

MAX_DOCKERFILE_BYTES = 1_000_000
"""A hundred times the size of a long one."""


def read_dockerfile(path: Path, target: str = "") -> Dockerfile:
    """Reads a file. Raises UsageError if it cannot be read, or is no Dockerfile."""
    shown = printable(str(path))
    try:
        with regular_file(path) as file:
            content = file.read(MAX_DOCKERFILE_BYTES + 1)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else None
        raise UsageError(f"the Dockerfile {shown} cannot be read: {reason or error}") from None
    return dockerfile_of(content, str(path), target)


def dockerfile_of(content: bytes, name: str, target: str = "") -> Dockerfile:
    """Returns the Dockerfile with these contents. Raises UsageError if it is none."""
    if len(content) > MAX_DOCKERFILE_BYTES:
        raise UsageError(f"{printable(name)} is no Dockerfile: it has more than {MAX_DOCKERFILE_BYTES:,} bytes")
    if b"\0" in content:
        raise UsageError(f"{printable(name)} is no Dockerfile: it is not text")
    # Builders read any bytes, and record those that are not UTF-8 in the same way.
    return parse_dockerfile(content.decode("utf-8", "replace"), name, target)
