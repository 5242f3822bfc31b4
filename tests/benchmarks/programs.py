"""The two programs: how they are called, and how to tell that they did their work."""

from __future__ import annotations

import os
import re
import shutil
import sys
from dataclasses import dataclass, replace
from pathlib import Path

import click

from tests.benchmarks.processes import Run, run
from tests.benchmarks.terminal import Scene, look

_MODE = r"[d-]([r-][w-][xsStT-]){3}"
"""The mode of a file: a file tree is there."""
_OPENED = "(?:▸|▾) [A-Za-z]"
"""A directory in a tree whose names leave no room for modes."""
_TAB, _INTERRUPT = b"\t", b"\x03"


@dataclass(frozen=True, slots=True)
class Program:
    """A program that explores images."""

    name: str
    command: tuple[str, ...]
    report: tuple[str, ...]
    """What follows the command for a report; the image is put in for ``{}``."""
    screen: tuple[str, ...]
    """The same for the screen."""
    done: str
    """A regular expression: a report that says this was made."""
    scene: Scene
    home: Path
    """A directory for what it keeps."""

    def reports(self, image: Path, limit: float, home: Path | None = None) -> Run:
        """A report on an image, with nothing kept from the last time unless a ``home`` is given."""
        options = self.report if home is None else tuple(word for word in self.report if word != "--no-cache")
        result = run(self._called(options, image), self._environment(home), limit)
        if result.trouble or re.search(self.done.encode(), result.output):
            return result
        click.echo(result.output.decode(errors="replace"), err=True)
        return replace(result, trouble=f"{self.name} cannot read it")

    def shows(self, image: Path, limit: float, home: Path | None = None) -> Run:
        """The screen of an image, until it is usable."""
        options = self.screen if home is None else tuple(word for word in self.screen if word != "--no-cache")
        return look(self._called(options, image), self._environment(home), self.scene, limit)

    def _called(self, options: tuple[str, ...], image: Path) -> list[str]:
        return [*self.command, *(option.replace("{}", str(image.absolute())) for option in options)]

    def _environment(self, home: Path | None) -> dict[str, str]:
        """That of this process, without what would change the screen or bring settings of the user."""
        kept = {key: value for key, value in os.environ.items() if key not in ("CI", "NO_COLOR", "FORCE_COLOR")}
        at = str(home or self.home)
        moved = {"XDG_CACHE_HOME": at, "XDG_CONFIG_HOME": at, "TERM": "xterm-256color", "COLORTERM": "truecolor"}
        if self.name == "dive":
            moved["HOME"] = at
        return {**kept, **moved}


def ours(home: Path) -> Program:
    """This program, run by the Python that runs this."""
    return Program(
        "lx",
        (sys.executable, "-m", "explorer"),
        ("report", "--no-cache", "{}"),
        ("--no-cache", "{}"),
        r"\n  efficiency ",
        Scene(("efficient", f"{_MODE}|{_OPENED}"), _TAB, b"q"),
        home,
    )


def dive(home: Path) -> Program | None:
    """dive, where it is installed: first of all beside the Python that runs this."""
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
    found = shutil.which("dive", path=path)
    if found is None:
        return None
    return Program(
        "dive",
        (found,),
        ("--ci", "docker-archive://{}"),
        ("docker-archive://{}",),
        r"Result:",
        Scene(("efficiency", _MODE), _TAB, _INTERRUPT),
        home,
    )


def version_of(program: Program) -> str:
    """What it says when asked for its version."""
    said = run([*program.command, "--version"], limit=30).output.decode(errors="replace").split()
    return said[-1] if said else "?"
