"""Errors of memory and of depth are about the image, and never called a bug."""

from __future__ import annotations

import pytest

from explorer.cli.output import errors_as_exit_codes
from explorer.errors import exhausted
from explorer.tui.dialogs.error_screen import error_texts


def deep(level: int) -> int:
    return deep(level + 1)


@pytest.mark.parametrize("kind", [MemoryError, RecursionError])
def test_exhausted(kind: type[Exception], capsys: pytest.CaptureFixture[str]) -> None:
    """The command line ends with 3 and one sentence with a hint, and the screen shows the same."""
    with pytest.raises(SystemExit) as ended, errors_as_exit_codes():
        raise kind
    assert ended.value.code == 3
    printed = capsys.readouterr().err
    message, hint = error_texts(kind())
    assert printed == f"layer-explorer: {message}\n{hint}\n"
    assert "bug" not in printed


def test_values_are_freed() -> None:
    """The values of the failed calls are freed before anything is shown."""

    class Value:
        alive = True

        def __del__(self) -> None:
            Value.alive = False

    def fail() -> None:
        value = Value()
        raise MemoryError(value.alive)

    with pytest.raises(MemoryError) as caught:
        fail()
    assert Value.alive
    assert exhausted(caught.value) is not None
    assert not Value.alive


def test_other_errors() -> None:
    """Other errors stay as they are; real recursion is recognized."""
    assert exhausted(ValueError()) is None
    with pytest.raises(RecursionError) as caught:
        deep(0)
    assert exhausted(caught.value) is not None
