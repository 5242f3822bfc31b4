"""The two programs: how to call them, and how to see that they did their work."""

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
"""A file mode, which shows that there is a file tree."""
_OPENED = "(?:▸|▾) [A-Za-z]"
"""A directory in a tree whose names leave no room for modes."""
_TAB, _INTERRUPT = b"\t", b"\x03"


@dataclass(frozen=True, slots=True)
class Program:
    """A program that explores images."""

    name: str
    command: tuple[str, ...]
    report: tuple[str, ...]
    """Arguments for a report; the image replaces ``{}``."""
    screen: tuple[str, ...]
    """Arguments for the screen."""
    done: str
    """A regular expression that a finished report matches."""
    scene: Scene
    home: Path
    """Directory for its cache and configuration."""

    def reports(self, image: Path, limit: float, home: Path | None = None) -> Run:
        """Makes a report, with the cache in ``home`` or without a cache."""
        options = self.report if home is None else tuple(word for word in self.report if word != "--no-cache")
        result = run(self._called(options, image), self._environment(home), limit)
        if result.trouble or re.search(self.done.encode(), result.output):
            return result
        click.echo(result.output.decode(errors="replace"), err=True)
        return replace(result, trouble=f"{self.name} cannot read it")

    def shows(self, image: Path, limit: float, home: Path | None = None) -> Run:
        """Opens the screen of an image until it is usable."""
        options = self.screen if home is None else tuple(word for word in self.screen if word != "--no-cache")
        return look(self._called(options, image), self._environment(home), self.scene, limit)

    def _called(self, options: tuple[str, ...], image: Path) -> list[str]:
        return [*self.command, *(option.replace("{}", str(image.absolute())) for option in options)]

    def _environment(self, home: Path | None) -> dict[str, str]:
        """Returns an environment without the user's settings."""
        inherited = {key: value for key, value in os.environ.items() if key not in ("CI", "NO_COLOR", "FORCE_COLOR")}
        at = str(home or self.home)
        moved = {
            "XDG_CACHE_HOME": at,
            "XDG_CONFIG_HOME": at,
            "XDG_STATE_HOME": at,
            "TERM": "xterm-256color",
            "COLORTERM": "truecolor",
        }
        if self.name == "dive":
            moved["HOME"] = at
        return {**inherited, **moved}


def ours(home: Path) -> Program:
    """Returns this program, run by this Python."""
    return Program(
        "lx",
        (sys.executable, "-m", "explorer"),
        ("report", "--no-cache", "{}"),
        ("--no-cache", "{}"),
        r"\n  efficiency ",
        Scene(("B visible", f"{_MODE}|{_OPENED}"), _TAB, b"q", f"{_MODE}|{_OPENED}"),
        home,
    )


def dive(home: Path) -> Program | None:
    """Returns dive if it is installed, preferably beside this Python."""
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
    program = shutil.which("dive", path=path)
    if program is None:
        return None
    return Program(
        "dive",
        (program,),
        ("--ci", "docker-archive://{}"),
        ("docker-archive://{}",),
        r"Result:",
        Scene(("efficiency", _MODE), _TAB, _INTERRUPT),
        home,
    )


def version_of(program: Program) -> str:
    """Returns the version that the program prints."""
    words = run([*program.command, "--version"], limit=30).output.decode(errors="replace").split()
    return words[-1] if words else "?"
