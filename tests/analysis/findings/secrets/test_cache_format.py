"""The secrets of a layer in the cache: nothing that another program wrote is believed."""

from __future__ import annotations

import hashlib
import json
import sys
from typing import Any

import pytest

from explorer.analysis.findings.secrets import cache_format
from explorer.analysis.findings.secrets.cache_format import decode_secrets, encode_secrets
from explorer.analysis.findings.secrets.layer_secrets import FoundSecret, LayerSecrets, SecretFile
from explorer.analysis.findings.secrets.same_contents import Search
from explorer.layers import derived_format
from explorer.layers.tree import DEFAULT_DIRECTORY

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

FILE = SecretFile(512, b"0" * 16, (FoundSecret("github-token", 3, "ghp_****"),))
SECRETS = LayerSecrets((FILE,), ("a problem",), unread_files=3)


def searches(*inodes: int) -> list[Search]:
    """Returns searches of contents."""
    return [Search(DEFAULT_DIRECTORY._replace(inode=inode)) for inode in inodes]


def forged(document: Any) -> bytes:
    """Returns an entry as another program may write it."""
    body = zstd.compress(json.dumps(document).encode())
    return cache_format._head(searches(512)) + hashlib.sha256(body).digest() + body


def test_secrets_come_back() -> None:
    """The inodes may be in any order."""
    assert decode_secrets(encode_secrets(SECRETS, searches(512, 7)), searches(7, 512)) == SECRETS


def test_other_searched_files_are_a_miss() -> None:
    """A layer on other layers may have other files to search."""
    assert decode_secrets(encode_secrets(SECRETS, searches(512, 7)), searches(512)) is None


def test_another_path_that_selects_rules_is_a_miss() -> None:
    """The same content at another path may be a secret."""
    content = encode_secrets(SECRETS, searches(512))
    assert decode_secrets(content, [searches(512)[0]._replace(other_paths=("a.yml",))]) is None


def test_other_rules_are_a_miss(monkeypatch: pytest.MonkeyPatch) -> None:
    """Results of older rules are not kept."""
    content = encode_secrets(SECRETS, searches(512))
    monkeypatch.setattr(cache_format, "code_digest", lambda *_: b"x" * 32)
    assert decode_secrets(content, searches(512)) is None


@pytest.mark.parametrize("end", [0, 10, 60, 90, -1])
def test_a_cut_entry_is_a_miss(end: int) -> None:
    """An entry is whole, or it counts as missing."""
    assert decode_secrets(encode_secrets(SECRETS, searches(512))[:end], searches(512)) is None


@pytest.mark.parametrize(
    "document",
    [
        None,
        [],
        {},
        {"files": 1, "problems": [], "unread": 0},
        {"files": [[-1, "", []]], "problems": [], "unread": 0},
        {"files": [[True, "", []]], "problems": [], "unread": 0},
        {"files": [[1, "zz", []]], "problems": [], "unread": 0},
        {"files": [[512, "", [["github-token", "b", "c"]]]], "problems": [], "unread": 0},
        {"files": [[512, "", [["github-token", 1]]]], "problems": [], "unread": 0},
        {"files": [[512, "", [["no-rule", 1, "****"]]]], "problems": [], "unread": 0},
        {"files": [[7, "", [["github-token", 1, "****"]]]], "problems": [], "unread": 0},
        {"files": [], "problems": [7], "unread": 0},
        {"files": [], "problems": [], "unread": "1"},
    ],
)
def test_a_forged_document_is_a_miss(document: Any) -> None:
    """Values of other types, other rules and other contents never reach the findings."""
    assert decode_secrets(forged(document), searches(512)) is None


def test_forged_texts_are_printable_and_short() -> None:
    """A changed entry cannot move the cursor."""
    document = {"files": [[512, "", [["github-token", 1, "\x1b[2J" * 1_000]]]], "problems": ["\x1b]0;x"], "unread": 0}
    secrets = decode_secrets(forged(document), searches(512))
    assert secrets is not None
    (_, _, masked), problem = secrets.files[0].secrets[0], secrets.problems[0]
    assert (masked[:7], len(masked), problem) == ("\\x1b[2J", 200, "\\x1b]0;x")


def test_a_body_of_zeros_is_not_unpacked_without_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    """A few bytes may stand for gigabytes."""
    monkeypatch.setattr(derived_format, "_MAX_BODY_BYTES", 1000)
    assert decode_secrets(forged({"files": [], "problems": ["a" * 2000], "unread": 0}), searches(512)) is None
