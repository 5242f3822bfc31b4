"""What a builder noted of a step, read as the instruction of a Dockerfile that it was.

Builders wrap an instruction in words of their own: the shell that ran it, ``#(nop)`` where none did, ``# buildkit``,
the build arguments before the command. Here they are told apart. What comes out is the image's own text still: nobody
has made it printable.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass

_LONGEST = 10_000
"""Characters of a list or of settings that are taken apart."""
_MOST = 200
"""As many words or settings of one instruction are told apart."""
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
_FLAG = re.compile(r"--[a-z][a-z-]*(?:=(?:\"[^\"]*\"|\S*))?(?:\s+|$)")
_FLAGGED = frozenset({"ADD", "COPY", "RUN", "FROM", "HEALTHCHECK"})
_ADDED = re.compile(r"(file|dir|multi):[0-9a-f]+ in ")
_ORIGINS = {"file": "a file", "dir": "a directory", "multi": "several files"}
_TOOLS = re.compile(
    r"(?:bazel|ko|nix|apko|kaniko|crane|jib\S*|rules_oci|Buildpacks?|buildpacks?|pack|melange|buildah)(?=[\s:]|$)"
)
_MAP = re.compile(r"map\[(.*)\]", re.DOTALL)
_HEALTH = re.compile(r'&\{(\[.*?\])((?: "[^"]*")*)(?: .*)?\}', re.DOTALL)
_TIMES = ("interval", "timeout", "start-period", "start-interval")


@dataclass(frozen=True, slots=True)
class Instruction:
    """One instruction."""

    keyword: str
    """``RUN``, ``COPY``, ...; empty where a tool's own words tell of a step that no Dockerfile had."""
    arguments: str
    """All that follows the keyword, as noted."""
    flags: tuple[str, ...] = ()
    """``--mount=...``, ``--chown=...``."""
    build_arguments: tuple[str, ...] = ()
    """``NAME=value`` of the build arguments that were in force."""
    shell: str = ""
    """The shell that ran it, as noted; empty where none did."""
    origin: str = ""
    """What ADD or COPY took, where the builder noted no more than its kind: ``a file``."""

    @property
    def is_windows(self) -> bool:
        """Whether a shell of Windows ran it, which quotes in its own way."""
        return self.shell.startswith(("cmd", "powershell", "pwsh"))


def instruction(created_by: str, comment: str = "") -> Instruction:
    """The instruction that a builder noted; of a step for which it noted none, what the ``comment`` says."""
    if not created_by.strip():
        return Instruction("FROM", "(imported)") if comment.startswith("Imported from") else Instruction("", comment)
    text = created_by.strip().removesuffix("# buildkit").rstrip()
    keyword = "RUN" if text.startswith("RUN ") else ""
    rest = text.removeprefix("RUN ").lstrip() if keyword else text
    rest, build_arguments, noted = _without_build_arguments(rest)
    match = _SHELL.match(rest)
    shell = match.group().strip() if match else noted
    if match:
        rest = rest[match.end() :]
    nop = _NOP.match(rest)
    if nop:
        return _kept(rest[nop.end() :].strip())
    if keyword or shell or build_arguments:
        flags, rest = _flags(rest) if keyword or shell else ((), rest)
        return Instruction("RUN", rest, flags, build_arguments, shell)
    if _KEYWORD.match(rest):
        return _kept(rest)
    return Instruction("" if rest.startswith("#") or _TOOLS.match(rest) else "RUN", rest)


def _kept(text: str) -> Instruction:
    """An instruction that is noted with its keyword."""
    match = _KEYWORD.match(text)
    if not match:
        return Instruction("", text)
    keyword, rest = match.group(), text[match.end() :].lstrip()
    flags, rest = _flags(rest) if keyword in _FLAGGED else ((), rest)
    added = _ADDED.match(rest) if keyword in ("ADD", "COPY") else None
    if added:
        return Instruction(keyword, rest[added.end() :].strip(), flags, origin=_ORIGINS[added.group(1)])
    return Instruction(keyword, rest, flags)


def _flags(text: str) -> tuple[tuple[str, ...], str]:
    """The flags before an instruction's arguments, and the arguments."""
    found: list[str] = []
    at = 0
    while match := _FLAG.match(text, at):
        found.append(match.group().strip())
        at = match.end()
    return tuple(found), text[at:]


