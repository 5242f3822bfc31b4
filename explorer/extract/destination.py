"""Where to save: what the user typed, as a place that can be written to."""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from pathlib import Path

from explorer.errors import CannotSave
from explorer.extract.plan import Plan
from explorer.extract.secure_writer import is_name
from explorer.text.printable import printable
from explorer.text.units import size


@dataclass(frozen=True, slots=True)
class Destination:
    """Where to: a directory that exists, and the name in it to be made."""

    parent: Path
    name: str
    exists: bool

    @property
    def path(self) -> Path:
        """The two together."""
        return self.parent / self.name


def resolve_destination(text: str, wanted: Plan, here: Path) -> Destination:
    """Where a text, typed by the user and relative to ``here``, leads. Raises CannotSave, and says why.

    An existing directory means: into it, under the own name; but a directory that is called like the one to be saved
    is that one.
    """
    if not text.strip():
        raise CannotSave("no destination", "Type where to save it.")
    try:
        if "\0" in text:
            raise ValueError("a name has no zero byte")
        path = here / Path(text).expanduser()
        is_itself = wanted.is_directory and text.rpartition("/")[2] == _file_name(wanted.name)
        if (path.is_dir() and not is_itself) or text.endswith("/") or path.name == "..":
            path = path / _file_name(wanted.name)
        parent, name = path.parent, path.name
        if not parent.is_dir():
            problem = "is no directory" if os.path.lexists(parent) else "does not exist"
            raise CannotSave(f"{printable(str(parent))} {problem}")
        if not os.access(parent, os.W_OK | os.X_OK):
            raise CannotSave(f"{printable(str(parent))} may not be written to")
        exists = os.path.lexists(path)
        if exists and wanted.is_directory and (path.is_symlink() or not path.is_dir()):
            raise CannotSave(f"{printable(str(path))} exists and is no directory")
        if exists and not wanted.is_directory and path.is_dir() and not path.is_symlink():
            raise CannotSave(f"{printable(str(path))} exists and is a directory")
        if exists and not (path.is_dir() or path.is_file() or path.is_symlink()):
            # As root one would have replaced /dev/null.
            raise CannotSave(f"{printable(str(path))} is a device, a pipe or a socket")
    except (RuntimeError, ValueError, OSError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise CannotSave(
            f"{printable(text)} is no place to save to: {printable(reason or 'it cannot be read')}"
        ) from error
    room = shutil.disk_usage(parent).free
    if wanted.bytes > room:
        raise CannotSave(
            f"{size(wanted.bytes)} are to be saved, and {printable(str(parent))} has room for {size(room)}"
        )
    return Destination(parent, name, exists)


def _file_name(name: str) -> str:
    """The name, or one that is fit for a file where the image's own is not."""
    return name if is_name(name) else "saved"
