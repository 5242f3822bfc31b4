"""Practices of the commands of RUN."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import NamedTuple

from explorer.analysis.advice.build_steps import BuildStep
from explorer.analysis.findings.finding import Severity, StepPlace
from explorer.analysis.findings.practices.own_steps import OwnStep, quoted
from explorer.analysis.findings.practices.practice_case import Evidence, Finder, PracticeCase, in_each_step
from explorer.text.units import counted
from explorer.text.words import layers_named

_BEFORE = r"(?:[A-Za-z_]\w*=\S* )*+(?:sudo (?:-\S+ )*+)?(?:[A-Za-z_]\w*=\S* )*+(?:/usr)?(?:/s?bin/)?"
"""The start of a command: variables, sudo and a directory. It never gives back, or time grows with a long command."""
_OPTIONS = r"(?: -o \S+| -c \S+| --?[A-Za-z]\S*)*+"


_APT_NAMES = "(?:apt|apt-get|aptitude)"


class _Manager(NamedTuple):
    """The commands of a package manager."""

    name: str
    update: re.Pattern[str]
    """Fetches the lists of packages."""
    install: re.Pattern[str]


def _command(name: str, verbs: str) -> re.Pattern[str]:
    return re.compile(rf"{_BEFORE}{name}{_OPTIONS} (?:{verbs})(?= |$)")


_MANAGERS = (
    _Manager("apt-get", _command(_APT_NAMES, "update"), _command(_APT_NAMES, "install")),
    _Manager("apk", _command("apk", "update"), _command("apk", "add")),
    _Manager("dnf", _command("(?:dnf|yum|microdnf)", "makecache|check-update"), _command("(?:dnf|yum)", "install")),
    _Manager("zypper", _command("zypper", "ref|refresh"), _command("zypper", "in|install")),
)
_APK_UPDATES = re.compile(r"(?:^| )(?:--no-cache|--update(?:-cache)?|-U)(?= |$)")
_UPGRADES = (
    (_command(_APT_NAMES, "dist-upgrade|full-upgrade"), ("DL3005",)),
    (_command(_APT_NAMES, "upgrade|safe-upgrade"), ()),
    (_command("apk", "upgrade"), ("DL3017",)),
    (re.compile(rf"{_BEFORE}(?:dnf|yum|microdnf){_OPTIONS} (?:update|upgrade){_OPTIONS}$"), ("DL3031",)),
    (re.compile(rf"{_BEFORE}zypper{_OPTIONS} (?:up|update|dup|dist-upgrade){_OPTIONS}$"), ("DL3035",)),
)
"""Commands that upgrade all packages, with hadolint's IDs."""
_APT = _command("apt", "install|update|upgrade|full-upgrade|remove|purge|autoremove|clean")
_APT_INSTALL = _command("(?:apt|apt-get)", "install")
_NO_RECOMMENDS = re.compile(r"--no-install-recommends|Install-Recommends|APT_CONFIG")
_SUDO = re.compile(r"(?:[A-Za-z_]\w*=\S* )*sudo ")
_SHELL = r"(?:/usr)?(?:/bin/)?(?:ba|da|z|a|k)?sh"
_DOWNLOAD = re.compile(r"\b(?:curl|wget)\b")
_PIPED_TO_SHELL = re.compile(
    r" ?(?:sudo (?:-\S+ )*+)?(?:env )?(?:\w+=\S* )*+"
    rf"(?:{_SHELL}(?= -(?!c )|$| ?[;)&>])|(?:python[\d.]*|perl|node|php)(?= -$| - |$| ?[;)&>]))"
)
"""The start of a part of a pipe. An interpreter that gets its program as an argument only reads what is downloaded."""
_SHELL_OF_DOWNLOAD = re.compile(rf"\b{_SHELL} (?:-c [\"']?\$\(|<\( ?)(?:curl|wget) ")
_UNVERIFIED = (
    ("curl ", re.compile(r" (?:--insecure|-[fsSLgviO#]*k[fsSLgviO#]*)(?= |$)")),
    ("wget ", re.compile(" --no-check-certificate")),
    ("pip", re.compile(" --trusted-host")),
    ("apt", re.compile(r" (?:--allow-unauthenticated|--force-yes)(?= |$)|AllowInsecureRepositories[=\" ]+(?:true|1)")),
    ("", re.compile(r" --nogpgcheck| --no-gpg-checks|\[[^\]]{0,200}\btrusted=yes\b")),
    ("", re.compile(r"\bhttp\.(?i:sslVerify)[= ]false|\bstrict-ssl[= ]false|NODE_TLS_REJECT_UNAUTHORIZED=0")),
)
"""A part of a command before an option, and the option."""
_NO_EFFECT = re.compile(
    r"(?:cd|export|umask|ulimit|alias|set)(?: |$)|(?:source|\.) (?:\S+/)?(?:activate|\.bashrc|\.profile)$"
    r"|(?:/usr/sbin/|/sbin/)?service \S+ (?:re)?start$|/etc/init\.d/\S+ (?:re)?start$|systemctl start "
)
_ASSIGNMENTS = re.compile(r"(?:[A-Za-z_]\w*=\S*(?: |$))+")
_MIN_SMALL_RUNS = 5
_MAX_SMALL_RUN_BYTES = 1_000_000


