"""The lines of a Dockerfile before and after a fix of apt's lists and cache.

A RUN that deletes apt's lists takes them from the RUNs after it, so each RUN that installs must update them itself.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from explorer.analysis.advice.build_steps import BuildStep
from explorer.analysis.fixes.commands import CLEAN_APT, DELETE_APT_LISTS, joined
from explorer.analysis.fixes.dockerfile_diff import DiffLine, arguments, is_known

_APT = r"^(?:sudo )?apt(?:-get)?\s+(?:-\S+\s+)*"
_UPDATES = re.compile(_APT + r"update\b")
_ONLY_UPDATES = re.compile(_APT + r"update(?:\s+-\S+)*$")
_INSTALLS = re.compile(_APT + r"(?:install|upgrade|full-upgrade|dist-upgrade|build-dep)\b")


def cleaning_apt(steps: Sequence[BuildStep], layers: Sequence[int]) -> list[DiffLine]:
    """Returns the lines that update, install and clean up in each RUN that uses apt.

    Args:
        steps: All steps of the image.
        layers: Numbers of the layers that bring lists or cache.
    """
    runs = [step for step in steps[min(layers) :] if is_known(step)]
    last_install = max((run.number for run in runs if _any(_INSTALLS, run)), default=-1)
    update, has_lists = "apt-get update", True
    diff: list[DiffLine] = []
    for run in runs:
        updates, installs = _any(_UPDATES, run), _any(_INSTALLS, run)
        needs_lists = installs and not updates and not has_lists
        if run.number not in layers and not needs_lists:
            continue
        if all(_ONLY_UPDATES.match(command) for command in run.commands) and run.number < last_install:
            diff.append(DiffLine.of_old(run))
            update, has_lists = arguments(run), False
            continue
        ends = [DELETE_APT_LISTS, CLEAN_APT] if updates or installs else [CLEAN_APT]
        changed = " && ".join([arguments(run), *(end for end in ends if end not in run.text)])
        if needs_lists and not (changed := joined([update, changed])):
            # Without the lists that a RUN before it deletes, this one fails.
            return []
        if changed != arguments(run):
            diff += [DiffLine.of_old(run), DiffLine("+", f"RUN {changed}")]
        has_lists = has_lists and not (updates or installs)
    return diff


def _any(pattern: re.Pattern[str], run: BuildStep) -> bool:
    return any(pattern.match(command) for command in run.commands)
