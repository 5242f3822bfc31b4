"""The formats of a comparison, also of hostile images."""

from __future__ import annotations

import json
import random
import re
from pathlib import Path

import pytest

from explorer.model import Watcher
from explorer.pipeline import ImageDiff, compare
from explorer.report.compare.formats import FORMATS, Rows
from explorer.report.page import Page, cells
from tests.analysis.packages.made_databases import dpkg_list, dpkg_status
from tests.hostile import GOLDEN, NAMES, assert_golden, hostile_comparison
from tests.image_pairs import compared_layers
from tests.images import big, docker_archive, explored, file, image, layer, whiteout
from tests.markdown_reading import assert_harmless, inline, tables

MAX_COMMENT_CHARS = 65_536
FOLD = re.compile(r"<details><summary>[A-Z][a-z]+ \([\d,]+\)</summary>|</details>")


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> ImageDiff:
    """Two images with hostile texts."""
    return hostile_comparison(tmp_path_factory.mktemp("hostile"))


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> ImageDiff:
    """Two builds: a base that stays, packages that change, a COPY whose file changed, settings, and new waste."""
    folder = tmp_path_factory.mktemp("shop")
    base = layer(big("usr/lib/base", 2))
    for name, version, app in (("old", "3.0.1", 0.1), ("new", "3.0.2", 0.4)):
        packages = layer(
            dpkg_status({"libssl3": version, **({"curl": "8"} if name == "new" else {})}),
            dpkg_list("libssl3", ["/usr/lib/libssl.so"]),
            dpkg_list("curl", ["/usr/bin/curl"]),
            big("usr/lib/libssl.so", 0.2 if name == "old" else 0.25),
            *([big("usr/bin/curl", 0.3)] if name == "new" else []),
        )
        copied = layer(file("app/model", _noise(app)), file("app/same", b"s", mtime=1 if name == "new" else 0))
        removed = layer(whiteout("usr/bin/curl" if name == "new" else "usr/lib/none"))
        made = image(
            base,
            packages,
            copied,
            *([removed] if name == "new" else []),
            history=[
                {"created_by": "ADD rootfs.tar.xz /"},
                {"created_by": f"RUN apt-get install -y libssl3={version}"},
                {"created_by": "COPY . /app # buildkit"},
                *([{"created_by": "RUN rm /usr/bin/curl"}] if name == "new" else []),
            ],
            config={"Env": [f"VERSION={version}", "PATH=/bin"], "Cmd": ["serve"] if name == "new" else None},
        )
        (folder / f"{name}.tar").write_bytes(docker_archive(made))
    old, new = (explored(folder / f"{name}.tar") for name in ("old", "new"))
    return compare(old, new, Watcher())


def _noise(megabytes: float) -> bytes:
    """Returns bytes that no compressor makes smaller, so that all versions of zlib say the same of an update."""
    return random.Random(1).randbytes(int(megabytes * 1_000_000))


@pytest.fixture(scope="module")
def rebuild(tmp_path_factory: pytest.TempPathFactory) -> ImageDiff:
    """Two builds of the same steps, with a date, a log and times that differ, below a hostile name."""
    folder = tmp_path_factory.mktemp("rebuild")
    builds = []
    for day in (1, 2):
        files = [file(f"d/{NAMES[1]}", f"made on 2026-01-0{day}".encode()), file("var/log/a.log", f"{day}".encode())]
        builds.append([layer(*files, *(file(f"t/{name}", b"t", mtime=day) for name in range(7)))])
    diff = compared_layers(folder, *builds)
    diff.read_causes(Watcher())
    return diff


def without_folder(text: str) -> str:
    """Returns a text without the directories of temporary files."""
    return re.sub(r"/tmp/[^ \n`\"]*/", "/images/", text)


@pytest.mark.parametrize(("name", "ending"), [("text", "txt"), ("json", "json"), ("markdown", "md")])
def test_every_format_is_as_it_was(hostile: ImageDiff, name: str, ending: str) -> None:
    """The comparison of hostile images in each format equals the golden file."""
    assert_golden(f"compare-hostile.{ending}", FORMATS[name](hostile, Page(), Rows()))


@pytest.mark.parametrize(("name", "ending"), [("text", "txt"), ("markdown", "md")])
def test_a_release_is_as_it_was(shop: ImageDiff, name: str, ending: str) -> None:
    """The comparison of two releases equals the golden file."""
    assert_golden(f"compare.{ending}", without_folder(FORMATS[name](shop, Page(), Rows())))


def test_the_causes_of_a_rebuild(rebuild: ImageDiff) -> None:
    """Two builds of the same steps have the causes of their differences in all formats."""
    assert rebuild.is_rebuild
    text = FORMATS["text"](rebuild, Page(), Rows())
    part = text[text.index("Why two builds of the same steps differ") : text.index("\nFiles\n")]
    for words in ("  Dates and durations in files: 1 place\n", "  Logs: 1 place\n", "\n      /var/log/a.log\n"):
        assert words in part
    assert ("  Modification times: 7 places\n" in part, "/t/" in part) == (True, False)
    assert "/t/6" in FORMATS["text"](rebuild, Page(), Rows(all=True))
    causes = json.loads(FORMATS["json"](rebuild, Page(), Rows()))["causes"]
    assert [(each["cause"], len(each["places"])) for each in causes] == [("date", 1), ("log", 1), ("time", 7)]
    table = next(rows for rows in tables(FORMATS["markdown"](rebuild, Page(), Rows())) if rows[0][1] == "Places")
    assert [row[1] for row in table[1:]] == ["1", "1", "7"]


