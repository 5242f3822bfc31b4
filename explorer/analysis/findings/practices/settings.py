"""Practices of the settings that a container starts with."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from explorer.analysis.findings.finding import ConfigPlace, Severity, StepPlace
from explorer.analysis.findings.practices.own_steps import quoted
from explorer.analysis.findings.practices.practice_case import Evidence, Finder, PracticeCase
from explorer.text.dockerfile import settings

_ROOT_NAMES = ("", "root", "0")
_SHELL = re.compile(r"(?:/usr)?/bin/(?:ba|da|a)?sh")
_SHELL_FLAG = re.compile(r"-[a-z]*c")
_OCI_DO = "The OCI format has no health checks. Build in Docker's format: `podman build --format docker`."
_IGNORED_CMD = " CMD and arguments of `docker run` are ignored."
_DEVELOPMENT = re.compile(
    r"(?:FLASK_DEBUG|DJANGO_DEBUG|WERKZEUG_DEBUG)=(?:1|true|on|yes)"
    r"|(?:NODE_ENV|FLASK_ENV|RAILS_ENV|RACK_ENV|APP_ENV|ASPNETCORE_ENVIRONMENT|DOTNET_ENVIRONMENT)=(?:development|dev)",
    re.IGNORECASE,
)
_BUILD_ONLY = re.compile("(?:DEBIAN_FRONTEND|(?:HTTPS?|FTP)_PROXY)=.*", re.IGNORECASE | re.DOTALL)
_SYSTEM_DIRECTORIES = frozenset({"/", "/bin", "/boot", "/dev", "/etc", "/lib", "/proc", "/sbin", "/sys", "/usr"})
_OF_BUILDERS = ("io.buildah.", "com.docker.official-images.", "org.opencontainers.image.base.")
"""The beginnings of labels and annotations that builders add unasked."""
_KILL_SIGNALS = ("9", "KILL", "SIGKILL")
_UNVERIFIED_TLS = re.compile(r"(?:NODE_TLS_REJECT_UNAUTHORIZED|PYTHONHTTPSVERIFY)=0|GIT_SSL_NO_VERIFY=(?:1|true)")


def root_user(case: PracticeCase) -> Iterator[Evidence]:
    """Finds a container that runs as root."""
    user = case.image.config.user
    if not case.is_only_base and user.partition(":")[0] in _ROOT_NAMES:
        yield Evidence(
            ConfigPlace("User"), "USER names root." if user else "No step sets USER, so the container runs as root."
        )


def no_healthcheck(case: PracticeCase) -> Iterator[Evidence]:
    """Finds an image without HEALTHCHECK, and one whose format lost it."""
    if case.image.config.healthcheck or case.is_only_base:
        return
    lost = case.last_step("HEALTHCHECK")
    if lost is None:
        yield Evidence(
            ConfigPlace("Healthcheck"), "No step sets HEALTHCHECK, so an engine does not see when the program hangs."
        )
    elif "NONE" not in lost.instruction.arguments:
        why = "A step sets HEALTHCHECK, but the image has none: its format left it out."
        yield Evidence(StepPlace(lost.number), why, severity=Severity.LOW, do=_OCI_DO)


def shell_form_entrypoint(case: PracticeCase) -> Iterator[Evidence]:
    """Finds an ENTRYPOINT that a shell runs."""
    yield from _shell_form(case, "ENTRYPOINT", case.image.config.entrypoint, _IGNORED_CMD)


def shell_form_cmd(case: PracticeCase) -> Iterator[Evidence]:
    """Finds a CMD that a shell runs, as the first process of the container."""
    if not case.image.config.entrypoint:
        yield from _shell_form(case, "CMD", case.image.config.cmd, "")


def _shell_form(case: PracticeCase, keyword: str, words: tuple[str, ...], more: str) -> Iterator[Evidence]:
    """Yields evidence for a command above the base that a shell runs.

    A shell that is replaced with ``exec`` does no harm.
    """
    is_shell = len(words) == 3 and _SHELL.fullmatch(words[0]) and _SHELL_FLAG.fullmatch(words[1])
    if not is_shell or words[2].split()[:1] == ["exec"] or " exec " in words[2]:
        return
    step = case.last_step(keyword)
    if step is None and (case.base_layers or case.image.history):
        return
    name = keyword.capitalize()
    yield Evidence(
        StepPlace(step.number) if step else ConfigPlace(name),
        f"{quoted(words[0])} runs the command, and does not pass the stop signal on to it.{more}",
    )


def _variable(pattern: re.Pattern[str], why: str) -> Finder:
    """Returns a finder of the variables that a pattern matches with their values."""

    def find(case: PracticeCase) -> Iterator[Evidence]:
        for name, value in _own_variables(case):
            if pattern.fullmatch(f"{name}={value}"):
                shown = quoted(f"{name}={value}")
                yield Evidence(ConfigPlace(f"Env.{name}"), why.format(name=quoted(name), variable=shown))

    return find


def relative_search_path(case: PracticeCase) -> Iterator[Evidence]:
    """Finds directories in PATH that depend on the current directory."""
    for name, value in _own_variables(case):
        relative = [each for each in value.split(":") if not each.startswith(("/", "$", "~"))]
        if name == "PATH" and value and relative:
            named = quoted(relative[0]) if relative[0] else "an empty entry, which is the current directory"
            yield Evidence(ConfigPlace("Env.PATH"), f"PATH has {named}.")


def kill_signal(case: PracticeCase) -> Iterator[Evidence]:
    """Finds a stop signal that gives the process no time to end."""
    if case.last_step("STOPSIGNAL") is not None and case.image.config.stop_signal.upper() in _KILL_SIGNALS:
        yield Evidence(ConfigPlace("StopSignal"), "STOPSIGNAL is SIGKILL, which a process cannot handle.")


def system_volume(case: PracticeCase) -> Iterator[Evidence]:
    """Finds volumes in place of directories of the system."""
    steps = [step for step in case.own_steps if step.keyword == "VOLUME"]
    for volume in case.image.config.volumes:
        step = next((step for step in steps if volume in step.instruction.arguments), None)
        if step is not None and (volume.rstrip("/") or "/") in _SYSTEM_DIRECTORIES:
            yield Evidence(ConfigPlace(f"Volumes.{volume}"), f"VOLUME names {quoted(volume)}.")


def no_labels(case: PracticeCase) -> Iterator[Evidence]:
    """Finds an image without any label or annotation that its makers gave it."""
    given = {name for name, _ in (*case.image.config.labels, *case.image.annotations)}
    if all(name.startswith(_OF_BUILDERS) for name in given) and not case.is_only_base:
        yield Evidence(ConfigPlace("Labels"), "The image has no label, so nothing names its source and its version.")


def _own_variables(case: PracticeCase) -> Iterator[tuple[str, str]]:
    """Yields the variables of the container that steps above the base set."""
    names = {variable.partition("=")[0] for variable in case.image.config.env}
    own = {
        name
        for step in case.own_steps
        if step.keyword == "ENV"
        for name, _ in settings(step.instruction.arguments, names)
    }
    for variable in case.image.config.env:
        name, _, value = variable.partition("=")
        if name in own or not (case.base_layers or case.image.history):
            yield name, value


FINDERS: Mapping[str, Finder] = {
    "root-user": root_user,
    "no-healthcheck": no_healthcheck,
    "shell-form-entrypoint": shell_form_entrypoint,
    "shell-form-cmd": shell_form_cmd,
    "development-mode": _variable(_DEVELOPMENT, "The image sets {variable}."),
    "build-only-variable": _variable(_BUILD_ONLY, "ENV {name} is also set in the container."),
    "unverified-tls": _variable(_UNVERIFIED_TLS, "The image sets {variable}."),
    "relative-search-path": relative_search_path,
    "kill-signal": kill_signal,
    "system-volume": system_volume,
    "no-labels": no_labels,
}
