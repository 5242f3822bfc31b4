"""Reads ``created_by`` of a history step as an instruction of a Dockerfile.

Builders wrap an instruction in other text: the shell that ran it, ``#(nop)`` if none did, ``# buildkit``, and the build
arguments before the command. This module takes these parts apart. The results are text of the image and not printable.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass

_MAX_ARGUMENT_CHARS = 10_000
"""The part of a list or of settings that is read."""
_MAX_WORDS = 200
"""The number of words or settings that are read of one instruction."""
_SHELL = re.compile(
    r"(?:/(?:usr/)?bin/(?:ba|da|a|z|k)?sh(?: -[eux]+| -o pipefail)*(?: -[a-z]{0,4}c)"
    r"|cmd(?:\.exe)? /S /C|(?:powershell|pwsh)(?:\.exe)?(?: -NoLogo| -NoProfile)* -Command)\s+"
)
_SHELL_WITHIN = re.compile(rf"(?<=\s){_SHELL.pattern}")
_NOP = re.compile(r"#\(nop\)\s*")
_BUILD_ARGUMENTS = re.compile(r"\|(\d{1,4}) ")
_SETTING = re.compile(r"(?:^|(?<=\s))([A-Za-z_][\w.-]*)=")
_KEYWORD = re.compile(
    r"(?:ADD|ARG|CMD|COPY|ENTRYPOINT|ENV|EXPOSE|FROM|HEALTHCHECK|LABEL|MAINTAINER|ONBUILD|RUN|SHELL|STOPSIGNAL|USER|VOLUME"
    r"|WORKDIR)\b"
)
_KEYWORD_OF_ANY_CASE = re.compile(_KEYWORD.pattern, re.IGNORECASE)
"""buildah records the keyword as the Dockerfile spells it."""
_FLAG = re.compile(r"--[a-z][a-z-]*(?:=(?:\"[^\"]*\"|\S*))?(?:\s+|$)")
_WITH_SETTINGS = frozenset({"ENV", "ARG", "LABEL"})
_WITH_FLAGS = frozenset({"ADD", "COPY", "RUN", "FROM", "HEALTHCHECK"})
_ADDED = re.compile(r"(file|dir|multi):[0-9a-f]+ in ")
_ADDED_AFTER_FLAG = re.compile(r"(?<=\S)(?=(?:file|dir|multi):[0-9a-f]{64} in )")
"""Docker's old builder forgets the space between the last flag and the source."""
_ORIGINS = {"file": "a file", "dir": "a directory", "multi": "several files"}
_TOOLS = re.compile(
    r"(?:bazel|ko|nix|apko|kaniko|crane|jib\S*|rules_oci|Buildpacks?|buildpacks?|pack|melange|buildah)(?=[\s:]|$)"
)
_MAP = re.compile(r"map\[(.*)\]", re.DOTALL)
_HEALTH = re.compile(r'&\{(\[.*?\])((?: "[^"]*")*)(?: .*)?\}', re.DOTALL)
_TIMES = ("interval", "timeout", "start-period", "start-interval")


@dataclass(frozen=True, slots=True)
class Instruction:
    """An instruction of a Dockerfile."""

    keyword: str
    """``RUN``, ``COPY``, ...; empty if a tool other than a Dockerfile builder made the step."""
    arguments: str
    """The text after the keyword and the flags."""
    flags: tuple[str, ...] = ()
    """``--mount=...``, ``--chown=...``."""
    build_arguments: tuple[str, ...] = ()
    """``NAME=value`` of the build arguments."""
    shell: str = ""
    """The shell that ran the command; empty if none did."""
    origin: str = ""
    """The source of ADD or COPY if the builder recorded only its kind: ``a file``."""

    @property
    def is_windows(self) -> bool:
        """True if a shell of Windows ran the command; its quoting differs."""
        return self.shell.startswith(("cmd", "powershell", "pwsh"))


