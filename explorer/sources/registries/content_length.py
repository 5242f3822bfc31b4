"""The length that a response announces, checked before its body is read."""

from __future__ import annotations

import re

from requests import Response

from explorer.errors import RegistryError
from explorer.text.printable import printable

_LENGTH = re.compile(r"\d{1,18}", re.ASCII)


def content_length(response: Response) -> int | None:
    """Returns the bytes of a body, or None if its header does not say.

    Raises RegistryError for a header that is no length, because HTTP libraries then read until a timeout.
    """
    header = response.headers.get("Content-Length")
    if header is None or "chunked" in response.headers.get("Transfer-Encoding", "").lower():
        return None
    if not _LENGTH.fullmatch(header):
        raise RegistryError(
            f"a response has the Content-Length “{printable(header[:40])}”, expected a number of bytes",
            "Its administrator or its proxy's must fix it.",
        )
    return int(header)