def _without_build_arguments(text: str) -> tuple[str, tuple[str, ...], str]:
    """What follows ``|2 A=1 B=2``, these two, and the shell between the two; values may hold spaces."""
    match = _BUILD_ARGUMENTS.match(text)
    if not match:
        return text, (), ""
    count = int(match.group(1))
    shell = _SHELL_WITHIN.search(text, match.end() - 1)
    head = text[match.end() : shell.start() if shell else len(text)].strip()
    starts = [found.start() for found in _SETTING.finditer(head[:_LONGEST])][:count]
    if not starts:
        if not shell:
            return head, (), ""
        return text[shell.end() :], (head,) if head else (), shell.group().strip()
    end = len(head)
    if not shell:
        # The last value cannot be told from the command that follows but by a space.
        end = next((place for place in range(starts[-1], len(head)) if head[place].isspace()), len(head))
    pieces = tuple(head[start:stop].strip() for start, stop in zip(starts, [*starts[1:], end], strict=True))
    if shell:
        return text[shell.end() :], pieces, shell.group().strip()
    return head[end:].strip(), pieces, ""


# What the arguments mean


def readable(found: Instruction) -> str:
    """The arguments as somebody would write them: lists with commas, ports without the builder's brackets."""
    text = found.arguments
    if found.keyword in ("CMD", "ENTRYPOINT", "SHELL", "VOLUME", "EXPOSE"):
        words = listed(text)
        if words is not None:
            return " ".join(words) if found.keyword in ("EXPOSE", "VOLUME") else json.dumps(words, ensure_ascii=False)
    if found.keyword == "HEALTHCHECK":
        return _health(text)
    if found.origin:
        return f"({found.origin}) to {text}"
    return text


def listed(text: str) -> list[str] | None:
    """The words of a list: of JSON, of Go (``["a" "b"]``, ``[a b]``), or the keys of Go's ``map[80/tcp:{}]``.

    None where it is no list.
    """
    text = text.strip()[:_LONGEST]
    mapped = _MAP.fullmatch(text)
    if mapped:
        return [word.partition(":{")[0] for word in mapped.group(1).split()][:_MOST]
    if not text.startswith("[") or not text.endswith("]"):
        return None
    words: list[str] = []
    decoder = json.JSONDecoder()
    at, end = 1, len(text) - 1
    while at < end and len(words) < _MOST:
        if text[at] in ", \t\n":
            at += 1
        elif text[at] == '"':
            try:
                word, at = decoder.raw_decode(text, at)
            except ValueError:
                return None
            words.append(word)
        else:
            stop = next((place for place in range(at, end) if text[place] in ", \t\n"), end)
            words.append(text[at:stop])
            at = stop
    return words


def _health(text: str) -> str:
    """BuildKit notes the fields of a health check as Go prints them."""
    match = _HEALTH.fullmatch(text.strip()[:_LONGEST])
    words = listed(match.group(1)) if match else None
    if not match or not words:
        return text
    head, *rest = words
    times = re.findall(r'"([^"]*)"', match.group(2))
    said = [f"--{name}={time}" for name, time in zip(_TIMES, times, strict=False) if time not in ("", "0s")]
    command = " ".join(rest) if head == "CMD-SHELL" else json.dumps(rest, ensure_ascii=False)
    return "NONE" if head == "NONE" else " ".join([*said, "CMD", command])


def settings(text: str, known: Collection[str] = ()) -> Iterator[tuple[str, str]]:
    """Names and values of ENV, LABEL or ARG; values may hold spaces, as builders note them without quotes.

    Of the names that may be meant, those that are ``known`` to be set count, if any of them is.
    """
    text = text.strip()[:_LONGEST]
    found = list(_settings(text))
    starts = [(start, end) for start, end, name in found if name in known] or [(start, end) for start, end, _ in found]
    if found and found[0][0] == 0 and starts[0][0] != 0:
        starts.insert(0, found[0][:2])
    if not starts or starts[0][0] != 0:
        name, _, value = text.partition(" ")
        if name:
            yield name, _unquoted(value.strip())
        return
    stops = [start for start, _ in starts[1:]] + [len(text)]
    for (start, end), stop in zip(starts[:_MOST], stops, strict=False):
        yield text[start : end - 1].strip('"'), _unquoted(text[end:stop].strip())


_NAME = re.compile(r'(?:^|(?<=\s))("?)([A-Za-z_][\w./-]*)\1=')
_QUOTED = re.compile(r'"(?:[^"\\]|\\.)*"|\'[^\']*\'', re.DOTALL)


def _settings(text: str) -> Iterator[tuple[int, int, str]]:
    """Where a setting may begin, where its value does, and its name; nothing begins within quotes."""
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
