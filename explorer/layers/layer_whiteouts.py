"""The markers of a layer, and which of them hide something of lower layers."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable

from explorer.layers.problems import Problems, quoted
from explorer.layers.whiteouts import OPAQUE, hidden_name


class LayerWhiteouts:
    """The whiteouts and opaque directories of a layer, once all its members are known."""

    def __init__(
        self, directories: Collection[str], entries: Collection[str], imply: Callable[[str], None], problems: Problems
    ) -> None:
        """Takes the paths of the layer's own directories and of its other members.

        ``imply`` is called with each directory that exists only because of a marker in it.
        """
        self.whiteouts: dict[str, None] = {}
        self.opaques: dict[str, None] = {}
        self._directories = directories
        self._entries = entries
        self._imply = imply
        self._problems = problems
        self._obstacles: dict[str, str] = {}
        """Directory that no member made, to the path that keeps its markers from hiding anything; empty if none."""

    def apply(self, marks: Iterable[tuple[str, str]]) -> None:
        """Adds markers, given as directory and name."""
        marks = dict.fromkeys(marks)
        hidden = {_hidden_path(*mark) for mark in marks if mark[1] != OPAQUE}
        for directory, name in marks:
            obstacle = self._obstacle(directory, hidden)
            path = _hidden_path(directory, name)
            if obstacle and obstacle in self._entries:
                note_no_directory(directory, name, self._problems)
            elif obstacle:
                # Because a whiteout of the directory above hides everything already, and leaves no directory.
                continue
            elif name != OPAQUE:
                self.whiteouts[path] = None
                if path in self._directories:
                    self._problems.note(
                        f"{quoted(path)} is removed and made again by this layer; engines may show its old content"
                    )
            elif directory:
                self.opaques[directory] = None
            else:
                self._problems.note("the layer marks the root as opaque, which engines ignore; it hides nothing")

    def _obstacle(self, directory: str, hidden: Collection[str]) -> str:
        """Returns the non-directory or whiteout at or above a directory; empty if none."""
        obstacle = ""
        walked = []
        while directory not in self._directories:
            known = self._obstacles.get(directory)
            if known is not None:
                obstacle = known
                break
            if directory in self._entries or directory in hidden:
                obstacle = directory
                break
            walked.append(directory)
            directory = directory.rpartition("/")[0]
        for path in walked:
            self._obstacles[path] = obstacle
            self._imply(path)
        return obstacle


def note_no_directory(directory: str, name: str, problems: Problems) -> None:
    """Notes a marker below something that is no directory."""
    problems.note(
        f"{quoted(f'{directory}/{name}')} marks something below a path that is not a directory; it was ignored"
    )


def _hidden_path(directory: str, name: str) -> str:
    return f"{directory}/{hidden_name(name)}" if directory else hidden_name(name)
