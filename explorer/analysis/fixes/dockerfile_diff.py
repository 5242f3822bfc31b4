"""The lines of a Dockerfile before and after a fix.

The history knows no line breaks, variables or comments, so the lines are for people to read and adapt. A step that the
history does not hold in full, like one with a here-document, has no lines.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import pairwise
from typing import NamedTuple

from explorer.analysis.advice.advice import copy_options
from explorer.analysis.advice.build_steps import ATTRIBUTES, BuildStep, named_directory, step_of
from explorer.analysis.fixes.commands import ending_with, joined, only_for, option_added, retargeted
from explorer.analysis.fixes.dockerignore import WILDCARD, names_to_ignore, pattern_of
from explorer.model import Entry

_MAX_IGNORED_PATHS = 8
_UNKNOWN_SOURCE = "…"
_ELSEWHERE = re.compile(r"\.(?:tar|t[gbx]z2?|tar\.\w+)$|^[a-z]+://|^git@")
_SEPARATOR = re.compile(r"\s*(?:;|&&)\s*")
_SYMBOLIC_MODE = re.compile(r"^chmod\s+(?:-[Rcfv]+\s+)*(?!-[Rcfv])[ugoa]*[-+=]")


class DiffLine(NamedTuple):
    """A line that goes or comes."""

    sign: str
    """``-``, ``+``, or ``#`` for the name of another file."""
    text: str
    """Printable."""
    layer: int | None = None
    """The layer of the step that goes."""

    def __str__(self) -> str:
        return f"{self.sign} {self.text}"

    @classmethod
    def of_old(cls, step: BuildStep) -> DiffLine:
        """Returns the line of a step that goes."""
        return cls("-", step.text, step.number)


