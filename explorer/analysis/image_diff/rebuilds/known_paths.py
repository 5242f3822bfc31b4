"""Files that are known to differ in each build, by their paths."""

from __future__ import annotations

import re

_PATTERNS = (
    ("log", r"var/log/.+|(root|home/[^/]+)/\.npm/_logs/.+|.*\.log"),
    ("key", r"etc/ssh/ssh_host_\w+_key(\.pub)?|etc/ssl/(private|certs)/ssl-cert-snakeoil\.(key|pem)"),
    ("key", r"etc/pki/tls/(private/localhost\.key|certs/localhost\.crt)"),
    ("machine-id", r"etc/(machine-id|hostid)|var/lib/(dbus/machine-id|systemd/random-seed|urandom/random-seed)"),
    ("machine-id", r"etc/(hostname|hosts|resolv\.conf)"),
    ("cache", r"var/cache/.+|tmp/.+|var/tmp/.+|(.+/)?\.cache/.+|var/lib/apt/lists/.+"),
    ("cache", r"(root|home/[^/]+)/(\.npm/_cacache|\.cargo/registry|\.m2|\.gradle|go/pkg)/.+"),
    ("cache", r".+/(icon-theme|mimeinfo|giomodule|loaders)\.cache|var/lib/systemd/catalog/database"),
    ("database", r"etc/g?shadow-?|var/lib/rpm/.+|usr/(lib/sysimage|share)/rpm/.+|var/lib/(dnf|yum)/.+"),
    ("database", r"var/lib/pacman/local/.+/desc|(.+/)?conda-meta/history|var/lib/zypp/.+"),
)
_PATH = re.compile("|".join(f"(?P<c{number}>{pattern})" for number, (_, pattern) in enumerate(_PATTERNS)))


def known_cause(path: str) -> str:
    """Returns the cause that a path alone tells; empty if it tells none."""
    match = _PATH.fullmatch(path)
    if match is None:
        return ""
    return next(cause for number, (cause, _) in enumerate(_PATTERNS) if match[f"c{number}"] is not None)
