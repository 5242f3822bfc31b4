"""Masks the secrets in a text, such as the command of a step."""

from __future__ import annotations

from explorer.analysis.findings.secrets.text_search import search_text

_MASK = "****"


def without_secrets(text: str) -> str:
    """Returns a text with each secret masked, as findings show it.

    A text with more secrets than are found is masked as a whole.
    """
    content, matches, is_cut = search_text(text, "")
    if is_cut:
        return _MASK
    parts: list[bytes] = []
    end = 0
    for match in matches:
        parts += [content[end : match.start], match.masked.encode()]
        end = match.end
    return b"".join([*parts, content[end:]]).decode(errors="surrogatepass")
