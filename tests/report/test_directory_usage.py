"""The directories with the bytes below them, of an image and of one layer."""

from __future__ import annotations

import json
import re
import subprocess
from collections import Counter
from typing import TYPE_CHECKING

import pytest

from explorer.report.directory_usage import as_json, as_text, directory_usage, shipped_usage, visible_usage
from explorer.report.page import Page
from tests.images import big, directory, explored, explored_layers, file, hardlink, layer, whiteout

if TYPE_CHECKING:
    from pathlib import Path

    from explorer.pipeline import Exploration

_MEMBER = re.compile(r"(.)\S+ \S+ +(\d+) \S+ \S+ (.+)")
"""A line of ``tar -tv``: type, size and name."""


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Exploration:
    """Two layers; a file has names in two directories, and the first name is removed later."""
    return explored_layers(
        tmp_path_factory.mktemp("image"),
        layer(
            big("a/linked", 5),
            hardlink("b/linked", "a/linked"),
            big("b/c/file", 3),
            big("usr/share/doc/page", 2),
            big("usr/bin/old", 4),
            directory("empty"),
        ),
        layer(whiteout("a/linked"), big("usr/bin/old", 1), big("twice", 1), big("twice", 6)),
    )


def test_largest_directories_add_up(shop: Exploration) -> None:
    """The rows and the rest add up to the last row, which is the visible size of the image."""
    rows = directory_usage(visible_usage(shop), "", None, None)
    assert rows[-1] == ("", shop.usage.visible_bytes, 2_000_000)
    assert sum(row.bytes for row in rows[:-1]) == shop.usage.visible_bytes
    assert rows[0] == ("b", 8_000_000, 0)


