"""The kinds of package databases."""

from __future__ import annotations

from explorer.analysis.packages import apk, cargo, conda, dpkg, gem, golang, java, npm, python, rpm
from explorer.analysis.packages.formats import Format

FORMATS: tuple[Format, ...] = (
    dpkg.FORMAT,
    apk.FORMAT,
    rpm.FORMAT,
    conda.FORMAT,
    python.FORMAT,
    npm.FORMAT,
    gem.FORMAT,
    java.FORMAT,
    golang.FORMAT,
    cargo.FORMAT,
)
"""Packages of the operating system come first, then those of conda, which installs packages of Python.

If two packages claim a file, it belongs to the earlier kind.
"""
