"""The measured images: given or made, packed if needed, and read into memory once."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from tests.benchmarks.processes import run
from tests.benchmarks.recipe import Recipe

PACKINGS = ("gzip", "zstd")
_CHUNK = 1 << 22


class Supply:
    """Makes images in other processes, and keeps them in a directory."""

    def __init__(self, directory: Path, *, keep: bool) -> None:
        self._directory = directory
        self._keep = keep

    def made(self, recipe: Recipe) -> Path:
        """Returns the image of a recipe, made now or earlier."""
        arguments = (str(recipe.entries), str(recipe.layers), recipe.sizes)
        return self._written(f"{recipe.name}.tar", "making", "{}", *arguments)

    @contextmanager
    def borrowed(self, recipe: Recipe) -> Iterator[Path]:
        """Makes the image of a recipe, and removes it afterwards unless images are kept."""
        path = self.made(recipe)
        try:
            yield path
        finally:
            if not self._keep:
                path.unlink()

    def packed(self, image: Path, kind: str) -> Path:
        """Returns the same image with compressed layers."""
        return self._written(f"{image.stem}.{kind}.tar", "packing", str(image), "{}", kind, newer_than=image)

    def _written(self, name: str, module: str, *arguments: str, newer_than: Path | None = None) -> Path:
        path = self._directory / name
        oldest = newer_than.stat().st_mtime if newer_than else 0
        if not path.exists() or path.stat().st_mtime < oldest:
            click.echo(f"making {path}", err=True)
            part = path.with_suffix(".part")
            command = [word.replace("{}", str(part)) for word in arguments]
            result = run([sys.executable, "-m", f"tests.benchmarks.{module}", *command])
            if result.exit_code:
                part.unlink(missing_ok=True)
                raise click.ClickException(result.output.decode(errors="replace").strip())
            part.replace(path)
        return path


def warm(path: Path) -> None:
    """Reads a file, so that later reads do not wait for the disk."""
    with path.open("rb", buffering=0) as file:
        while file.read(_CHUNK):
            pass
