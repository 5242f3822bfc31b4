"""The kinds of disposable files.

A container is not expected to need these files.

Sources: the manuals of the package managers, and Docker's guide to best practices.
"""

from __future__ import annotations

import enum
import re
from typing import NamedTuple

from explorer.analysis.disposables.remedies import (
    Remedy,
    avoiding_cache,
    emptying_cache,
    ignoring_files,
    or_mounting_cache,
    using_stage,
)


class Certainty(enum.Enum):
    """The certainty that nothing needs the files at run time."""

    CERTAIN = "certain"
    LIKELY = "likely"


class DisposableKind(NamedTuple):
    """One kind of disposable files."""

    name: str
    directories: str
    """The regular expression of the directories that hold them: relative, with a slash at the end."""
    remedy: Remedy
    certainty: Certainty = Certainty.LIKELY
    files: str = ""
    """The regular expression of the names of their files, in any directory."""
    is_leftover: bool = False
    """True if a package manager leaves them behind. Their waste has the same remedy."""
    is_disposable: bool = True
    """False for leftovers that are needed while they are visible."""
    needs_no_compiler: bool = False
    """True if they are needed where a compiler is in the image."""


_HOME = r"(?:root|home/[^/]+)/"
# Only the highest of these directories counts. Without this limit, time grows with the square of a path's length.
_PACKAGES = r"(?>(?:.+?/)??(?:site-packages|dist-packages|node_modules|gems)/)"
_APT = Remedy(
    "apt",
    "Delete apt's lists and cache in the RUN that uses apt",
    "Use one RUN: `RUN apt-get update && apt-get install -y … "
    f"&& rm -rf /var/lib/apt/lists/* && apt-get clean`; {or_mounting_cache('/var/cache/apt')}.",
    "rm -rf /var/lib/apt/lists/* && apt-get clean",
)
_DOCUMENTATION = Remedy(
    "documentation",
    "Leave documentation out",
    "Delete it in the RUN that installs it, or tell the package manager to leave it out: `path-exclude` in "
    "/etc/dpkg/dpkg.cfg.d, `tsflags=nodocs` in /etc/dnf/dnf.conf.",
    "rm -rf /usr/share/doc /usr/share/info /usr/share/man",
    deletes_by_name=True,
)
_HEADERS = Remedy(
    "headers",
    "Leave headers and static libraries in a build stage",
    "Build in a stage of its own, and take the result from it (`COPY --from`); or remove the `-dev` packages in the "
    "RUN that installs them.",
)
_CERTAIN, _LIKELY = Certainty.CERTAIN, Certainty.LIKELY

