"""The kinds of package databases."""

from __future__ import annotations

from explorer.analysis.packages import apk, conda, dpkg, java, npm, python, rpm
from explorer.analysis.packages.formats import Format

FORMATS: tuple[Format, ...] = (
    dpkg.FORMAT,
    apk.FORMAT,
    rpm.FORMAT,
    python.FORMAT,
    conda.FORMAT,
    npm.FORMAT,
    java.FORMAT,
)
"""Packages of the operating system come first. If two packages claim a file, it belongs to the earlier kind."""
