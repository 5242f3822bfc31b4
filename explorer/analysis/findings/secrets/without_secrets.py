"""Masks the secrets in a text, such as the command of a step."""

from __future__ import annotations

from explorer.analysis.findings.secrets.engine import find_secrets


def without_secrets(text: str) -> str:
    """Returns a text with each secret masked, as findings show it."""
    content = text.encode(errors="surrogatepass")
    parts: list[bytes] = []
    end = 0
    for match in find_secrets(content, ""):
        parts += [content[end : match.start], match.masked.encode()]
        end = match.end
    return b"".join([*parts, content[end:]]).decode(errors="surrogatepass")