KINDS = {
    "apt_lists": DisposableKind("apt's package lists", "var/lib/apt/lists/", _APT, _CERTAIN, is_leftover=True),
    "apt_cache": DisposableKind("apt's cache", "var/cache/apt/", _APT, _CERTAIN, is_leftover=True),
    "records": DisposableKind(
        "package records and logs",
        r"var/lib/dpkg/|var/lib/apt/extended_states|var/log/(?:apt/|dpkg|alternatives)|var/cache/debconf/"
        r"|etc/ld\.so\.cache|var/cache/ldconfig/|lib/apk/db/|usr/lib/apk/db/|var/lib/rpm/|usr/lib/sysimage/rpm/|var/log/(?:dnf|yum)|var/lib/dnf/",
        Remedy(
            "records",
            "Install and remove packages in one RUN",
            "Install and remove packages in one RUN: each RUN that does this rewrites these files.",
        ),
        is_leftover=True,
        is_disposable=False,
    ),
    "apk": DisposableKind(
        "apk's cache",
        "var/cache/apk/|etc/apk/cache/",
        avoiding_cache(
            "apk",
            "apk's cache",
            "apk add --no-cache …",
            "rm -rf /var/cache/apk/*",
            option=("apk add", "apk add --no-cache"),
        ),
        _CERTAIN,
        is_leftover=True,
    ),
    "dnf": DisposableKind(
        "dnf's cache",
        "var/cache/(?:dnf|yum|libdnf5)/",
        emptying_cache("dnf", "dnf's cache", "dnf clean all && rm -rf /var/cache/dnf /var/cache/yum", "/var/cache/dnf"),
        _CERTAIN,
        is_leftover=True,
    ),
    "zypper": DisposableKind(
        "zypper's cache",
        "var/cache/zypp/",
        emptying_cache("zypper", "zypper's cache", "zypper clean --all"),
        _CERTAIN,
        is_leftover=True,
    ),
    "pacman": DisposableKind(
        "pacman's cache",
        "var/cache/pacman/",
        emptying_cache("pacman", "pacman's cache", "rm -rf /var/cache/pacman/pkg/*"),
        _CERTAIN,
        is_leftover=True,
    ),
    "pip": DisposableKind(
        "pip's cache",
        _HOME + r"\.cache/pip/",
        avoiding_cache(
            "pip",
            "pip's cache",
            "pip install --no-cache-dir …",
            "rm -rf ~/.cache/pip",
            "/root/.cache/pip",
            ("pip install", "pip install --no-cache-dir"),
        ),
        _CERTAIN,
        is_leftover=True,
    ),
    "uv": DisposableKind(
        "uv's cache",
        _HOME + r"\.cache/uv/",
        avoiding_cache(
            "uv", "uv's cache", "uv … --no-cache` or `ENV UV_NO_CACHE=1", "rm -rf ~/.cache/uv", "/root/.cache/uv"
        ),
        _CERTAIN,
        is_leftover=True,
    ),
    "poetry": DisposableKind(
        "Poetry's cache",
        _HOME + r"\.cache/pypoetry/",
        avoiding_cache(
            "poetry",
            "Poetry's cache",
            "poetry install --no-cache",
            "rm -rf ~/.cache/pypoetry",
            "/root/.cache/pypoetry",
        ),
        is_leftover=True,
    ),
    "npm": DisposableKind(
        "npm's cache",
        _HOME + r"\.npm/",
        emptying_cache("npm", "npm's cache", "npm cache clean --force && rm -rf ~/.npm/_logs", "/root/.npm"),
        _CERTAIN,
        is_leftover=True,
    ),
    "yarn": DisposableKind(
        "Yarn's cache",
        rf"usr/local/share/\.cache/yarn/|{_HOME}\.cache/yarn/|{_HOME}\.yarn/berry/cache/",
        emptying_cache("yarn", "Yarn's cache", "yarn cache clean", "/usr/local/share/.cache/yarn"),
        _CERTAIN,
        is_leftover=True,
    ),
    "pnpm": DisposableKind(
        "pnpm's store",
        rf"{_HOME}\.local/share/pnpm/store/|{_HOME}\.cache/pnpm/",
        emptying_cache("pnpm", "pnpm's store", "pnpm store prune", "/root/.local/share/pnpm/store"),
        is_leftover=True,
    ),
    "conda": DisposableKind(
        "conda's packages",
        "opt/(?:conda|miniconda3?|mambaforge|miniforge3?)/pkgs/",
        emptying_cache("conda", "conda's package cache", "conda clean -afy"),
        is_leftover=True,
    ),
    "gem": DisposableKind(
        "gem's cache",
        r"(?:usr/local/bundle|(?:usr/(?:local/)?lib|var/lib)/(?:ruby/)?gems/[\d.]+)/cache/|"
        rf"{_HOME}\.bundle/cache/|{_HOME}\.gem/(?:.+/)?cache/",
        emptying_cache("gem", "gem's cache", 'rm -rf "$(gem env gemdir)"/cache/*'),
        _CERTAIN,
        is_leftover=True,
    ),
    "composer": DisposableKind(
        "Composer's cache",
        _HOME + r"\.(?:composer/cache|cache/composer)/",
        avoiding_cache(
            "composer",
            "Composer's cache",
            "composer install --no-cache …",
            "composer clear-cache",
            "/root/.composer/cache",
        ),
        _CERTAIN,
        is_leftover=True,
    ),
    "go": DisposableKind(
        "Go's caches",
        rf"go/pkg/mod/|{_HOME}\.cache/go-build/|{_HOME}go/pkg/mod/",
        using_stage("go", "Go's caches", "go clean -cache -modcache", "/root/.cache/go-build"),
        is_leftover=True,
    ),
    "cargo": DisposableKind(
        "Cargo's registry",
        rf"usr/local/cargo/(?:registry|git)/|{_HOME}\.cargo/(?:registry|git)/",
        using_stage("cargo", "Cargo's registry", "rm -rf /usr/local/cargo/registry", "/usr/local/cargo/registry"),
        is_leftover=True,
    ),
    "maven": DisposableKind(
        "Maven's repository",
        _HOME + r"\.m2/",
        using_stage("maven", "Maven's repository", "rm -rf ~/.m2", "/root/.m2"),
        is_leftover=True,
    ),
    "gradle": DisposableKind(
        "Gradle's caches",
        _HOME + r"\.gradle/",
        using_stage("gradle", "Gradle's caches", "rm -rf ~/.gradle", "/root/.gradle"),
        is_leftover=True,
    ),
    "home_cache": DisposableKind(
        "a user's cache", _HOME + r"\.cache/[^/]+/", emptying_cache("home_cache", "the user's cache", "rm -rf ~/.cache")
    ),
    "temporary": DisposableKind(
        "temporary files",
        "(?:var/)?tmp/",
        Remedy(
            "temporary",
            "Delete temporary files in the RUN that makes them",
            "End the RUN with `&& rm -rf /tmp/* /var/tmp/*`; or mount a directory for them: "
            "`RUN --mount=type=tmpfs,target=/tmp …`.",
            "rm -rf /tmp/* /var/tmp/*",
        ),
    ),
    "logs": DisposableKind(
        "logs",
        "var/log/",
        Remedy(
            "logs",
            "Delete logs in the RUN that writes them",
            "End the RUN with `&& find /var/log -type f -exec rm {{}} +`.",
            "find /var/log -type f -exec rm {} +",
        ),
    ),
    "crash_dumps": DisposableKind(
        "crash dumps",
        "var/crash/",
        Remedy(
            "crash_dumps",
            "Delete crash dumps in the RUN that leaves them",
            "Delete them in the RUN that leaves them, and find out what crashes.",
            deletes_by_name=True,
        ),
        files=r"core\.\d+|hs_err_pid\d+\.log|npm-debug\.log|.+\.hprof",
    ),
    "version_control": DisposableKind(
        "version control",
        r"(?:.+/)?\.(?:git|hg|svn|bzr)/",
        ignoring_files("version_control", "version control"),
        _CERTAIN,
        files=r"\.gitignore|\.gitattributes|\.hgignore",
    ),
    "tools": DisposableKind(
        "files of editors and build systems",
        r"(?:.+/)?(?:\.idea|\.vscode|\.vs|\.pytest_cache|\.mypy_cache|\.ruff_cache|\.tox|\.nox|\.nyc_output|\.ccache"
        r"|\.eggs|CMakeFiles|\.terraform)/|(?:.+/)?node_modules/\.cache/",
        ignoring_files("tools", "files of editors and build systems"),
        files=r"\.DS_Store|Thumbs\.db|\..+\.sw[po]|.+~|#.+#|\.coverage|.+\.orig|.+\.rej",
    ),
    "package_tests": DisposableKind(
        "tests of installed packages",
        rf"{_PACKAGES}(?:.+/)?(?:tests?|__tests__|specs?)/|usr/(?:local/)?lib/python[\d.]+/test/",
        Remedy(
            "package_tests",
            "Delete the tests of installed packages",
            "Delete them in the RUN that installs the packages.",
            r"find / -xdev -type d \( -name test -o -name tests -o -name __tests__ -o -name spec -o -name specs \) "
            r"\( -path '*-packages/*' -o -path '*/node_modules/*' -o -path '*/gems/*' \) -prune -exec rm -rf {} +",
            deletes_by_name=True,
        ),
    ),
    "documentation": DisposableKind(
        "documentation",
        r"usr/(?:local/)?share/(?:doc|info|gtk-doc|doc-base|lintian|linda|texmf-doc|help)/",
        _DOCUMENTATION,
    ),
    "manuals": DisposableKind("manual pages", r"usr/(?:local/)?(?:share/)?man/", _DOCUMENTATION),
    "locales": DisposableKind(
        "translations",
        r"usr/(?:local/)?share/(?:locale|i18n)/",
        Remedy(
            "locales",
            "Leave translations out",
            "Delete them in the RUN that installs them, or name the languages that you need: `path-exclude` in "
            "/etc/dpkg/dpkg.cfg.d, `%_install_langs` of rpm.",
            "rm -rf /usr/share/locale /usr/share/i18n",
            deletes_by_name=True,
        ),
    ),
    "headers": DisposableKind(
        "headers",
        r"usr/(?:local/)?include/",
        _HEADERS,
        needs_no_compiler=True,
    ),
    "static_libraries": DisposableKind(
        "static libraries",
        "",
        _HEADERS,
        files=r"lib.+\.a",
        needs_no_compiler=True,
    ),
    "bytecode": DisposableKind(
        "Python bytecode",
        "",
        Remedy(
            "bytecode",
            "Do not keep Python bytecode",
            "Delete it at the end of the RUN that makes it; Python then compiles the files at each start.",
            "find / -xdev -type d -name __pycache__ -prune -exec rm -rf {} +",
        ),
        files=r".+\.py[co]",
    ),
}
"""The known kinds; the first one that matches a path counts."""

_LEFTOVER = re.compile("|".join(f"(?P<{key}>{kind.directories})" for key, kind in KINDS.items() if kind.is_leftover))
_LEFTOVER_STARTS = ("etc/", "go/", "home/", "lib/apk/", "opt/", "root/", "usr/lib/", "usr/local/", "var/")
"""Each path that ``_LEFTOVER`` matches has one of these. A regular expression for each path takes ten times as long."""


def leftover_of(path: str) -> str:
    """Returns the key of a path's leftovers; empty if it belongs to none."""
    match = _LEFTOVER.match(path) if path.startswith(_LEFTOVER_STARTS) else None
    return (match.lastgroup or "") if match else ""