class DockerfileDiff:
    """Writes the lines of fixes."""

    def __init__(self, steps: Sequence[BuildStep], working_directory: str) -> None:
        self.steps = steps
        self.working_directory = working_directory.strip("/")

    def ending(self, commands: Mapping[int, str], option: tuple[str, str] | None = None) -> Iterator[DiffLine]:
        """Yields the lines that end the RUN of each layer with a command.

        A RUN with the first text of ``option``, a command, gets the second in its place, and no command.
        """
        for number, command in commands.items():
            run = step_of(self.steps, number)
            if not is_known(run):
                continue
            changed = option_added(run.text, option) if option else ""
            missing = [part for part in command.split(" && ") if part and part not in run.text]
            if not changed and missing:
                changed = " && ".join([run.text, *missing])
            if changed:
                yield DiffLine.of_old(run)
                yield DiffLine("+", changed)

    def moving(self, paths: Mapping[int, Sequence[str]], hider: BuildStep, command: str) -> Iterator[DiffLine]:
        """Yields the lines that move a command of one RUN to the end of others.

        Args:
            paths: Layer to the paths that it brings and that the command removes.
            hider: The RUN with the command.
            command: The command to move. Where it names other paths as well, it keeps these.
        """
        runs = [step_of(self.steps, number) for number in paths]
        if not command or not is_known(hider) or not all(map(is_known, runs)):
            return
        places = {run.working_directory for run in (*runs, hider)}
        if len(places) > 1 and any(not word.startswith(("/", "-")) for word in command.split()[1:]):
            # The command names the files from its own working directory.
            return
        _, rest = only_for(command, [path for names in paths.values() for path in names])
        if not (taken := without(hider, command, rest=rest)):
            return
        for run in runs:
            yield DiffLine.of_old(run)
            yield DiffLine("+", ending_with(run.text, only_for(command, paths[run.number])[0]))
        yield from taken

    def setting_attributes(self, paths: Mapping[int, Sequence[str]], hider: BuildStep) -> Iterator[DiffLine]:
        """Yields the lines that set mode and owner in the steps that make the files.

        Args:
            paths: Layer to the paths that it brings and that the command changes.
            hider: The RUN with the command.
        """
        sample = next(iter(paths.values()))[0]
        command = hider.command(ATTRIBUTES, sample)
        commands = attributes_of(hider, sample)
        taken = without(hider, *commands) if command and is_known(hider) else []
        if not taken:
            return
        if len(commands) > 1 and any(_SYMBOLIC_MODE.match(each) for each in commands):
            return
        command = " && ".join(commands)
        if _SYMBOLIC_MODE.match(command) and any(step_of(self.steps, number).is_copy for number in paths):
            yield from self._setting_modes_before(paths, command, taken)
            return
        lines: list[DiffLine] = []
        for place, (number, names) in enumerate(paths.items()):
            step = step_of(self.steps, number)
            # After a first RUN, the command would copy again what the steps before bring.
            parts = commands if place == 0 else [retargeted(each, names) for each in commands]
            own = " && ".join(parts) if all(parts) else ""
            if step.is_copy and self.names_a_part(step, command):
                return
            if step.is_copy and not step.is_cut:
                options = copy_options(command)
                replaced = tuple(f"{option.partition('=')[0]}=" for option in options.split())
                kept = [word for word in arguments(step).split(" ") if not word.startswith(replaced)]
                changed = " ".join([step.keyword, options, *kept])
            elif is_known(step) and own:
                changed = f"{step.text} && {own}"
            else:
                return
            lines += [DiffLine.of_old(step), DiffLine("+", changed)]
        yield from (*lines, *taken)

    def names_a_part(self, copy: BuildStep, command: str) -> bool:
        """True if a command names files below the target of a COPY."""
        target = self._copied(copy)[1]
        above = f"/{target}/" if target else "/"
        return any((named := named_directory(word)) != above and named.startswith(above) for word in command.split())

    def _setting_modes_before(
        self, paths: Mapping[int, Sequence[str]], command: str, taken: Sequence[DiffLine]
    ) -> Iterator[DiffLine]:
        """Yields the lines that set modes like ``+x`` before the build.

        COPY only knows modes in digits.
        """
        inside = [
            path for number, names in paths.items() for path in self._in_context(step_of(self.steps, number), names)
        ]
        changed = retargeted(command, inside, above="") if len(inside) == sum(map(len, paths.values())) else ""
        if changed:
            yield from taken
            yield DiffLine("#", "in the build context, before the build")
            yield DiffLine("+", changed)

    def joining(self, numbers: Iterable[int]) -> Iterator[DiffLine]:
        """Yields the lines that join RUNs in one, if they follow each other."""
        runs = [step_of(self.steps, number) for number in sorted(set(numbers))]
        follow = all(run.number + 1 == after.number and run.settings == after.settings for run, after in pairwise(runs))
        if len(runs) < 2 or not follow or not all(map(is_known, runs)):
            return
        if one := joined([arguments(run) for run in runs]):
            yield from map(DiffLine.of_old, runs)
            yield DiffLine("+", f"RUN {one}")

    def copying_to_end(self, copy: BuildStep, movers: Sequence[BuildStep]) -> Iterator[DiffLine]:
        """Yields the lines that copy files to where a RUN moves all of them.

        Args:
            copy: The COPY.
            movers: The RUNs that move its files.
        """
        *words, target = arguments(copy).split() or [""]
        moves = [command for run in movers for command in run.commands if command.startswith("mv ")]
        if len(movers) != 1 or len(moves) != 1 or copy.is_cut or not is_known(movers[0]):
            return
        moved = moves[0].split()[1:]
        # A target that ends with a slash, or a single file, may be a directory that is already there.
        if len(moved) != 2 or moved[0] != target or target.endswith("/") or moved[1].endswith(("/", ".")):
            return
        if taken := without(movers[0], moves[0]):
            yield DiffLine.of_old(copy)
            yield DiffLine("+", " ".join([copy.keyword, *words, moved[1]]))
            yield from taken

    def ignoring(self, copy: BuildStep, paths: Sequence[str], entries: Iterable[Entry]) -> Iterator[DiffLine]:
        """Yields the lines of .dockerignore that leave out paths of a COPY.

        Args:
            copy: The COPY.
            paths: The files to leave out.
            entries: The entries of its layer.
        """
        source, target = self._copied(copy)
        is_known_source = source != _UNKNOWN_SOURCE
        names = names_to_ignore(paths, entries, target, joins_files=is_known_source) if source else []
        if target in names:
            # A COPY without a file in the build context fails.
            yield DiffLine.of_old(copy)
            return
        # Without the source, the lines name the files in every directory.
        anywhere = "" if is_known_source else "**/"
        patterns = [f"{anywhere}{pattern_of(name)}" for name in self._in_context(copy, names)]
        if patterns:
            yield DiffLine("#", ".dockerignore")
            yield from (DiffLine("+", pattern) for pattern in patterns[:_MAX_IGNORED_PATHS])
            if len(patterns) > _MAX_IGNORED_PATHS:
                yield DiffLine("#", f"and {len(patterns) - _MAX_IGNORED_PATHS:,} more")

    def _in_context(self, copy: BuildStep, paths: Sequence[str]) -> list[str]:
        """Returns the paths in the build context of files that a COPY brings."""
        source, target = self._copied(copy)
        if not source:
            return []
        above = "" if source in (".", _UNKNOWN_SOURCE) else f"{source}/"
        return [
            above + path.removeprefix(f"{target}/" if target else "")
            for path in dict.fromkeys(paths)
            if not target or path.startswith(f"{target}/")
        ]

    def _copied(self, copy: BuildStep) -> tuple[str, str]:
        """Returns source and target of a COPY; empty texts if they are not known."""
        words = [word for word in arguments(copy).split() if not word.startswith("--")]
        # The files of an archive that ADD unpacks, or of an address, are not in the build context.
        is_elsewhere = copy.is_from_stage or (copy.keyword == "ADD" and len(words) == 2 and _ELSEWHERE.search(words[0]))
        if is_elsewhere or copy.is_cut or len(words) != 2 or words[0].startswith(("[", "(")):
            return "", ""
        directory = copy.working_directory or self.working_directory
        target = words[1] if words[1].startswith("/") else f"{directory}/{words[1].removeprefix('./')}"
        source = words[0].strip("/").removeprefix("./") or "."
        if WILDCARD.search(source):
            source = _UNKNOWN_SOURCE
        return source, "/".join(part for part in target.split("/") if part not in ("", "."))


