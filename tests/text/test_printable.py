"""Untrusted text made safe."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from explorer.text import printable


@pytest.mark.parametrize(
    ("given_text", "shown"),
    [
        ("plain/path.txt", "plain/path.txt"),
        ("üñí 文件 🐳", "üñí 文件 🐳"),
        ("\x1b[2J\x1b]0;owned\x07", "\\x1b[2J\\x1b]0;owned\\x07"),
        ("a\nb\tc\rd", "a\\nb\\tc\\rd"),
        ("\x9b31m", "\\x9b31m"),
        ("evil\u202etxt.exe", "evil\\u202etxt.exe"),
        ("zero\u200bwidth", "zero\\u200bwidth"),
        (b"caf\xe9".decode("utf-8", "surrogateescape"), "caf\\xe9"),
        ("lone\ud800", "lone\\ud800"),
        ("[bold]markup[/]", "[bold]markup[/]"),
        ("nul\0", "nul\\x00"),
    ],
)
def test_printable(given_text: str, shown: str) -> None:
    """Control characters, escape sequences, directions and broken bytes are shown escaped, the rest as it is."""
    assert printable.printable(given_text) == shown


@given(st.text(alphabet=st.characters(codec=None)))
def test_printable_text_disturbs_no_terminal(anything: str) -> None:
    """The result can be encoded, stays on one line and holds no control character."""
    shown = printable.printable(anything)
    shown.encode()
    assert len(shown.splitlines()) <= 1
    assert not any(ord(character) < 0x20 or 0x7F <= ord(character) < 0xA0 for character in shown)
    assert not set(shown) & set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f")


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("tcp://127.0.0.1:2375", "tcp://127.0.0.1:2375"),
        ("tcp://user:a/b c@host:1", "tcp://…@host:1"),
        ("tcp://token@host:1", "tcp://…@host:1"),
        ("user:secret@host", "…@host"),
        ("ssh://user@host:22", "ssh://user@host:22"),
        ("ssh://user:a@b@host", "ssh://user:…@host"),
        ("unix:///run/a:b@c.sock", "unix:///run/a:b@c.sock"),
        ("registry://host/name@sha256:0123", "registry://host/name@sha256:0123"),
        ("registry://user:secret@host/name@sha256:0123", "registry://…@host/name@sha256:0123"),
    ],
)
def test_logins_are_hidden(address: str, shown: str) -> None:
    """The login of an address is hidden, except for the user name of ssh."""
    assert printable.without_login(address) == shown
    assert printable.without_login(address, f"invalid: {address!s}") == f"invalid: {shown}"


def test_shortened() -> None:
    """A long text is cut, and says how much is missing."""
    assert printable.shortened("abc", 3) == "abc"
    assert printable.shortened("abcd", 3) == "abc… and 1 more character"
    assert printable.shortened("x" * 1_000_003, 3) == "xxx… and 1,000,000 more characters"


@pytest.mark.parametrize(
    ("text", "escaped"),
    [
        (
            "::set-output name=x::y\n \t::stop-commands::z",
            r"\u003a:set-output name=x::y" + "\n \t" + r"\u003a:stop-commands::z",
        ),
        ("a ##[set-output name=x]y", r"a \u0023#[set-output name=x]y"),
        ("##vso[task] ##teamcity[x]", r"\u0023#vso[task] \u0023#teamcity[x]"),
        ("## title #[x] a::b : :", "## title #[x] a::b : :"),
    ],
)
def test_commands_of_build_runners_are_escaped(text: str, escaped: str) -> None:
    """A runner that reads the log finds no command; other colons and number signs stay."""
    assert printable.without_workflow_commands(text) == escaped
    assert json.loads(printable.without_workflow_commands(json.dumps(text))) == text