def instruction(created_by: str, comment: str = "") -> Instruction:
    """Returns the instruction in ``created_by``.

    If ``created_by`` is empty, makes the instruction from the comment.
    """
    if not created_by.strip():
        return Instruction("FROM", "(imported)") if comment.startswith("Imported from") else Instruction("", comment)
    text = created_by.strip().removesuffix("# buildkit").rstrip()
    keyword = "RUN" if text.startswith("RUN ") else ""
    rest = text.removeprefix("RUN ").lstrip() if keyword else text
    rest, build_arguments, recorded_shell = _without_build_arguments(rest)
    match = _SHELL.match(rest)
    shell = match.group().strip() if match else recorded_shell
    if match:
        rest = rest[match.end() :]
    nop = _NOP.match(rest)
    if nop:
        return _with_keyword(rest[nop.end() :].strip())
    if keyword or shell or build_arguments:
        flags, rest = _flags(rest) if keyword or shell else ((), rest)
        return Instruction("RUN", rest, flags, build_arguments, shell)
    if _KEYWORD.match(rest):
        return _with_keyword(rest)
    return Instruction("" if rest.startswith("#") or _TOOLS.match(rest) else "RUN", rest)


def _with_keyword(text: str) -> Instruction:
    """Reads an instruction that begins with its keyword."""
    match = _KEYWORD_OF_ANY_CASE.match(text)
    if not match:
        return Instruction("", text)
    keyword, rest = match.group().upper(), text[match.end() :].lstrip()
    if keyword in ("ADD", "COPY") and rest.startswith("--"):
        rest = _ADDED_AFTER_FLAG.sub(" ", rest, count=1)
    flags, rest = _flags(rest) if keyword in _WITH_FLAGS else ((), rest)
    added = _ADDED.match(rest) if keyword in ("ADD", "COPY") else None
    if added:
        return Instruction(keyword, rest[added.end() :].strip(), flags, origin=_ORIGINS[added.group(1)])
    return Instruction(keyword, rest, flags)


def _flags(text: str) -> tuple[tuple[str, ...], str]:
    """Splits the flags from an instruction's arguments."""
    flags: list[str] = []
    at = 0
    while match := _FLAG.match(text, at):
        flags.append(match.group().strip())
        at = match.end()
    return tuple(flags), text[at:]


def _without_build_arguments(text: str) -> tuple[str, tuple[str, ...], str]:
    """Splits build arguments and shell from the command that follows them."""
    match = _BUILD_ARGUMENTS.match(text)
    if not match:
        return text, (), ""
    count = int(match.group(1))
    shell = _SHELL_WITHIN.search(text, match.end() - 1)
    head = text[match.end() : shell.start() if shell else len(text)].strip()
    starts = [setting.start() for setting in _SETTING.finditer(head[:_MAX_ARGUMENT_CHARS])][:count]
    if not starts:
        if not shell:
            return head, (), ""
        return text[shell.end() :], (head,) if head else (), shell.group().strip()
    end = len(head)
    if not shell:
        # Only a space separates the last value from the command.
        end = next((position for position in range(starts[-1], len(head)) if head[position].isspace()), len(head))
    pieces = tuple(head[start:stop].strip() for start, stop in zip(starts, [*starts[1:], end], strict=True))
    if shell:
        return text[shell.end() :], pieces, shell.group().strip()
    return head[end:].strip(), pieces, ""


def readable(step: Instruction) -> str:
    """Returns the arguments as in a Dockerfile: lists with commas, ports unbracketed."""
    text = step.arguments
    if step.keyword in ("CMD", "ENTRYPOINT", "SHELL", "VOLUME", "EXPOSE"):
        words = listed(text)
        if words is not None:
            return " ".join(words) if step.keyword in ("EXPOSE", "VOLUME") else json.dumps(words, ensure_ascii=False)
    if step.keyword == "HEALTHCHECK":
        return _health(text)
    if step.origin:
        return f"({step.origin}) to {text}"
    return text


