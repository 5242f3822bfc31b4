"""The files that package managers leave behind, and the commands that avoid them."""

from __future__ import annotations

import re
from typing import NamedTuple


class Leftover(NamedTuple):
    """One kind of leftover."""

    name: str
    paths: str
    """The regular expression that matches the beginning of their paths."""
    remedy: str
    """The advice that avoids them, as a template for ``sentence``."""


def _mount(target: str) -> str:
    return f"or keep it out of every layer: `RUN --mount=type=cache,target={target} …`"


_HOME = r"(?:root|home/[^/]+)/"

LEFTOVERS = {
    "apt_lists": Leftover(
        "apt's package lists",
        "var/lib/apt/lists/",
        "Update, install and delete the lists in one RUN: `RUN apt-get update && apt-get install -y … "
        "&& rm -rf /var/lib/apt/lists/*`.",
    ),
    "apt_cache": Leftover(
        "apt's cache",
        "var/cache/apt/",
        "Update and install in one RUN, and end it with `&& rm -rf /var/lib/apt/lists/* && apt-get clean`; "
        f"{_mount('/var/cache/apt')}.",
    ),
    "records": Leftover(
        "package records and logs",
        r"var/lib/dpkg/|var/lib/apt/extended_states|var/log/(?:apt/|dpkg|alternatives)|var/cache/debconf/"
        r"|lib/apk/db/|usr/lib/apk/db/|var/lib/rpm/|usr/lib/sysimage/rpm/|var/log/(?:dnf|yum)|var/lib/dnf/",
        "Install and remove packages in one RUN: each RUN that does this rewrites these files.",
    ),
    "pip": Leftover(
        "pip's cache",
        _HOME + r"\.cache/pip/",
        f"`pip install --no-cache-dir …`; {_mount('/root/.cache/pip')}.",
    ),
    "uv": Leftover(
        "uv's cache", _HOME + r"\.cache/uv/", f"`uv … --no-cache`, or `UV_NO_CACHE=1`; {_mount('/root/.cache/uv')}."
    ),
    "poetry": Leftover(
        "Poetry's cache",
        _HOME + r"\.cache/pypoetry/",
        f"`poetry install --no-cache`; {_mount('/root/.cache/pypoetry')}.",
    ),
    "npm": Leftover(
        "npm's cache",
        _HOME + r"\.npm/",
        f"End the RUN with `&& npm cache clean --force`; {_mount('/root/.npm')}.",
    ),
    "yarn": Leftover(
        "Yarn's cache",
        rf"usr/local/share/\.cache/yarn/|{_HOME}\.cache/yarn/",
        f"End the RUN with `&& yarn cache clean`; {_mount('/usr/local/share/.cache/yarn')}.",
    ),
    "apk": Leftover("apk's cache", "var/cache/apk/|etc/apk/cache/", "`apk add --no-cache …`."),
    "dnf": Leftover(
        "dnf's cache",
        "var/cache/(?:dnf|yum|libdnf5)/",
        f"End the RUN with `&& dnf clean all`; {_mount('/var/cache/dnf')}.",
    ),
    "zypper": Leftover("zypper's cache", "var/cache/zypp/", "End the RUN with `&& zypper clean --all`."),
    "pacman": Leftover("pacman's cache", "var/cache/pacman/", "End the RUN with `&& pacman -Scc --noconfirm`."),
    "conda": Leftover(
        "conda's packages",
        "opt/(?:conda|miniconda3?|mambaforge|miniforge3?)/pkgs/",
        "End the RUN with `&& conda clean -afy`.",
    ),
    "go": Leftover(
        "Go's caches",
        rf"go/pkg/mod/|{_HOME}\.cache/go-build/|{_HOME}go/pkg/mod/",
        f"Build in a stage of its own and COPY --from it the program; {_mount('/root/.cache/go-build')}.",
    ),
    "cargo": Leftover(
        "Cargo's registry",
        rf"usr/local/cargo/(?:registry|git)/|{_HOME}\.cargo/(?:registry|git)/",
        f"Build in a stage of its own and COPY --from it the program; {_mount('/usr/local/cargo/registry')}.",
    ),
    "maven": Leftover(
        "Maven's repository",
        _HOME + r"\.m2/",
        f"Build in a stage of its own and COPY --from it the result; {_mount('/root/.m2')}.",
    ),
    "gradle": Leftover(
        "Gradle's caches",
        _HOME + r"\.gradle/",
        f"Build in a stage of its own and COPY --from it the result; {_mount('/root/.gradle')}.",
    ),
    "composer": Leftover(
        "Composer's cache",
        _HOME + r"\.(?:composer/cache|cache/composer)/",
        f"`composer install --no-cache …`; {_mount('/root/.composer/cache')}.",
    ),
}
"""The known leftovers; the first one that matches a path counts."""

_ANY = re.compile("|".join(f"(?P<{name}>{leftover.paths})" for name, leftover in LEFTOVERS.items()))


def leftover_of(path: str) -> str:
    """Returns the name of the leftover that a path belongs to; empty if there is none."""
    match = _ANY.match(path)
    return (match.lastgroup or "") if match else ""
