"""Commands, modes and causes in words."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from explorer.layers.tar_layer import AbsentLayer
from explorer.model import Cause, Entry, HistoryStep, Kind, Layer
from explorer.text import printable, words


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
    """The command is one printable line for any history."""
    shown = words.command(created_by, comment)
    assert shown
    assert shown == printable.printable(shown)


def test_a_hostile_command_takes_no_time() -> None:
    """Hostile text does not slow down a pattern."""
    assert words.command("/bin/sh -" + "eux" * 100_000 + " -" * 100_000)
    assert words.command("RUN a" + " " * 1_000_000 + "b")


def test_layer_command() -> None:
    """A layer has the command of its history step, or a note that none is recorded."""
    step = HistoryStep(created_by="/bin/sh -c make")
    contents = AbsentLayer("layer 0", "absent")
    assert words.layer_command(Layer(0, contents, step=step)) == "RUN make"
    assert words.layer_command(Layer(0, contents)) == words.command("") == "(no command recorded)"


def test_kinds_with_content() -> None:
    """Files have bytes under each of their names."""
    assert [kind for kind in Kind if kind.has_content] == [Kind.FILE, Kind.HARDLINK]


@pytest.mark.parametrize(("items", "text"), [(["a"], "a"), (["a", "b"], "a or b"), (["a", "b", "c"], "a, b or c")])
def test_enumerations(items: list[str], text: str) -> None:
    """Words are joined by commas, the last one by a word."""
    assert words.enumerated(items, "or") == text


def test_every_cause_has_words() -> None:
    """Each cause of waste has an explanation, and a long and a short form with the layer that hides the bytes."""
    assert set(words.CAUSES) == set(Cause)
    assert [(words.hidden_by(5, cause), words.hidden_by(5, cause, is_short=True)) for cause in Cause] == [
        ("removed by layer 5", "removed by 5"),
        ("overwritten by layer 5", "overwritten by 5"),
        ("shipped again unchanged by layer 5", "recopied by 5"),
        ("never visible in layer 5", "unseen in 5"),
    ]
    assert (words.hidden_by(5), words.hidden_by(None)) == ("hidden by layer 5", "visible")


def test_long_commands_are_cut() -> None:
    """A long command is cut, and says how much is missing."""
    step = HistoryStep(created_by="RUN " + "x" * 100)
    assert words.step_command(step, 10) == "RUN xxxxxx… and 94 more characters"
    assert words.step_command(step) == step.created_by


def test_many_layers_are_counted() -> None:
    """Few layers have their numbers, and many only their count and the ends of their range."""
    assert words.layers_named([3]) == "layer 3"
    assert words.layers_named([1, 2, 5]) == "layers 1, 2 and 5"
    assert words.layers_named(range(1, 1500)) == "1,499 layers from 1 to 1499"


@pytest.mark.parametrize("other", ["should not need", "not needed at run time", "may not be needed"])
def test_disposable_has_one_definition(other: str) -> None:
    """Screen, help, README and schemas explain disposable files in the same words."""
    root = Path(__file__).parents[2]
    texts = [root / "README.md", *(root / "explorer").rglob("*.py"), *(root / "explorer").rglob("*.json")]
    assert [text.name for text in texts if other in " ".join(text.read_text(encoding="utf-8").split())] == []
    assert words.NOT_NEEDED in " ".join(texts[0].read_text(encoding="utf-8").split())
