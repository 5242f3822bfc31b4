"""Practices of the packages above the base."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from explorer.analysis.findings.finding import ConfigPlace, PathPlace, Place
from explorer.analysis.findings.practices.practice_case import Evidence, Finder, PracticeCase
from explorer.analysis.packages.formats import SYSTEM_KINDS
from explorer.analysis.packages.package_usage import PackageUsage
from explorer.text.printable import printable
from explorer.text.units import counted
from explorer.text.words import enumerated

_MAX_NAMES = 3
_COMPILER = re.compile(
    r"(?:gcc|g\+\+|clang)(?:-\d+)?|gcc-c\+\+|rustc|rust|golang(?:-[\d.]+)?(?:-go|-bin)?|go|openjdk-?\d+-jdk(?:-headless)?"
    r"|java-[\w.]+-openjdk-devel"
)
_BUILD_TOOL = re.compile(
    rf"(?:{_COMPILER.pattern}|cpp(?:-\d+)?|libstdc\+\+-\d+-dev|libgcc-\d+-dev|libc6?-dev|libc-dev-bin|linux-libc-dev"
    r"|linux-headers|musl-dev|glibc-devel|kernel-headers|build-essential|build-base|binutils.*|make|cmake(?:-data)?|ninja-build"
    r"|dpkg-dev|golang-[\d.]+-src|golang-src|cargo|[a-z].*-dev|[a-z].*-devel)"
)
_DEBUG_TOOL = re.compile(r"gdb(?:-minimal|server)?|strace|ltrace|valgrind|tcpdump|linux-perf(?:-[\d.]+)?|perf")
_SSH_SERVER = re.compile(r"openssh-server(?:-.+)?|dropbear(?:-bin)?")
_SUDO = re.compile(r"sudo(?:-ldap)?")
_SSH_PORT = "22/tcp"
_ARCHITECTURES = {
    "amd64": ("amd64", "x86_64"),
    "arm64": ("arm64", "aarch64"),
    "386": ("i386", "x86", "i686", "i586"),
    "arm": ("armhf", "armel", "armv7", "armv7hl", "armv6hl"),
    "ppc64le": ("ppc64el", "ppc64le"),
    "s390x": ("s390x",),
    "riscv64": ("riscv64",),
}
"""The name of an architecture in the configuration of an image to its names in packages."""
_ANY_ARCHITECTURE = ("", "all", "noarch", "any", "(none)")


def build_tools(case: PracticeCase) -> Iterator[Evidence]:
    """Finds a compiler above the base, and adds up what belongs to it."""
    if _own(case, _COMPILER):
        yield from _evidence(case, _own(case, _BUILD_TOOL), "usr/bin/gcc")


def ssh_server(case: PracticeCase) -> Iterator[Evidence]:
    """Finds a server for SSH above the base, or its port."""
    servers = _own(case, _SSH_SERVER)
    if servers:
        yield from _evidence(case, servers, "usr/sbin/sshd")
        return
    exposes = [step for step in case.own_steps if step.keyword == "EXPOSE" and "22" in step.instruction.arguments]
    if exposes and _SSH_PORT in case.image.config.ports:
        yield Evidence(ConfigPlace(f"ExposedPorts.{_SSH_PORT}"), "EXPOSE names port 22, the port of SSH.")


def other_architecture(case: PracticeCase) -> Iterator[Evidence]:
    """Finds an image whose packages are all of another architecture than it states."""
    stated = case.image.platform.split("/")[1:2]
    expected = _ARCHITECTURES.get(stated[0]) if stated else None
    usages = [usage for usage in case.packages.usages if usage.package.kind in SYSTEM_KINDS]
    names = {usage.package.architecture for usage in usages if usage.package.removed_in is None} - {*_ANY_ARCHITECTURE}
    known = {name for names_of in _ARCHITECTURES.values() for name in names_of}
    if expected and names and names <= known and not names & {*expected}:
        why = f"The image states {printable(stated[0])}, but its packages are for {enumerated(sorted(names), 'and')}."
        yield Evidence(ConfigPlace("architecture"), why)


def _own(case: PracticeCase, pattern: re.Pattern[str]) -> list[PackageUsage]:
    """Returns the packages of a name above the base, largest first."""
    usages = [
        usage
        for usage in case.packages.usages
        if usage.package.kind in SYSTEM_KINDS and pattern.fullmatch(usage.package.name)
    ]
    of_base = {usage.package.name for usage in usages if usage.package.installed_in < case.base_layers}
    own = [usage for usage in usages if usage.package.removed_in is None and usage.package.name not in of_base]
    return sorted(own, key=lambda usage: -usage.bytes)


def _evidence(case: PracticeCase, usages: Sequence[PackageUsage], path: str = "") -> Iterator[Evidence]:
    """Yields one evidence for some packages.

    Args:
        case: The image.
        usages: The packages, largest first; maybe none.
        path: The program that stands for them, if it is there.
    """
    if not usages:
        return
    largest = usages[0].package
    program = path if path and case.is_visible(path) else f"usr/bin/{largest.name}"
    place: Place = PathPlace(program if case.is_visible(program) else largest.place.lstrip("/"))
    names = [usage.package.name for usage in usages[:_MAX_NAMES]]
    more = f" and {counted(len(usages) - len(names), 'more package')}" if len(usages) > len(names) else ""
    listed = f"{', '.join(names)}{more}" if more else enumerated(names, "and")
    why = f"Layer {largest.installed_in} installs {listed}."
    if len({usage.package.installed_in for usage in usages}) > 1:
        why = f"Layers above the base install {listed}."
    yield Evidence(place, why, largest.installed_in, sum([usage.bytes for usage in usages]), package=largest)


FINDERS: Mapping[str, Finder] = {
    "build-tools": build_tools,
    "debug-tools": lambda case: _evidence(case, _own(case, _DEBUG_TOOL)),
    "ssh-server": ssh_server,
    "sudo-package": lambda case: _evidence(case, _own(case, _SUDO), "usr/bin/sudo"),
    "other-architecture": other_architecture,
}