def test_to_a_depth(shop: Exploration) -> None:
    """Directories come after those inside them, the largest first; those without bytes are left out."""
    usage = visible_usage(shop)
    listed = [(row.path, row.bytes // 1_000_000) for row in directory_usage(usage, "", 2, None)]
    assert listed == [("b/c", 3), ("b", 8), ("usr/share", 2), ("usr/bin", 1), ("usr", 3), ("", 17)]
    assert [row.path for row in directory_usage(usage, "", 0, None)] == [""]
    assert [row.path for row in directory_usage(usage, "usr", 1, None)] == ["usr/share", "usr/bin", "usr"]
    assert [row.path for row in directory_usage(usage, "", 2, 3)] == ["b/c", "b", "usr", ""]


def test_below_a_path(shop: Exploration) -> None:
    """Only what is below the path counts, and names that begin alike are not below it."""
    rows = directory_usage(visible_usage(shop), "usr", None, 1)
    assert [(row.path, row.bytes // 1_000_000) for row in rows] == [("usr/share/doc", 2), (None, 1), ("usr", 3)]
    assert [row.path for row in directory_usage(visible_usage(shop), "us", None, 1)] == ["us"]


def test_one_layer(shop: Exploration) -> None:
    """With a layer, the rows add up to what it ships, also files without a name, and to its wasted bytes."""
    for figures in shop.layers:
        rows = directory_usage(shipped_usage(shop, figures.layer.number), "", None, None)
        assert rows[-1] == ("", figures.bytes, figures.wasted_bytes)
        if figures.layer.number == 0:
            assert sum(row.bytes for row in rows[:-1]) == figures.bytes
            assert sum(row.saved for row in rows[:-1]) == figures.wasted_bytes


def test_the_demo_adds_up() -> None:
    """At each depth of the demo, directories have the bytes of those inside them and of their own files."""
    demo = explored("demo")
    for usage, total in [
        (visible_usage(demo), demo.usage.visible_bytes),
        *((shipped_usage(demo, each.layer.number), each.bytes) for each in demo.layers),
    ]:
        rows = {row.path: row for row in directory_usage(usage, "", 99, None)}
        assert rows[""].bytes == total
        inside: Counter[str] = Counter()
        for path, row in rows.items():
            if path:
                inside[path.rpartition("/")[0]] += row.bytes
        assert all(count <= rows[path].bytes for path, count in inside.items())
    assert sum(each.bytes for each in demo.disposables) == directory_usage(visible_usage(demo), "", 0, None)[0].saved


def test_an_empty_image(tmp_path: Path) -> None:
    """An image without bytes has one row."""
    usage = visible_usage(explored_layers(tmp_path, layer(directory("a"))))
    rows = directory_usage(usage, "", None, None)
    assert rows == [("", 0, 0)]
    assert list(as_text(rows, usage, Page())) == ["     0 B    0 %  /"]


def test_text_lines_up(shop: Exploration) -> None:
    """Paths stand in one column; only a wide terminal has bars."""
    usage = visible_usage(shop)
    rows = directory_usage(usage, "", None, None)
    plain = list(as_text(rows, usage, Page()))
    assert plain[-1] == "   17 MB  100 %  2.0 MB disposable  /"
    assert plain[0] == "  8.0 MB   47 %                     /b"
    assert "█" not in "".join(as_text(rows, usage, Page(80, is_terminal=True, has_colours=True)))
    coloured = list(as_text(rows, usage, Page(100, is_terminal=True, has_colours=True)))
    assert "█" in coloured[0]
    shown = [re.sub(r"\x1b\[\d*m", "", line) for line in coloured]
    assert len({line.index("/") for line in shown if "/" in line}) == 1


def test_long_paths_fit_a_terminal(tmp_path: Path) -> None:
    """On a terminal, a long path is cut in the middle."""
    usage = visible_usage(explored_layers(tmp_path, layer(big(f"{'long/' * 40}file", 1))))
    rows = directory_usage(usage, "", None, None)
    assert max(map(len, as_text(rows, usage, Page(60, is_terminal=True)))) <= 60


def test_hostile_names(tmp_path: Path) -> None:
    """Names with escape sequences are printed escaped."""
    usage = visible_usage(explored_layers(tmp_path, layer(file("\x1b[31m/x", b"1"))))
    rows = directory_usage(usage, "", 1, None)
    assert "\x1b" not in "".join([*as_text(rows, usage, Page()), *(as_json(row, usage) for row in rows)])


def test_json(shop: Exploration) -> None:
    """Disposable bytes are those of the image, wasted bytes those of a layer."""
    for usage, expected in [
        (visible_usage(shop), (17_000_000, 2_000_000, None, None)),
        (shipped_usage(shop, 0), (14_000_000, None, 4_000_000, 0)),
    ]:
        line = json.loads(as_json(directory_usage(usage, "", 0, None)[0], usage))
        assert tuple(line.values()) == ("/", *expected)


@pytest.mark.end_to_end
def test_figures_are_those_of_gnu_tar(tmp_path: Path) -> None:
    """Each directory has the bytes that GNU tar lists for it in a root filesystem with hard links."""
    root = tmp_path / "root"
    for number in range(40):
        path = root / f"d{number % 4}" / f"e{number % 3}" / f"file{number}"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x" * number * 100)
        if number % 5 == 0:
            path.with_name("link").unlink(missing_ok=True)
            path.with_name("link").hardlink_to(path)
            (root / f"d{(number + 1) % 4}" / f"z{number}").parent.mkdir(exist_ok=True)
            (root / f"d{(number + 1) % 4}" / f"z{number}").hardlink_to(path)
    archive = tmp_path / "root.tar"
    subprocess.run(["tar", "-C", root, "--sort=name", "-cf", archive, "."], check=True)
    listed = subprocess.run(["tar", "-tvf", archive], check=True, capture_output=True, text=True).stdout
    assert "link to" in listed
    sizes: Counter[str] = Counter()
    for kind, count, name in _MEMBER.findall(listed):
        parts = name.removeprefix("./").split("/")[:-1]
        for depth in range(len(parts) + 1) if kind == "-" else ():
            sizes["/".join(parts[:depth])] += int(count)
    rows = directory_usage(visible_usage(explored(f"rootfs://{archive}")), "", 9, None)
    assert {row.path: row.bytes for row in rows} == sizes