def test_markdown_is_harmless(hostile: ImageDiff, shop: ImageDiff, rebuild: ImageDiff) -> None:
    """Only the program's own folds are HTML; nothing from an image is markup."""
    for diff in (hostile, shop, rebuild):
        text = FORMATS["markdown"](diff, Page(), Rows(all=True))
        folds = [line for line in text.splitlines() if FOLD.fullmatch(line)]
        assert len(folds) == 2 * sum(line.startswith("<details>") for line in folds) > 0
        assert_harmless("\n".join(line for line in text.splitlines() if not FOLD.fullmatch(line)))


def test_tables_in_folds_are_tables(shop: ImageDiff) -> None:
    """An empty line after each fold lets GitHub read the table in it."""
    text = FORMATS["markdown"](shop, Page(), Rows())
    figures, *_, packages, settings, _ = tables(text)
    assert figures[3][0] == "wasted"
    assert ["+50 kB", "200 kB", "250 kB", "deb", "upgraded", "libssl3 3.0.1 → 3.0.2"] in packages
    assert ["ENV VERSION", "3.0.1", "3.0.2"] in settings
    assert [piece for piece in inline(text) if piece.type == "html_inline"] == []


def test_a_comment_fits(tmp_path: Path) -> None:
    """The comment about thousands of paths with long names is not longer than GitHub allows."""
    paths = []
    for number in (1, 2):
        files = [file(f"{'|' * 90}/{'`x' * 90}{name}", b"a" * number * name) for name in range(1, 900)]
        config = {"Labels": {f"{'l|' * 2000}{name}": f"{number}|" * 4000 for name in range(60)}}
        path = tmp_path / f"{number}{'n' * 200}.tar"
        history = [{"created_by": f"RUN {'|' * 4000}{number}"}]
        path.write_bytes(docker_archive(image(layer(*files), history=history, config=config)))
        paths.append(path)
    diff = compare(explored(paths[0]), explored(paths[1]), Watcher())
    text = FORMATS["markdown"](diff, Page(), Rows(all=True))
    assert len(text) < MAX_COMMENT_CHARS
    assert re.search(r"^And \d+ more paths\.$", text, re.MULTILINE)


@pytest.mark.parametrize("width", [40, 60, 80, 120, 200])
def test_the_text_fits_a_terminal(hostile: ImageDiff, shop: ImageDiff, rebuild: ImageDiff, width: int) -> None:
    """No line is wider than the terminal, and colours do not count."""
    for diff in (hostile, shop, rebuild):
        text = FORMATS["text"](diff, Page(width, is_terminal=True, has_colours=True), Rows(all=True))
        plain = re.sub(r"\x1b\[[\d;]*m", "", text)
        assert "\x1b" not in plain
        assert [line for line in plain.splitlines() if cells(line) > width] == []


def test_only_a_terminal_has_colours(shop: ImageDiff) -> None:
    """A file has neither colours nor bars."""
    text = FORMATS["text"](shop, Page(), Rows())
    assert not {"\x1b", "█"} & set(text)


def test_json_has_all_paths(shop: ImageDiff) -> None:
    """JSON lists also what texts leave out: differences in time alone."""
    document = json.loads(FORMATS["json"](shop, Page(), Rows(1)))
    assert {"path": "/app/same", "change": "modified", "old_bytes": 1, "new_bytes": 1, "differs": ["time"]} in document[
        "files"
    ]
    growth = sum(each["new_bytes"] - each["old_bytes"] for each in (*document["packages"], document["unowned"]))
    assert growth == document["new"]["visible_bytes"] - document["old"]["visible_bytes"]


def test_equal_images(shop: ImageDiff) -> None:
    """The same image twice has no table, and each line says that nothing differs."""
    text = FORMATS["text"](compare(shop.old, shop.old, Watcher()), Page(), Rows())
    facts = [line[15:] for line in text.splitlines()[6:]]
    assert facts[:6] == ["no step differs", "nothing to download", "3 same", *["none differs"] * 3]
    assert (len(facts), facts[6].startswith("Identical: ")) == (7, True)


def test_images_without_layers(tmp_path: Path) -> None:
    """Images without layers are compared, too."""
    path = tmp_path / "none.tar"
    path.write_bytes(docker_archive(image()))
    for name in FORMATS:
        assert FORMATS[name](compare(explored(path), explored("demo"), Watcher()), Page(), Rows()).endswith("\n")


def test_the_readme_shows_this_text() -> None:
    """The sample of the README is the beginning of the golden file, with other names."""
    readme = (GOLDEN.parents[1] / "README.md").read_text()
    shown = readme[readme.index("  shipped        2.3 MB →") :].partition("```")[0]
    assert shown in (GOLDEN / "compare.txt").read_text()
