"""The limit of open files."""

from __future__ import annotations

import errno
import resource

import pytest

from explorer.open_file_limit import open_error_hint, raise_open_file_limit


@pytest.mark.parametrize(("hard", "expected"), [(64, 64), (9_000, 4_096), (resource.RLIM_INFINITY, 4_096)])
def test_the_limit_of_open_files(hard: int, expected: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """The limit of open files is raised as far as the system allows and layers need."""
    limits: list[tuple[int, int]] = []
    monkeypatch.setattr(resource, "getrlimit", lambda _: (32, hard))
    monkeypatch.setattr(resource, "setrlimit", lambda _, both: limits.append(both))
    raise_open_file_limit()
    assert limits == [(expected, hard)]


def test_too_many_open_files() -> None:
    """The error for too many open files names the limit and what raises it."""
    hint = open_error_hint(OSError(errno.EMFILE, "Too many open files"), "Look.")
    assert "files may be open" in hint
    assert "ulimit -n 4096" in hint
    assert open_error_hint(OSError(errno.EACCES, "denied"), "Look.") == "Look."