def update_alone(case: PracticeCase) -> Iterator[Evidence]:
    """Finds RUNs that fetch the lists of packages for the installation of a later RUN."""
    runs = [step for step in case.own_steps if step.commands]
    for manager in _MANAGERS:
        later: OwnStep | None = None
        for step in reversed(runs):
            if _any(manager.install, step):
                later = step
            elif later is not None and _any(manager.update, step) and not _updates(manager, later):
                is_all = all(manager.update.match(command) for command in step.commands)
                where = f"layer {later.layer} installs" if later.layer is not None else "a later step installs"
                why = f"This RUN fetches the lists of {manager.name}, and {where} packages from them."
                count = case.usage.shipped_by_layer[step.layer] if is_all and step.layer is not None else 0
                yield Evidence(StepPlace(step.number), why, step.layer, count)


def _updates(manager: _Manager, step: OwnStep) -> bool:
    """True if a RUN that installs packages fetches their lists itself."""
    return _any(manager.update, step) or any(map(_APK_UPDATES.search, step.commands))


def upgrade_of_base(case: PracticeCase) -> Iterator[Evidence]:
    """Finds RUNs that upgrade all packages of the base."""
    replaced = Counter[int]()
    for waste in case.usage.wasted:
        if waste.shipped_in < case.base_layers <= waste.hidden_in:
            replaced[waste.hidden_in] += waste.bytes
    for step in case.own_steps:
        ids = next((ids for pattern, ids in _UPGRADES if _any(pattern, step)), None)
        if ids is not None and step.layer is not None and replaced[step.layer]:
            why = "This RUN upgrades packages of the base. The files that it replaces are still shipped."
            yield Evidence(StepPlace(step.number), why, step.layer, replaced[step.layer], other_ids=ids)


def recommended_packages(case: PracticeCase) -> Iterator[Evidence]:
    """Finds installations with apt that also bring recommended packages."""
    installed: defaultdict[int, list[str]] = defaultdict(list)
    for usage in case.packages.usages:
        if usage.package.kind == "deb" and not usage.package.upgraded_from:
            installed[usage.package.installed_in].append(usage.package.name)
    for step in case.own_steps:
        installs = [command for command in step.commands if _APT_INSTALL.match(command)]
        if not installs or any(map(_NO_RECOMMENDS.search, step.commands)) or step.layer is None:
            continue
        named = {word.partition("=")[0] for command in installs for word in command.split()}
        count = sum(name not in named for name in installed[step.layer])
        if count:
            why = f"RUN installs {counted(count, 'package')} that it does not name. Some may only be recommended."
            yield Evidence(StepPlace(step.number), why, step.layer)


