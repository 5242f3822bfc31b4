"""Resolves the destination that the user typed to a path that can be written."""

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
    """An existing directory, and a name in it."""

    parent: Path
    name: str
    exists: bool
    """True if the name is taken."""

    @property
    def path(self) -> Path:
        """The full path."""
        return self.parent / self.name


def resolve_destination(text: str, plan: Plan, here: Path) -> Destination:
    """Returns the destination that a text means.

    An existing directory means a new name in it, unless the plan saves a directory of the same name: then it is the
    destination itself. A relative path starts from ``here``.

    Raises CannotSave if nothing can be saved there.
    """
    if not text.strip():
        raise CannotSave("no destination", "Type where to save it.")
    try:
        if "\0" in text:
            raise ValueError("a name cannot contain a zero byte")
        path = here / Path(text).expanduser()
        is_itself = plan.is_directory and text.rpartition("/")[2] == _file_name(plan.name)
        if (path.is_dir() and not is_itself) or text.endswith("/") or path.name == "..":
            path = path / _file_name(plan.name)
        _check(path, plan)
        exists = os.path.lexists(path)
    except (RuntimeError, ValueError, OSError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise CannotSave(
            f"{printable(text)} is not a valid destination: {printable(reason or 'it cannot be read')}"
        ) from error
    free = shutil.disk_usage(path.parent).free
    if plan.bytes > free:
        raise CannotSave(f"{size(plan.bytes)} do not fit: {printable(str(path.parent))} has {size(free)} free")
    return Destination(path.parent, path.name, exists)


def _check(path: Path, plan: Plan) -> None:
    """Raises CannotSave if the plan cannot be saved to a path."""
    shown, parent = printable(str(path)), printable(str(path.parent))
    if not path.parent.is_dir():
        problem = "is not a directory" if os.path.lexists(path.parent) else "does not exist"
        raise CannotSave(f"{parent} {problem}")
    is_directory = path.is_dir() and not path.is_symlink()
    if plan.is_directory and os.path.lexists(path) and not is_directory:
        raise CannotSave(f"{shown} exists and is not a directory")
    if is_directory and not plan.is_directory:
        raise CannotSave(f"{shown} exists and is a directory")
    if os.path.lexists(path) and not (path.is_dir() or path.is_file() or path.is_symlink()):
        # Otherwise root would replace /dev/null.
        raise CannotSave(f"{shown} is a device, a pipe or a socket")
    if not os.access(path.parent, os.W_OK | os.X_OK):
        raise CannotSave(f"{parent} is not writable")


def _file_name(name: str) -> str:
    """Returns the name, or another one if it cannot name a file."""
    return name if is_name(name) else "saved"
