"""The arguments of ``docker build`` and ``podman build`` that lx must know."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

from explorer.errors import UsageError

_WITHOUT_VALUE = re.compile(
    "all-platforms|check|compat-volumes|compress|created-annotation|debug|disable-compression|disable-content-trust"
    "|force-rm|help|http-proxy|identity-label|inherit-annotations|inherit-labels|layers|load|log-rusage|logsplit"
    "|no-cache|no-hostname|no-hosts|omit-history|pull|pull-always|pull-never|push|quiet|rewrite-timestamp|rm"
    "|save-stages|skip-unused-stages|squash|squash-all|stdin|stream|tls-verify"
)
"""The options that have no value, or one after ``=``."""
_SHORT_WITHOUT_VALUE = "qDh"
_LONG_NAMES = {"t": "tag", "f": "file"}
_REMOTE = ("http://", "https://", "git://", "git@", "ssh://", "github.com/")
_TIME_OPTIONS = ("timestamp", "source-date-epoch", "builder")
_TIME_VARIABLE = "SOURCE_DATE_EPOCH"
STANDARD_INPUT = "-"


@dataclass(frozen=True, slots=True)
class BuildArguments:
    """The options and the context of a build."""

    options: dict[str, list[str]] = field(default_factory=dict)
    """Values by the long name of the option."""
    contexts: tuple[str, ...] = ()
    """The arguments that are no options; the first is the context."""

    def last(self, name: str) -> str | None:
        """Returns the value of an option that counts; None if it is not given."""
        values = self.options.get(name)
        return values[-1] if values else None

    @property
    def is_remote(self) -> bool:
        """True if the builder fetches the context from elsewhere."""
        return bool(self.contexts) and (self.contexts[0].startswith(_REMOTE) or "://" in self.contexts[0])

    @property
    def reads_standard_input(self) -> bool:
        """True if the Dockerfile, or all of the context, is on standard input."""
        return STANDARD_INPUT in (self.last("file"), *self.contexts[:1])

    @property
    def has_own_times(self) -> bool:
        """True if the times of the image may be other ones than those of the build."""
        arguments = [argument.partition("=")[0] for argument in self.options.get("build-arg", ())]
        return _TIME_VARIABLE in arguments or any(name in self.options for name in _TIME_OPTIONS)


def parse_build_arguments(arguments: Sequence[str]) -> BuildArguments:
    """Returns the options and contexts of a builder's arguments. Raises UsageError."""
    options: defaultdict[str, list[str]] = defaultdict(list)
    contexts: list[str] = []
    rest = iter(arguments)
    for argument in rest:
        if argument == "--":
            contexts += rest
        elif argument.startswith("--"):
            name, separator, value = argument[2:].partition("=")
            if not separator and not _WITHOUT_VALUE.fullmatch(name):
                # A missing value is an error for the builder to report.
                value = next(rest, None) or ""
            options[name].append(value)
        elif argument.startswith("-") and argument != STANDARD_INPUT:
            letters = argument[1:].lstrip(_SHORT_WITHOUT_VALUE)
            if letters:
                value = letters[1:].removeprefix("=") or next(rest, "")
                options[_LONG_NAMES.get(letters[0], letters[0])].append(value)
        else:
            contexts.append(argument)
    if options.get("iidfile", ["x"])[-1] == "":
        raise UsageError("--iidfile needs the path of a file, and its value is empty")
    return BuildArguments(dict(options), tuple(contexts))
