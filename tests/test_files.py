"""Output files: the old content stays until the new one is whole."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from pathlib import Path

import pytest

from explorer import files
from explorer.files import write_output


def test_a_full_disk_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """If the disk is full, the old content stays, a new file does not appear, and nothing is left beside them."""
    old, new = tmp_path / "old", tmp_path / "new"
    old.write_bytes(b"old")

    def refused(self: Path, target: Path) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(Path, "replace", refused)
    for path in (old, new):
        with pytest.raises(OSError, match="No space"):
            write_output(path, b"report")
    assert [(path.name, path.read_bytes()) for path in tmp_path.iterdir() if path.is_file()] == [("old", b"old")]


def test_mode_and_links_stay(tmp_path: Path) -> None:
    """A replaced file keeps its mode, a new one gets the user's, and a link still leads to the file."""
    target, link, new = tmp_path / "target", tmp_path / "link", tmp_path / "new"
    target.write_bytes(b"old")
    target.chmod(0o640)
    link.symlink_to("target")
    mask = os.umask(0o027)
    try:
        write_output(new, b"report")
    finally:
        os.umask(mask)
    write_output(link, b"report")
    assert link.is_symlink()
    assert (target.read_bytes(), target.stat().st_mode & 0o777) == (b"report", 0o640)
    assert new.stat().st_mode & 0o777 == 0o640


def test_a_file_that_cannot_be_replaced_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that is a mount of its own is written in place."""

    def refused(*_: object) -> None:
        raise OSError(errno.EBUSY, os.strerror(errno.EBUSY))

    monkeypatch.setattr(files, "write_atomically", refused)
    path = tmp_path / "report"
    path.write_bytes(b"an older and longer report")
    write_output(path, b"report")
    assert path.read_bytes() == b"report"


@pytest.mark.end_to_end
@pytest.mark.parametrize("name", ["/dev/stdout", "/proc/self/fd/1"])
def test_a_stream_is_written_and_not_replaced(name: str, tmp_path: Path) -> None:
    """The standard output is written as it is, whether a pipe or a file to which a shell appends."""
    code = f"from pathlib import Path; from explorer.files import write_output; write_output(Path('{name}'), b'report')"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True)
    assert done.stdout == b"report"
    path = tmp_path / "log"
    path.write_bytes(b"before ")
    inode = path.stat().st_ino
    with path.open("ab") as log:
        subprocess.run([sys.executable, "-c", code], stdout=log, check=True)
    assert (path.read_bytes(), path.stat().st_ino) == (b"before report", inode)
