"""The kind of each file, by its path and its mode: its content is not read."""

from __future__ import annotations

import re

from explorer.analysis.disposables.disposables import kind_of_directory, kind_of_name
from explorer.analysis.disposables.kinds import leftover_of
from explorer.analysis.file_kinds.kinds import (
    EXECUTABLES,
    KIND_OF_ENDING,
    NAMED_DIRECTORIES,
    OTHER,
    SHARED_LIBRARIES,
)

_EXECUTABLE_BITS = 0o111
_NAMED_DIRECTORY = re.compile("|".join(f"(?P<{key}>{regex})" for key, regex in NAMED_DIRECTORIES.items()), re.DOTALL)
_VERSIONED_LIBRARY = re.compile(r".+\.so(?:\.[\w+~-]+)+", re.DOTALL)
_CONFIGURATION = "configuration"


class FileKindFinder:
    """Finds the kind of files, and remembers their directories."""

    def __init__(self) -> None:
        self._disposable: dict[str, str] = {"": ""}
        """Directory to the key of the disposable kind of what is in it; maybe empty."""
        self._named: dict[str, str] = {}
        """Directory to the key of another kind by its place; maybe empty."""

    def kind(self, path: str, mode: int = 0) -> str:
        """Returns the key of the kind in ``FILE_KINDS`` of a file with these permissions."""
        directory, _, name = path.rpartition("/")
        disposable = self._disposable.get(directory)
        if disposable is None:
            disposable = self._of_directory(directory)
        disposable = disposable or kind_of_name(name) or leftover_of(path)
        if disposable:
            return disposable
        named = self._named.get(directory)
        if named is None:
            match = _NAMED_DIRECTORY.match(f"{directory}/")
            named = self._named[directory] = (match.lastgroup or "") if match else ""
        if named and named != _CONFIGURATION:
            return named
        of_ending = KIND_OF_ENDING.get(name.rpartition(".")[2].lower()) if "." in name else None
        if of_ending is not None:
            return of_ending
        if ".so." in name and _VERSIONED_LIBRARY.fullmatch(name):
            return SHARED_LIBRARIES
        return named or (EXECUTABLES if mode & _EXECUTABLE_BITS else OTHER)

    def _of_directory(self, directory: str) -> str:
        """Returns the disposable kind of a directory, or of the highest one above it."""
        missing = []
        while directory not in self._disposable:
            missing.append(directory)
            directory = directory.rpartition("/")[0]
        kind = self._disposable[directory]
        for each in reversed(missing):
            kind = self._disposable[each] = kind or kind_of_directory(f"{each}/")
        return kind