def _remote_script(step: OwnStep) -> str:
    is_run = any(map(_runs_download, step.commands))
    return "RUN pipes a download to a shell, so whatever the server sends is run." if is_run else ""


def _runs_download(command: str) -> bool:
    """True if a command gives what it downloads to a shell."""
    pipes = pairwise(command.split("|"))
    is_piped = any(_PIPED_TO_SHELL.match(after) and _DOWNLOAD.search(before) for before, after in pipes)
    return is_piped or bool(_SHELL_OF_DOWNLOAD.search(command))


def _unverified_download(step: OwnStep) -> str:
    parts = [part for command in step.commands for part in command.split("|")]
    option = next(filter(None, map(_unverified_option, parts)), "")
    return f"RUN uses {quoted(option, 40)}." if option else ""


def _unverified_option(command: str) -> str:
    """Returns the option that turns off a check; empty if there is none."""
    for tool, pattern in _UNVERIFIED:
        match = pattern.search(command, command.index(tool)) if tool in command else None
        if match:
            return match.group().split()[-1]
    return ""


def _run_without_effect(step: OwnStep) -> str:
    if not step.commands or "<<" in step.instruction.arguments or not all(map(_has_no_effect, step.commands)):
        return ""
    return f"{quoted(step.commands[0].split()[0], 40)} has an effect only in the shell of this RUN."


def _has_no_effect(command: str) -> bool:
    is_plain = not set("|<>`$(") & set(command)
    return is_plain and bool(_NO_EFFECT.match(command) or _ASSIGNMENTS.fullmatch(command))


def small_runs(case: PracticeCase) -> Iterator[Evidence]:
    """Finds many small RUNs in a row that can be one."""
    row: list[BuildStep] = []
    for number in (*case.own_layers, None):
        step = case.build_steps[number] if number is not None and number < len(case.build_steps) else None
        is_small = step is not None and step.is_run and _small(case, step.number)
        if step is not None and is_small and (not row or row[-1].settings == step.settings):
            row.append(step)
            continue
        if len(row) >= _MIN_SMALL_RUNS:
            yield _evidence_of_row(case, row)
        row = [step] if step is not None and is_small else []


def _small(case: PracticeCase, layer: int) -> bool:
    return case.usage.shipped_by_layer[layer] <= _MAX_SMALL_RUN_BYTES


def _evidence_of_row(case: PracticeCase, row: list[BuildStep]) -> Evidence:
    numbers = range(row[0].number, row[-1].number + 1)
    between = [waste for waste in case.usage.wasted if waste.shipped_in in numbers and waste.hidden_in in numbers]
    wasted = sum([waste.bytes for waste in between])
    index = next((step.number for step in case.own_steps if step.layer == numbers[0]), 0)
    why = f"{len(row)} RUNs follow each other, and each ships little: {layers_named(numbers)}."
    return Evidence(StepPlace(index), why, numbers[0], wasted, severity=Severity.LOW if wasted else None)


def _any(pattern: re.Pattern[str], step: OwnStep) -> bool:
    return any(pattern.match(command) for command in step.commands)


def _with_command(pattern: re.Pattern[str], why: str) -> Finder:
    """Returns a finder of the steps with a command that a pattern matches."""
    return in_each_step(lambda step: why if _any(pattern, step) else "")


FINDERS: Mapping[str, Finder] = {
    "update-alone": update_alone,
    "upgrade-of-base": upgrade_of_base,
    "apt-command": _with_command(_APT, "RUN uses `apt`, whose options and output may change."),
    "recommended-packages": recommended_packages,
    "sudo-command": _with_command(
        _SUDO, "RUN uses `sudo`, but it already runs as root or as the user that USER names."
    ),
    "remote-script": in_each_step(_remote_script),
    "unverified-download": in_each_step(_unverified_download),
    "run-without-effect": in_each_step(_run_without_effect),
    "small-runs": small_runs,
}
