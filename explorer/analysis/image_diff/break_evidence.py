"""The signs that tell why a step was built again."""

from __future__ import annotations

import re
from collections.abc import Sequence

from explorer.text import shell
from explorer.text.dockerfile import Instruction

_LOGS = re.compile(
    r"var/log/.*|.*\.log|.*\.pyc|var/cache/ldconfig/aux-cache|etc/ld\.so\.cache|(?:root|home/[^/]+)/\.[a-z]+_history"
    r"|tmp/.*|run/.*|var/tmp/.*|etc/machine-id|var/lib/systemd/random-seed"
)
_DOWNLOADING = re.compile(
    r"\b(?:apt(?:-get)?\s(?:[^;&|]*\s)?(?:update|upgrade|dist-upgrade|install)|apk\s(?:[^;&|]*\s)?(?:add|update|upgrade)"
    r"|(?:dnf|microdnf|yum|zypper|tdnf)\s|pip3?\sinstall|npm\s(?:install|ci|i)\b|yarn\b|pnpm\s|gem\sinstall|bundle\s"
    r"|go\s(?:get|install|mod)|cargo\s(?:install|build|fetch)|curl\s|wget\s|git\s(?:clone|pull|fetch))"
)


def is_log(path: str) -> bool:
    """True for files that each run of a command writes with other bytes."""
    return _LOGS.fullmatch(path) is not None


def without_comments(step: Instruction) -> Sequence[str]:
    """Returns the commands of a RUN without comments, each with single blanks."""
    lines = shell.lines(step.arguments, step.is_windows)
    return [" ".join((line.text if line.is_verbatim else line.command).split()) for line in lines if line.pieces]


def downloading_command(step: Instruction) -> str:
    """Returns the first words of a command that fetches what is current."""
    match = _DOWNLOADING.search(" ".join(step.arguments.split()))
    return match.group().strip() if match else ""
