"""Missing memory and threads are no bugs, and end every command with a clear error."""

from __future__ import annotations

import errno
import resource
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from explorer import errors
from explorer.cli.output import errors_as_exit_codes
from explorer.errors import Exhausted, exhausted
from explorer.tui.dialogs.error_screen import error_texts
from tests.cli.running import run_process
from tests.images import docker_archive, file, gzipped, image, layer

_SHORTAGES = [
    MemoryError(),
    ImportError("x.so: failed to map segment from shared object"),
    OSError(errno.ENOMEM, "no memory"),
    RuntimeError("can't start new thread"),
]


@pytest.mark.parametrize("error", _SHORTAGES, ids=repr)
def test_exhausted(error: Exception, capsys: pytest.CaptureFixture[str]) -> None:
    """The command line ends with 3 and one sentence with a hint, and the screen shows the same."""
    with pytest.raises(SystemExit) as ended, errors_as_exit_codes():
        raise error
    assert ended.value.code == 3
    printed = capsys.readouterr().err
    message, hint = error_texts(error)
    assert printed == f"layer-explorer: {message}\n{hint}\n"
    assert "bug" not in printed


def test_values_are_freed() -> None:
    """The values of the failed calls are freed before anything is shown."""
    alive: set[str] = set()

    class Value:
        def __init__(self, name: str) -> None:
            self.name = name
            alive.add(name)

        def __del__(self) -> None:
            alive.discard(self.name)

    def fail() -> None:
        value = Value("first")
        try:
            raise MemoryError(value.name)
        finally:
            fail_again()

    def fail_again() -> None:
        value = Value("second")
        raise MemoryError(value.name)

    with pytest.raises(MemoryError) as caught:
        fail()
    assert alive == {"first", "second"}
    assert exhausted(caught.value) is not None
    assert not alive


def test_the_reserve_is_freed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only missing memory frees the reserve, from which the error is shown."""
    reserve = [b"reserve"]
    monkeypatch.setattr(errors, "_reserve", reserve)
    assert exhausted(ValueError()) is None
    assert reserve
    assert isinstance(exhausted(MemoryError()), Exhausted)
    assert not reserve


def test_other_errors() -> None:
    """Other errors stay as they are; endless calls are a fault of the program, not of the image."""
    for error in (ValueError(), RuntimeError("other"), OSError(errno.ENOENT, "none"), RecursionError()):
        assert exhausted(error) is None


def limited(megabytes: int) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (megabytes << 20,) * 2)


@pytest.mark.end_to_end
@pytest.mark.parametrize("compress", [bytes, gzipped])
def test_little_memory(tmp_path: Path, compress: Callable[[bytes], bytes]) -> None:
    """With any limit of memory, a report is whole or one error with exit code 3, and nothing is left behind."""
    built = image(layer(*(file(f"d{number // 1000}/{number}", b"x") for number in range(20_000))))
    path = tmp_path / "image.tar"
    path.write_bytes(docker_archive(built, compress=compress))
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    codes = set()
    for megabytes in (44, 52, 60, 1024):
        done = run_process(
            "report", str(path), "--no-cache", env={"TMPDIR": str(temporary)}, preexec_fn=partial(limited, megabytes)
        )
        codes.add(done.returncode)
        assert "Traceback" not in done.stderr, megabytes
        assert "bug" not in done.stderr, megabytes
        if done.returncode:
            assert done.returncode == 3
            assert "memory" in done.stderr
    assert codes == {0, 3}
    assert list(temporary.iterdir()) == []