def listed(text: str) -> list[str] | None:
    """Reads a list of JSON or Go, or returns None: ``["a" "b"]``, ``map[80/tcp:{}]``."""
    text = text.strip()[:_MAX_ARGUMENT_CHARS]
    mapped = _MAP.fullmatch(text)
    if mapped:
        return [word.partition(":{")[0] for word in mapped.group(1).split()][:_MAX_WORDS]
    if not text.startswith("[") or not text.endswith("]"):
        return None
    words: list[str] = []
    decoder = json.JSONDecoder()
    at, end = 1, len(text) - 1
    while at < end and len(words) < _MAX_WORDS:
        if text[at] in ", \t\n":
            at += 1
        elif text[at] == '"':
            try:
                word, at = decoder.raw_decode(text, at)
            except ValueError:
                return None
            words.append(word)
        else:
            stop = next((position for position in range(at, end) if text[position] in ", \t\n"), end)
            words.append(text[at:stop])
            at = stop
    return words


def _health(text: str) -> str:
    """Reads a health check of BuildKit, whose fields are printed by Go."""
    match = _HEALTH.fullmatch(text.strip()[:_MAX_ARGUMENT_CHARS])
    words = listed(match.group(1)) if match else None
    if not match or not words:
        return text
    head, *rest = words
    times = re.findall(r'"([^"]*)"', match.group(2))
    flags = [f"--{name}={time}" for name, time in zip(_TIMES, times, strict=False) if time not in ("", "0s")]
    command = " ".join(rest) if head == "CMD-SHELL" else json.dumps(rest, ensure_ascii=False)
    return "NONE" if head == "NONE" else " ".join([*flags, "CMD", command])


def settings(text: str, known_names: Collection[str] = ()) -> Iterator[tuple[str, str]]:
    """Yields names and values of ENV, LABEL or ARG, which builders do not quote.

    If any of the known names occurs, no other text counts as a name.
    """
    text = text.strip()[:_MAX_ARGUMENT_CHARS]
    candidates = list(_settings(text))
    starts = [(start, end) for start, end, name in candidates if name in known_names]
    starts = starts or [(start, end) for start, end, _ in candidates]
    if candidates and candidates[0][0] == 0 and starts[0][0] != 0:
        starts.insert(0, candidates[0][:2])
    if not starts or starts[0][0] != 0:
        name, _, value = text.partition(" ")
        if name:
            yield name, _unquoted(value.strip())
        return
    stops = [start for start, _ in starts[1:]] + [len(text)]
    for (start, end), stop in zip(starts[:_MAX_WORDS], stops, strict=False):
        yield text[start : end - 1].strip('"'), _unquoted(text[end:stop].strip())


def assignments(step: Instruction, known_names: Collection[str] = ()) -> Iterator[tuple[str, str]]:
    """Yields names and values of build arguments, and those of ENV, LABEL or ARG."""
    for argument in step.build_arguments:
        name, _, value = argument.partition("=")
        yield name, value
    if step.keyword in _WITH_SETTINGS:
        yield from settings(step.arguments, known_names)


_NAME = re.compile(r'(?:^|(?<=\s))("?)([A-Za-z_][\w./-]*)\1=')
_QUOTED = re.compile(r'"(?:[^"\\]|\\.)*"|\'[^\']*\'', re.DOTALL)


def _settings(text: str) -> Iterator[tuple[int, int, str]]:
    """Yields start, start of the value and name of each possible setting."""
    at = 0
    while match := _NAME.search(text, at):
        yield match.start(), match.end(), match.group(2)
        at = match.end()
        quoted = _QUOTED.match(text, at)
        if quoted:
            at = quoted.end()


def _unquoted(value: str) -> str:
    if len(value) > 1 and value[0] == value[-1] == '"' and _QUOTED.fullmatch(value):
        return re.sub(r"\\(.)", r"\1", value[1:-1], flags=re.DOTALL)
    if len(value) > 1 and value[0] == value[-1] == "'" and _QUOTED.fullmatch(value):
        return value[1:-1]
    return value