def is_known(step: BuildStep) -> bool:
    """True if the step is a RUN whose whole command is a line of a shell."""
    is_list = arguments(step).startswith('["')
    has_more_than_commands = is_list or "<<" in step.text or " #" in step.text or step.text.endswith((";", "&", "\\"))
    return step.is_run and bool(step.commands) and not has_more_than_commands and not step.is_cut


def arguments(step: BuildStep) -> str:
    """Returns the instruction of a step without its keyword."""
    return step.text.removeprefix(step.keyword).strip()


def attributes_of(hider: BuildStep, path: str) -> list[str]:
    """Returns the commands of a RUN that change attributes of a path."""
    command = hider.command(ATTRIBUTES, path)
    target = command.split()[-1:]
    same = [each for each in hider.commands if ATTRIBUTES.search(each) and each.split()[-1:] == target]
    return same if len({each.split()[0] for each in same}) == len(same) else [command]


def without(step: BuildStep, *commands: str, rest: str = "") -> list[DiffLine]:
    """Returns the lines that take commands out of a RUN, except for the rest of them."""
    if _SEPARATOR.sub(" && ", arguments(step)) != " && ".join(step.commands):
        # A loop or a condition is around the command.
        return []
    left = [rest if other in commands else other for other in step.commands]
    after = [DiffLine("+", f"RUN {' && '.join(filter(None, left))}")] if any(left) else []
    return [DiffLine.of_old(step), *after]
