"""Compares an instruction of a Dockerfile with a step of the history.

Builders record an instruction in forms of their own: with variables replaced or not, quoted or not, with absolute
paths, with the digest of copied files in place of their names. Only what all forms keep is compared, and a variable
fits any text. Commands of RUN are recorded as they are, so they are compared with their quotes.
"""

from __future__ import annotations

import json
import posixpath
import re
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import NamedTuple

from explorer.analysis.dockerfile.dockerfile import DockerfileInstruction
from explorer.text.dockerfile import Instruction, listed, readable

_ANY = "\0"
"""Stands for the value of a variable."""
_VARIABLE = re.compile(r"\$(?:\{[^{}]{0,1000}\}|\w+)")
_MAX_NESTED = 3
_MAX_PORTS = 1_000
"""Ports of a range that are counted one by one."""
_QUOTES = str.maketrans("", "", "\"'\\`")
_CHECKSUMS = re.compile(r"(?::(?:sha256:)?[0-9a-f]{64})+")
"""buildah adds those of mounted files to the command."""
_HEREDOC = re.compile(r"""\d*<<-?\s*["']?([^<"']+)["']?""")
_DURATION = re.compile(r"(\d+(?:\.\d+)?)(h|ms|m|us|µs|ns|s)")
_SECONDS = {"h": 3600.0, "m": 60.0, "s": 1.0, "ms": 1e-3, "us": 1e-6, "µs": 1e-6, "ns": 1e-9}
_TIMES = ("--interval=", "--timeout=", "--start-period=", "--start-interval=")


class Case(NamedTuple):
    """An instruction, and what decides how it is recorded."""

    instruction: DockerfileInstruction
    shell: str
    """The words of the last SHELL of the file; empty for the shell of the base."""
    arguments: Collection[str]
    """Names of all build arguments, which buildah records in place of the right one; else empty."""


def fits(case: Case, step: Instruction) -> bool:
    """True if the instruction made the step."""
    if case.instruction.keyword != step.keyword:
        return False
    return _COMPARISONS.get(step.keyword, _text_fits)(case, step)


def _text_fits(case: Case, step: Instruction) -> bool:
    return _matches(_plain(_with_wildcards(case.instruction.arguments)), _plain(step.arguments))


def _run_fits(case: Case, step: Instruction) -> bool:
    recorded = _spaced(step.arguments)
    for text in _commands(case.instruction):
        if recorded == text or recorded == f"{case.shell} {text}":
            return True
        if recorded.startswith(text) and _CHECKSUMS.fullmatch(recorded, len(text)):
            return True
    return False


def _commands(instruction: DockerfileInstruction) -> list[str]:
    """Returns the forms in which a command may be recorded."""
    words = _json_words(instruction.arguments)
    forms = [instruction.arguments] if words is None else [instruction.arguments, " ".join(words)]
    if instruction.heredocs:
        contents = [_without_tabs(doc.content) if doc.strips_tabs else doc.content for doc in instruction.heredocs]
        forms.append(instruction.arguments + "".join(f"\n{doc.content.strip()}" for doc in instruction.heredocs))
        forms.append(instruction.arguments + "".join(f"\n{doc.content}{doc.name}" for doc in instruction.heredocs))
        # A command that is only a heredoc: the shell gets the document, or runs it as a program.
        forms += [contents[0], f"/dev/pipes/{instruction.heredocs[0].name}"]
    return [_spaced(form) for form in forms]


def _without_tabs(text: str) -> str:
    return "".join(line.lstrip("\t") for line in text.splitlines(keepends=True))


def _copy_fits(case: Case, step: Instruction) -> bool:
    words = _words(_with_wildcards(case.instruction.arguments))
    if not words:
        return False
    if not _flags_fit(case.instruction.flags, step.flags):
        return False
    if step.origin:
        return _matches(_plain(words[-1]), _plain(step.arguments))
    *sources, destination = words
    documents = [f"<<{match[1]}" for word in sources if (match := _HEREDOC.fullmatch(word))]
    sources = [word for word in sources if not _HEREDOC.fullmatch(word)]
    recorded = " ".join(_json_words(step.arguments) or [step.arguments])
    in_file = " ".join([*sources, *documents, destination])
    return _matches(_plain(in_file), _plain(recorded)) or _matches(_plain(" ".join(words)), _plain(recorded))


def _flags_fit(flags: Sequence[str], recorded: Sequence[str]) -> bool:
    """True if owner and mode are as recorded; not all builders record them."""
    by_name = {flag.partition("=")[0]: flag for flag in flags}
    return all(
        name in by_name and _matches(_plain(_with_wildcards(by_name[name])), _plain(flag))
        for flag in recorded
        if (name := flag.partition("=")[0]) in ("--chown", "--chmod")
    )


def _settings_fit(case: Case, step: Instruction) -> bool:
    """Compares ENV and LABEL, whose old form has no ``=``."""
    in_file = _with_equals(_with_wildcards(case.instruction.arguments))
    return _matches(_plain(in_file), _plain(_with_equals(step.arguments)))


def _with_equals(settings: str) -> str:
    head, _, rest = settings.partition(" ")
    return settings if "=" in head else f"{head}={rest.strip()}"


def _argument_fits(case: Case, step: Instruction) -> bool:
    """Compares the names alone, because an option of the build overrides a value."""
    recorded = {word.partition("=")[0] for word in step.arguments.split()}
    in_file = {word.partition("=")[0] for word in case.instruction.arguments.split()}
    return bool(recorded & in_file) or bool(recorded and recorded <= set(case.arguments))


