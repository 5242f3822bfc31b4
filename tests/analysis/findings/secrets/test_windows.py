"""Contents that are searched in windows: no secret is lost or found twice at their borders."""

from __future__ import annotations

import pytest

from explorer.analysis.findings.secrets.windows import blocks, secrets_in
from tests.analysis.findings.secrets.made_secrets import TOKEN, WITH_TOKEN

WINDOW = 256 << 10


@pytest.mark.parametrize("before", [0, 1, 20, 60, 1000, 1024, 1100, 16 << 10])
def test_a_secret_at_the_border_of_a_window_is_found_once(before: int) -> None:
    """Its line is counted from the start of the file."""
    filler = b"x" * 99 + b"\n"
    head = (filler * (2 * WINDOW // 100 + 1))[: 2 * WINDOW - before - 1] + b"\n"
    content = head + WITH_TOKEN + filler * 3000
    found = list(secrets_in(blocks([content]), "conf"))
    assert [secret.line for secret in found] == [head.count(b"\n") + 1]


def test_pieces_are_cut_anywhere() -> None:
    """The pieces of a content may be small."""
    pieces = [WITH_TOKEN[at : at + 1] for at in range(len(WITH_TOKEN))]
    assert len(list(secrets_in(blocks(map(memoryview, pieces)), "conf"))) == 1


def test_a_large_content_is_joined_in_blocks() -> None:
    """Small pieces become few blocks, and large ones stay as they are."""
    assert [len(block) for block in blocks([b"a" * 1000] * 1000)] == [263_000] * 3 + [211_000]
    assert list(blocks([])) == []
    assert TOKEN.encode() in next(blocks([WITH_TOKEN]))
