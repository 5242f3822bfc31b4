"""The option ``--dockerfile``, which names the Dockerfile of IMAGE."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from explorer.cli.help_pages import Heading, headed_option

if TYPE_CHECKING:
    from explorer.analysis.dockerfile.dockerfile import Dockerfile


def _read(_: click.Context, __: click.Parameter, value: Path | None) -> Dockerfile | None:
    """Reads the file before minutes of work. Raises UsageError."""
    if value is None:
        return None
    from explorer.analysis.dockerfile.read_dockerfile import read_dockerfile

    return read_dockerfile(value)


with_dockerfile_option: Callable[[Callable[..., None]], Callable[..., None]] = headed_option(
    Heading.IMAGE,
    "--dockerfile",
    metavar="FILE",
    type=click.Path(path_type=Path),
    callback=_read,
    help="The Dockerfile that made the image, to name its lines.",
)
"""The option ``--dockerfile``, for commands that name lines."""
