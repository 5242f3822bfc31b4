"""Platforms in the spelling of containerd: OS[(OS VERSION)]/ARCH[/VARIANT]."""

from __future__ import annotations

import platform as machine
import re
from collections.abc import Sequence
from typing import NamedTuple

from explorer.errors import UsageError
from explorer.text.printable import printable

_ARCHITECTURES = {
    "x86_64": ("amd64", ""),
    "x86-64": ("amd64", ""),
    "aarch64": ("arm64", ""),
    "armhf": ("arm", "v7"),
    "armel": ("arm", "v6"),
    "i386": ("386", ""),
    "i486": ("386", ""),
    "i586": ("386", ""),
    "i686": ("386", ""),
    "loongarch64": ("loong64", ""),
}
"""Other names of architectures and variants: of machines, and of Debian."""
_ARM = re.compile(r"arm(32|64)?(v\d)[a-z]*")
"""``armv7l`` as machines say, ``arm32v7`` and ``arm64v8`` as names of images do."""
_DEFAULT_VARIANTS = {"amd64": "v1", "arm": "v7", "arm64": "v8"}
_SYSTEMS = frozenset(("darwin", "freebsd", "linux", "macos", "netbsd", "openbsd", "solaris", "wasi", "windows"))
_SPECIFIER = re.compile(r"[\w.-]+(\([\w.-]*\))?(/[\w.-]+){0,2}", re.ASCII)


class Platform(NamedTuple):
    """The normalised parts of a platform; empty parts are not known."""

    os: str
    os_version: str
    architecture: str
    variant: str
    names_variant: bool = True
    """False if the text had no variant, so that ``variant`` is the usual one."""


def parse_platform(text: str) -> Platform:
    """Returns the parts of a platform; an architecture alone has an empty OS."""
    words = text.strip().strip("/").split("/")
    system, _, version = words[0].partition("(")
    if len(words) == 1 and system.lower() in _SYSTEMS:
        words.append(machine.machine())
    elif len(words) == 1:
        system, words = "", ["", *words]
    architecture, variant = _architecture(words[1].lower())
    variant = words[2].lower() if len(words) > 2 else variant
    variant = f"v{variant}" if variant[:1].isdigit() else variant
    usual = _DEFAULT_VARIANTS.get(architecture, "")
    system = {"macos": "darwin"}.get(system.lower(), system.lower())
    return Platform(system, version.rstrip(")"), architecture, variant or usual, names_variant=bool(variant))


def _architecture(word: str) -> tuple[str, str]:
    arm = _ARM.fullmatch(word)
    if arm:
        return "arm64" if arm[1] == "64" else "arm", arm[2]
    return _ARCHITECTURES.get(word, (word, ""))


def require_platform(text: str) -> None:
    """Raises UsageError if a user's text is not a platform."""
    if not _SPECIFIER.fullmatch(text.strip().strip("/")):
        raise UsageError(
            f"“{printable(text)}” is not a platform", "Expected OS/ARCH[/VARIANT]: linux/amd64, linux/arm/v7."
        )


def host_platform() -> str:
    """Returns the platform of containers here: Linux, on macOS and Windows too."""
    architecture, variant = _architecture(machine.machine().lower())
    return f"linux/{architecture}{f'/{variant}' if variant else ''}"


def best_matches(platforms: Sequence[str], wanted: str) -> list[int]:
    """Returns the positions of the platforms that fit best; several if alike.

    As in containerd, a lower variant of the architecture fits if the wanted one is missing. If ``wanted`` names no
    variant, a higher one fits, too. An architecture alone means Linux, or another system if there is no Linux.
    """
    wish = parse_platform(wanted)
    parsed = [parse_platform(platform) if "/" in platform else None for platform in platforms]
    for system in (wish.os,) if wish.os else ("linux", None):
        fitting = [
            (i, platform)
            for i, platform in enumerate(parsed)
            if platform is not None and platform.architecture == wish.architecture
            if system in (None, platform.os) and f"{platform.os_version}.".startswith(f"{wish.os_version}.".lstrip("."))
        ]
        lower = [platform for _, platform in fitting if _runs_on(platform.variant, wish.variant)]
        if lower:
            best = max(_version(platform.variant) for platform in lower)
            fitting = [(i, platform) for i, platform in fitting if _version(platform.variant) == best]
        if lower or (fitting and not wish.names_variant):
            positions = [i for i, _ in fitting]
            return [i for i in positions if platforms[i].lower() == wanted.lower()] or positions
    return []


def matches_platform(platform: str, wanted: str) -> bool:
    """True if a platform fits the wanted one."""
    return bool(best_matches([platform], wanted))


def without_version(platform: str) -> str:
    """Returns a platform without the version of the OS."""
    return re.sub(r"\([^/]*\)", "", platform, count=1)


def _runs_on(variant: str, wanted: str) -> bool:
    return variant == wanted or () < _version(variant) <= _version(wanted)


def _version(variant: str) -> tuple[int, ...]:
    """Returns the numbers of a variant such as ``v7``; none for another variant."""
    return tuple(map(int, variant[1:].split("."))) if re.fullmatch(r"v\d{1,9}(\.\d{1,9})?", variant, re.ASCII) else ()