def _command_fits(case: Case, step: Instruction) -> bool:
    recorded = listed(step.arguments)
    words = _json_words(case.instruction.arguments)
    if words is not None:
        return _plain(" ".join(words)) == _plain(" ".join([step.arguments] if recorded is None else recorded))
    text = _plain(case.instruction.arguments)
    if recorded and text == _plain(recorded[-1]):
        return True
    # Windows records the shell and the command as one word.
    return text == _plain(step.arguments) or bool(recorded and _plain(recorded[-1]).endswith(f" {text}"))


def _list_fits(case: Case, step: Instruction) -> bool:
    in_file = " ".join(_words(_with_wildcards(case.instruction.arguments)))
    recorded = " ".join(listed(step.arguments) or [step.arguments])
    return _matches(_plain(in_file), _plain(recorded))


def _ports_fit(case: Case, step: Instruction) -> bool:
    text = _with_wildcards(case.instruction.arguments)
    return _ANY in text or _ports(text.split()) == _ports(listed(step.arguments) or step.arguments.split())


def _ports(words: Sequence[str]) -> set[tuple[str, str]]:
    """Returns ports with their protocols; BuildKit records each port of a range."""
    ports = set()
    for word in words[:_MAX_PORTS]:
        numbers, _, protocol = _plain(word).lower().partition("/")
        first, _, last = numbers.rpartition(":")[2].partition("-")
        last = last or first
        if first.isdecimal() and last.isdecimal() and 0 <= int(last[:6]) - int(first[:6]) <= _MAX_PORTS:
            ports |= {(str(port), protocol or "tcp") for port in range(int(first[:6]), int(last[:6]) + 1)}
        else:
            ports.add((f"{first}-{last}", protocol or "tcp"))
    return ports


def _directory_fits(case: Case, step: Instruction) -> bool:
    """Compares the end of the path, because builders record the absolute one."""
    in_file = _normalised(_with_wildcards(case.instruction.arguments))
    recorded = _normalised(step.arguments)
    if in_file.startswith("/") or in_file == ".":
        return in_file == "." or _matches(in_file, recorded)
    return _matches(in_file, recorded) or _matches(f"{_ANY}/{in_file.removeprefix(_ANY).lstrip('/')}", recorded)


def _normalised(path: str) -> str:
    path = path.strip().strip("\"'").replace("\\", "/")
    if path[1:2] == ":":
        path = path[2:]
    return re.sub("^/+", "/", posixpath.normpath(path))


def _health_fits(case: Case, step: Instruction) -> bool:
    recorded = " ".join([*step.flags, readable(step)]).split()
    recorded_times = [word for word in recorded if word.startswith("--")]
    recorded_command = " ".join(word for word in recorded if word not in recorded_times)
    in_file = {flag.partition("=")[0]: flag for flag in case.instruction.flags}
    for flag in recorded_times:
        name, _, value = flag.partition("=")
        if f"{name}=" in _TIMES and not _times_equal(in_file.get(name, "").partition("=")[2], value):
            return False
    command = re.sub(r"^(?i:cmd)\s", "CMD ", case.instruction.arguments.strip())
    return _words_of_list(command) == _words_of_list(recorded_command)


def _times_equal(one: str, other: str) -> bool:
    return "$" in one or one == other or _seconds(one) == _seconds(other)


def _seconds(text: str) -> float:
    return sum(float(number) * _SECONDS[unit] for number, unit in _DURATION.findall(text))


def _words_of_list(text: str) -> str:
    return " ".join(_plain(text).replace(",", " ").replace("[", " ").replace("]", " ").split()).lower()


_COMPARISONS: Mapping[str, Callable[[Case, Instruction], bool]] = {
    "RUN": _run_fits,
    "COPY": _copy_fits,
    "ADD": _copy_fits,
    "ENV": _settings_fit,
    "LABEL": _settings_fit,
    "ARG": _argument_fits,
    "CMD": _command_fits,
    "ENTRYPOINT": _command_fits,
    "SHELL": _list_fits,
    "VOLUME": _list_fits,
    "EXPOSE": _ports_fit,
    "WORKDIR": _directory_fits,
    "HEALTHCHECK": _health_fits,
}


def _with_wildcards(text: str) -> str:
    text = text.replace(_ANY, "")
    # The inner variable of a default comes first.
    for _ in range(_MAX_NESTED):
        text = _VARIABLE.sub(_ANY, text)
    return text


def _words(text: str) -> list[str]:
    words = _json_words(text)
    return text.split() if words is None else words


def _json_words(text: str) -> list[str] | None:
    """Returns the words of the JSON form; None if it is the other form."""
    if not text.lstrip().startswith("["):
        return None
    try:
        words = json.loads(text.replace(_ANY, r"\u0000"))
    except (ValueError, RecursionError):
        return None
    return words if isinstance(words, list) and all(isinstance(word, str) for word in words) else None


def _spaced(text: str) -> str:
    """Returns a text with single spaces; continued lines have several."""
    return " ".join(text.split())


def _plain(text: str) -> str:
    return _spaced(text.translate(_QUOTES))


def _matches(pattern: str, text: str) -> bool:
    """True if a text is as a pattern in which variables stand for any text."""
    first, *others = pattern.split(_ANY)
    if not others:
        return pattern == text
    *middle, last = others
    if not text.startswith(first) or not text.endswith(last):
        return False
    at, end = len(first), len(text) - len(last)
    for piece in middle:
        at = text.find(piece, at, end)
        if at < 0:
            return False
        at += len(piece)
    return at <= end
