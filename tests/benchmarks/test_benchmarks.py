"""Tests of the benchmark: its images, its measurements and its tables."""

from __future__ import annotations

import os
import subprocess
import sys
import tarfile
from collections import Counter
from pathlib import Path

import pytest

from explorer.model import Cause
from tests.benchmarks import tables
from tests.benchmarks.floor import floor, headers
from tests.benchmarks.making import header, write_image
from tests.benchmarks.packing import AlreadyPacked, layer_ranges, pack
from tests.benchmarks.processes import LIMIT, Run, run
from tests.benchmarks.recipe import Recipe, layers
from tests.benchmarks.tables import Measured
from tests.benchmarks.terminal import Scene, look, plain
from tests.images import explored

ROOT = Path(__file__).parents[2]
RECIPE = Recipe(1500, 6, "small")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Makes an image."""
    path = tmp_path_factory.mktemp("benchmarks") / "made.tar"
    write_image(path, RECIPE)
    return path


@pytest.mark.parametrize("recipe", [RECIPE, Recipe(1000), Recipe(200, 120, "small"), Recipe(140, 2)])
def test_recipe(recipe: Recipe) -> None:
    """An image has the requested entries with unique names, and is always the same."""
    made = list(layers(recipe))
    assert [len(items) for items in made] == recipe.counts()
    assert sum(recipe.counts()) == recipe.entries
    assert all(len({item.name for item in items}) == len(items) for items in made)
    assert made == list(layers(recipe))


def test_made_image(made: Path, tmp_path: Path) -> None:
    """A made image has no warnings, has the usual waste, and is always the same."""
    exploration = explored(made)
    assert sum(len(layer.entries) for layer in exploration.tree.layers) >= RECIPE.entries * 0.9
    assert not any(layer.problems for layer in exploration.tree.layers)
    wasted = Counter({cause: exploration.usage.by_cause[cause] for cause in Cause})
    assert all(wasted[cause] for cause in (Cause.REMOVED, Cause.OVERWRITTEN, Cause.RECOPIED))
    write_image(tmp_path / "again.tar", RECIPE)
    assert (tmp_path / "again.tar").read_bytes() == made.read_bytes()


@pytest.mark.parametrize("kind", ["gzip", "zstd"])
def test_packed_image(made: Path, tmp_path: Path, kind: str) -> None:
    """The packed image is the same image, with correct digests and diff IDs."""
    pack(made, tmp_path / "packed.tar", kind)
    plain_one, packed = explored(made), explored(tmp_path / "packed.tar")
    assert packed.image.id == plain_one.image.id
    assert packed.usage.wasted_bytes == plain_one.usage.wasted_bytes
    assert (packed.download_bytes or 0) < plain_one.usage.shipped_bytes + 1024 * RECIPE.entries
    assert floor(tmp_path / "packed.tar") > 0
    with pytest.raises(AlreadyPacked):
        pack(tmp_path / "packed.tar", tmp_path / "twice.tar", kind)


def test_floor(made: Path) -> None:
    """The floor reads each header once."""
    _, ranges = layer_ranges(made)
    with made.open("rb") as file:
        assert [headers(file.fileno(), *part) for part in ranges] == RECIPE.counts()
        offset, size = ranges[-1]
        file.seek(offset)
        (made.parent / "layer.tar").write_bytes(file.read(size))
    with tarfile.open(made.parent / "layer.tar") as layer:
        assert len(layer.getmembers()) == RECIPE.counts()[-1]


def test_long_name() -> None:
    """A name that is too long for a plain header is refused."""
    with pytest.raises(ValueError, match="too long"):
        header("x" * 101, b"0", 0, 0o644)


def test_figures() -> None:
    """Figures have two or three digits."""
    assert [tables.seconds(value) for value in (0.0043, 0.043, 0.714, 7.84, 36.4, 300)] == [
        "4.3 ms",
        "43 ms",
        "0.71 s",
        "7.84 s",
        "36.4 s",
        "300 s",
    ]
    assert [tables.memory(count) for count in (36_300_000, 2_400_000_000)] == ["36 MB", "2.4 GB"]
    assert [tables.times(value) for value in (0.25, 11.04, 124.0)] == ["0.2×", "11.0×", "124×"]
    assert tables.percentile([5, 1, 4, 2, 3], 0.95) == 5
    assert tables.percentile(range(1, 101), 0.95) == 95


def test_measured() -> None:
    """Measurements are medians; a run that stopped or failed gives a reason instead."""
    ours = Measured((Run(1.0, 10_000_000), Run(3.0, 30_000_000), Run(2.0, 20_000_000)))
    assert (ours.time(), ours.memory()) == ("2.00 s", "20 MB")
    late = Measured((Run(60.2, 1, trouble=LIMIT),), limit=60)
    assert (late.time(), late.memory(), late.over(ours)) == ("> 60 s", "–", "> 30.0×")
    assert Measured((Run(1, 1, trouble="it cannot read it"),)).time() == "it cannot read it"
    assert (Measured().time(), Measured().over(ours)) == ("–", "–")


def test_table() -> None:
    """A table has aligned columns."""
    assert tables.table(["image", "lx"], [["plain", "1.2 s"], ["gzip", "> 300 s"]]).splitlines() == [
        "| image |      lx |",
        "|-------|--------:|",
        "| plain |   1.2 s |",
        "| gzip  | > 300 s |",
    ]


def test_run() -> None:
    """A run has time, memory and output; a run over the limit is killed."""
    result = run([sys.executable, "-c", "x = bytearray(80 << 20); print(len(x)); raise SystemExit(1)"])
    assert (result.output.strip(), result.exit_code, result.trouble) == (b"83886080", 1, "")
    # No upper bound, because Linux counts the memory of the parent process, too.
    assert result.peak > 80 << 20
    assert run([sys.executable, "-c", "import time; time.sleep(60)"], limit=0.2).trouble == LIMIT


def test_plain() -> None:
    """Control sequences are removed, and text remains."""
    assert plain(b"\x1b[?1049h\x1b]0;title\x07\x1b[1;31mAb\x1b[0m\x1b(B\x1b[2;3Hc\r\x1b7d") == b"Abcd"


def in_terminal(program: str, limit: float = 20) -> Run:
    """Runs a program that draws ``ready`` and waits for keys."""
    code = f"import sys, time, tty; tty.setraw(0); say = lambda text: print(text, end='', flush=True)\n{program}"
    script = f"from tests.benchmarks.test_benchmarks import look_at; look_at({code!r}, {limit})"
    result = run([sys.executable, "-c", script], {**os.environ, "PYTHONPATH": str(ROOT)})
    seconds, first_seconds, *trouble = result.output.decode().strip().split(" ", 2)
    return Run(float(seconds), 0, first_seconds=float(first_seconds), trouble="".join(trouble))


def look_at(code: str, limit: float) -> None:
    """Runs ``look`` in a process without threads, because it forks."""
    result = look([sys.executable, "-c", code], os.environ, Scene(("ready", "really"), b"\t", b"q", "rea"), limit)
    print(result.seconds, result.first_seconds, result.trouble)


@pytest.mark.end_to_end
def test_look() -> None:
    """A screen is usable when it is complete and a key has an effect; its first part counts apart."""
    usable = in_terminal(
        "say('\\x1b[1mrea'); say('dy'); time.sleep(0.3); say('really');sys.stdin.read(1); say('yes'); sys.stdin.read(1)"
    )
    assert not usable.trouble
    assert 0 < usable.first_seconds < usable.seconds


@pytest.mark.end_to_end
@pytest.mark.parametrize(
    ("program", "trouble"),
    [("say('ready'); time.sleep(60)", LIMIT), ("say('ready'); print(); print('no more')", "it ended: no more")],
)
def test_look_in_vain(program: str, trouble: str) -> None:
    """A screen that is never usable, or ends before, gives the reason."""
    assert in_terminal(program, 1.0).trouble == trouble


@pytest.mark.end_to_end
def test_whole(tmp_path: Path) -> None:
    """The benchmark runs on a tiny image, and prints its tables."""
    result = subprocess.run(
        [sys.executable, "-m", "tests.benchmarks", "--quick", "--entries", "200", "--without-dive", "--only", "report"],
        cwd=ROOT,
        env={**os.environ, "TMPDIR": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert result.returncode == 0, result.stderr
    assert "OCI archive, zstd layers" in result.stdout
    assert "cannot" not in result.stdout
    assert [path.name for path in tmp_path.iterdir()] == ["home"]
