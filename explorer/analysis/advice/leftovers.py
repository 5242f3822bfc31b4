"""What package managers leave behind, and the idiom with which each of them leaves nothing."""

from __future__ import annotations

import re
from typing import NamedTuple


class Habit(NamedTuple):
    """One kind of leftover."""

    name: str
    where: str
    """Regular expression for the beginning of such paths."""
    remedy: str


def _mount(target: str) -> str:
    return f"or keep it out of every layer: `RUN --mount=type=cache,target={target} …`"


_HOME = r"(?:root|home/[^/]+)/"

HABITS = {
    "apt_lists": Habit(
        "apt's package lists",
        "var/lib/apt/lists/",
        "Update, install and delete the lists in one RUN: `RUN apt-get update && apt-get install -y … "
        "&& rm -rf /var/lib/apt/lists/*`.",
    ),
    "apt_cache": Habit(
        "apt's cache",
        "var/cache/apt/",
        "Update and install in one RUN, and end it with `&& rm -rf /var/lib/apt/lists/* && apt-get clean`; "
        f"{_mount('/var/cache/apt')}.",
    ),
    "records": Habit(
        "package records and logs",
        r"var/lib/dpkg/|var/lib/apt/extended_states|var/log/(?:apt/|dpkg|alternatives)|var/cache/debconf/"
        r"|lib/apk/db/|usr/lib/apk/db/|var/lib/rpm/|usr/lib/sysimage/rpm/|var/log/(?:dnf|yum)|var/lib/dnf/",
        "Install and remove packages in one RUN: every RUN that does writes these files anew.",
    ),
    "pip": Habit(
        "pip's cache",
        _HOME + r"\.cache/pip/",
        f"`pip install --no-cache-dir …`; {_mount('/root/.cache/pip')}.",
    ),
    "uv": Habit(
        "uv's cache", _HOME + r"\.cache/uv/", f"`uv … --no-cache`, or `UV_NO_CACHE=1`; {_mount('/root/.cache/uv')}."
    ),
    "poetry": Habit(
        "Poetry's cache",
        _HOME + r"\.cache/pypoetry/",
        f"`poetry install --no-cache`; {_mount('/root/.cache/pypoetry')}.",
    ),
    "npm": Habit(
        "npm's cache",
        _HOME + r"\.npm/",
        f"End the RUN with `&& npm cache clean --force`; {_mount('/root/.npm')}.",
    ),
    "yarn": Habit(
        "Yarn's cache",
        rf"usr/local/share/\.cache/yarn/|{_HOME}\.cache/yarn/",
        f"End the RUN with `&& yarn cache clean`; {_mount('/usr/local/share/.cache/yarn')}.",
    ),
    "apk": Habit("apk's cache", "var/cache/apk/|etc/apk/cache/", "`apk add --no-cache …`."),
    "dnf": Habit(
        "dnf's cache",
        "var/cache/(?:dnf|yum|libdnf5)/",
        f"End the RUN with `&& dnf clean all`; {_mount('/var/cache/dnf')}.",
    ),
    "zypper": Habit("zypper's cache", "var/cache/zypp/", "End the RUN with `&& zypper clean --all`."),
    "pacman": Habit("pacman's cache", "var/cache/pacman/", "End the RUN with `&& pacman -Scc --noconfirm`."),
    "conda": Habit(
        "conda's packages",
        "opt/(?:conda|miniconda3?|mambaforge|miniforge3?)/pkgs/",
        "End the RUN with `&& conda clean -afy`.",
    ),
    "go": Habit(
        "Go's caches",
        rf"go/pkg/mod/|{_HOME}\.cache/go-build/|{_HOME}go/pkg/mod/",
        f"Build in a stage of its own and COPY --from it the program; {_mount('/root/.cache/go-build')}.",
    ),
    "cargo": Habit(
        "Cargo's registry",
        rf"usr/local/cargo/(?:registry|git)/|{_HOME}\.cargo/(?:registry|git)/",
        f"Build in a stage of its own and COPY --from it the program; {_mount('/usr/local/cargo/registry')}.",
    ),
    "maven": Habit(
        "Maven's repository",
        _HOME + r"\.m2/",
        f"Build in a stage of its own and COPY --from it the result; {_mount('/root/.m2')}.",
    ),
    "gradle": Habit(
        "Gradle's caches",
        _HOME + r"\.gradle/",
        f"Build in a stage of its own and COPY --from it the result; {_mount('/root/.gradle')}.",
    ),
    "composer": Habit(
        "Composer's cache",
        _HOME + r"\.(?:composer/cache|cache/composer)/",
        f"`composer install --no-cache …`; {_mount('/root/.composer/cache')}.",
    ),
}
"""The habits that are known; the first that fits a path counts."""

_ANY = re.compile("|".join(f"(?P<{name}>{habit.where})" for name, habit in HABITS.items()))


def habit_of(path: str) -> str:
    """The name of the habit that left a file; empty where none is known to."""
    found = _ANY.match(path)
    return (found.lastgroup or "") if found else ""
