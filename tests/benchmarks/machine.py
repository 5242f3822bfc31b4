"""Describes the machine that measures."""

from __future__ import annotations

import os
import platform
from datetime import UTC, datetime
from pathlib import Path

from tests.benchmarks.tables import memory


def describe(versions: dict[str, str]) -> str:
    """Returns a Markdown paragraph with machine, versions and date."""
    total = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    names = ", ".join(f"{name} {version}" for name, version in versions.items())
    return (
        f"{_processor()}, {os.cpu_count()} cores, {memory(total)} of memory; {platform.system()} {platform.release()}, "
        f"Python {platform.python_version()}; {names}; {datetime.now(UTC):%Y-%m-%d}"
    )


def _processor() -> str:
    """Returns the model of the processor if the system names it."""
    lines = Path("/proc/cpuinfo")
    if lines.exists():
        for line in lines.read_text().splitlines():
            key, _, value = line.partition(":")
            if key.strip() == "model name":
                return value.strip()
    return platform.processor() or platform.machine()
