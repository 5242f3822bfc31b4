"""Untrusted text made printable, and words for people."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from explorer.layers.tar_layer import AbsentLayer
from explorer.model import Cause, Entry, HistoryStep, Kind, Layer
from explorer.text import words


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
    assert words.printable(given_text) == shown


@pytest.mark.parametrize(
    ("written", "count"),
    [
        ("0", 0),
        ("512 B", 512),
        ("20MB", 20_000_000),
        (" 20 mb ", 20_000_000),
        ("10M", 10_000_000),
        (".5GiB", 1 << 29),
        ("1.0000000001 TB", 1_000_000_000_100),
        *(
            (written, None)
            for written in ("", "B B", ".", "5.", "-1", "1e3", "3i", "3iB", "3x", "٣MB", "1 K B", "9" * 31)
        ),
    ],
)
def test_sizes_as_people_write_them(written: str, count: int | None) -> None:
    """Digits and a decimal or binary unit are bytes, exactly; everything else is no size."""
    assert words.parse_size(written) == count


@given(st.text(alphabet=st.characters(codec=None)))
def test_printable_text_disturbs_no_terminal(anything: str) -> None:
    """Whatever goes in, what comes out can be encoded, stays on one line and holds no control character."""
    shown = words.printable(anything)
    shown.encode()
    assert len(shown.splitlines()) <= 1
    assert not any(ord(character) < 0x20 or 0x7F <= ord(character) < 0xA0 for character in shown)
    assert not set(shown) & set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f")


@pytest.mark.parametrize(
    ("count", "shown"),
    [
        (0, "0 B"),
        (1, "1 B"),
        (999, "999 B"),
        (1000, "1.0 kB"),
        (4_540_000, "4.5 MB"),
        (9_960_000, "10 MB"),
        (166_999_999, "167 MB"),
        (999_960, "1.0 MB"),
        (999_999_999, "1.0 GB"),
        (3_050_000_000, "3.1 GB"),
        (9_949, "9.9 kB"),
        (9_950, "10 kB"),
        (999_499, "999 kB"),
        (999_500, "1.0 MB"),
        (999_949, "1.0 MB"),
        (10**30, "1,000,000 YB"),
    ],
)
def test_size(count: int, shown: str) -> None:
    """Sizes are in decimal units with two or three digits."""
    assert words.size(count) == shown


_UNITS: dict[str, Fraction] = {
    unit: Fraction(1000**power) for power, unit in enumerate(["B", "kB", "MB", "GB", "TB", "PB", "EB", "ZB", "YB"])
}


def meant(shown: str) -> Fraction:
    """The bytes that a shown size stands for."""
    number, _, unit = shown.partition(" ")
    return Fraction(number) * _UNITS[unit]


_sizes = st.one_of(
    st.integers(0, 10**26),
    st.builds(lambda power, near: max(0, 10**power + near), st.integers(0, 26), st.integers(-600, 600)),
    st.builds(lambda power, near: max(0, 9995 * 10**power + near), st.integers(0, 20), st.integers(-600, 600)),
)


@given(_sizes, _sizes)
def test_sizes_are_short_and_in_order(count: int, other: int) -> None:
    """A size needs two or three digits, is never 1000 of a unit, is right to 5 %, and never less for more bytes."""
    shown = words.size(count)
    number, _, unit = shown.partition(" ")
    assert len(number) <= 3
    assert unit in _UNITS
    assert abs(meant(shown) - count) * 20 <= count
    assert (meant(shown) <= meant(words.size(other))) if count <= other else (meant(shown) >= meant(words.size(other)))


@pytest.mark.parametrize(
    ("share", "shown"), [(0, "0 %"), (1, "100 %"), (0.69, "69 %"), (0.9999, ">99 %"), (0.0001, "<1 %")]
)
def test_percent(share: float, shown: str) -> None:
    """What is not all is not 100 %, what is not nothing is not 0 %."""
    assert words.percent(share) == shown


@pytest.mark.parametrize(
    ("kind", "mode", "shown"),
    [
        (Kind.FILE, 0o644, "-rw-r--r--"),
        (Kind.DIRECTORY, 0o1777, "drwxrwxrwt"),
        (Kind.FILE, 0o4755, "-rwsr-xr-x"),
        (Kind.FILE, 0o6644, "-rwSr-Sr--"),
        (Kind.SYMLINK, 0o777, "lrwxrwxrwx"),
        (Kind.CHARACTER_DEVICE, 0o600, "crw-------"),
        (Kind.BLOCK_DEVICE, 0o660, "brw-rw----"),
        (Kind.FIFO, 0o1000, "p--------T"),
        (Kind.HARDLINK, 0o400, "-r--------"),
    ],
)
def test_mode(kind: Kind, mode: int, shown: str) -> None:
    """Modes are as ``ls -l`` shows them."""
    assert words.mode(Entry("x", kind, 0, mode, 0, 0, 0, "", (), 0)) == shown


@pytest.mark.parametrize(
    ("created_by", "comment", "shown"),
    [
        ("/bin/sh -c apt-get update", "", "RUN apt-get update"),
        ("RUN /bin/sh -c apt-get update # buildkit", "buildkit.dockerfile.v0", "RUN apt-get update"),
        ('/bin/sh -c #(nop)  CMD ["sh"]', "", 'CMD ["sh"]'),
        ("/bin/sh -c #(nop) COPY file:0123abcd in /app/app.py ", "", "COPY … /app/app.py"),
        ("/bin/sh -c #(nop) ADD multi:0123abcd in /app/ ", "", "ADD … /app/"),
        ("COPY app.py /app/ # buildkit", "", "COPY app.py /app/"),
        ("|2 A=1 B=x y /bin/sh -c make all", "", "RUN make all"),
        ("RUN |1 A=1 /bin/sh -c make # buildkit", "", "RUN make"),
        ("/bin/bash -o pipefail -c curl x | sh", "", "RUN curl x | sh"),
        ("/bin/sh -ec make", "", "RUN make"),
        ("cmd /S /C dir", "", "RUN dir"),
        ("WORKDIR /app", "", "WORKDIR /app"),
        ("", "Imported from -", "FROM (imported)"),
        ("", "made by hand", "made by hand"),
        ("", "", "(no command recorded)"),
        ("bazel build ...", "", "bazel build ..."),
        ("make all", "", "RUN make all"),
        ("RUN /bin/sh -c a \\\n    && b # buildkit", "", "RUN a \\ && b"),
        ("RUN /bin/sh -c echo '\x1b[2J' # buildkit", "", "RUN echo '\\x1b[2J'"),
    ],
)
def test_command(created_by: str, comment: str, shown: str) -> None:
    """A step reads as a Dockerfile instruction, without shell prefix, builder marks and build arguments."""
    assert words.command(created_by, comment) == shown


@given(st.text(), st.text())
def test_any_command_is_printable(created_by: str, comment: str) -> None:
    """Whatever a history says, the command is one printable line."""
    shown = words.command(created_by, comment)
    assert shown
    assert shown == words.printable(shown)


def test_a_hostile_command_takes_no_time() -> None:
    """Text made to slow down a pattern does not."""
    assert words.command("/bin/sh -" + "eux" * 100_000 + " -" * 100_000)
    assert words.command("RUN a" + " " * 1_000_000 + "b")


@pytest.mark.parametrize(
    ("given_time", "shown"),
    [
        ("2026-01-31T09:00:00Z", "2026-01-31 09:00 UTC"),
        ("2026-01-31T10:00:00.123456789+01:00", "2026-01-31 09:00 UTC"),
        ("0001-01-01T00:00:00Z", ""),
        (None, ""),
        ("yesterday\x1b", "yesterday\\x1b"),
    ],
)
def test_timestamp(given_time: str | None, shown: str) -> None:
    """A time is shown to the minute in UTC; one that is none, as it is."""
    assert words.timestamp(given_time) == shown


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
    """Of an address everything is shown but the login; of that, the user of ssh alone."""
    assert words.without_login(address) == shown
    assert words.without_login(address, f"invalid: {address!s}") == f"invalid: {shown}"


def test_layer_command() -> None:
    """A layer has the command of its history step; a layer that the history does not know says so."""
    step = HistoryStep(created_by="/bin/sh -c make")
    contents = AbsentLayer("layer 0", "absent")
    assert words.layer_command(Layer(0, contents, step=step)) == "RUN make"
    assert words.layer_command(Layer(0, contents)) == words.command("") == "(no command recorded)"


def test_kinds_with_content() -> None:
    """Files have bytes, under any of their names."""
    assert [kind for kind in Kind if kind.has_content] == [Kind.FILE, Kind.HARDLINK]


def test_shortened() -> None:
    """A long text is cut, and says how much is missing."""
    assert words.shortened("abc", 3) == "abc"
    assert words.shortened("abcd", 3) == "abc… and 1 more character"
    assert words.shortened("x" * 1_000_003, 3) == "xxx… and 1,000,000 more characters"
    step = HistoryStep(created_by="RUN " + "x" * 100)
    assert words.step_command(step, 10) == "RUN xxxxxx… and 94 more characters"
    assert words.step_command(step) == step.created_by


def test_counts() -> None:
    """One is singular, all others plural; thousands are set apart."""
    assert [words.counted(count, "file") for count in (0, 1, 1200)] == ["0 files", "1 file", "1,200 files"]
    assert [words.counted(count, "directory", "directories") for count in (1, 2)] == ["1 directory", "2 directories"]


@pytest.mark.parametrize(("items", "said"), [(["a"], "a"), (["a", "b"], "a or b"), (["a", "b", "c"], "a, b or c")])
def test_enumerations(items: list[str], said: str) -> None:
    """Words are joined by commas, the last one by its own word."""
    assert words.enumerated(items, "or") == said


def test_every_cause_has_words() -> None:
    """What each cause of waste means, and what became of the bytes, is told."""
    assert set(words.CAUSES) == set(Cause)
    assert [words.fate(cause, 5) for cause in Cause] == [
        "removed by layer 5",
        "overwritten by layer 5",
        "shipped again, the same, by layer 5",
        "twice in this layer",
    ]
