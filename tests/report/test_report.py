"""The text and JSON reports and the listing, also of a hostile image."""

from __future__ import annotations

import json
import tracemalloc
from dataclasses import replace
from pathlib import Path

import pytest

from explorer.model import Cause
from explorer.pipeline import Exploration
from explorer.report import listing, words
from explorer.report.as_json import report_json
from explorer.report.as_text import report_text
from explorer.report.json_text import dumps
from tests.images import (
    NOW,
    big,
    device,
    directory,
    docker_archive,
    explored,
    explored_layers,
    fifo,
    file,
    hardlink,
    image,
    layer,
    oci_archive,
    symlink,
    whiteout,
    zstded,
)

HOSTILE = b"\x1b[31m\n\xff[/b]".decode("utf-8", "surrogateescape")


@pytest.fixture
def shop(tmp_path: Path) -> Exploration:
    """An image with each kind of entry and waste."""
    made = image(
        layer(
            directory("d"),
            big("d/a", 2),
            file("keep", b"k" * 10),
            hardlink("name", "keep"),
            device("null", 1, 3),
            fifo("pipe"),
        ),
        layer(whiteout("d/a"), file("keep", b"K" * 10, mode=0o600), symlink("s", "keep"), file("new", b"n")),
        history=[
            {"created_by": "/bin/sh -c make", "created": "2026-01-31T09:00:00Z", "comment": "first"},
            {"created_by": "ENV A=1", "empty_layer": True},
            {"created_by": "COPY . / # buildkit"},
        ],
    )
    path = tmp_path / "shop.tar"
    path.write_bytes(docker_archive(made))
    return explored(path)


def test_the_json_report_is_schema_1(shop: Exploration) -> None:
    """The keys and values of the report are those of schema 1."""
    found = json.loads(report_json(shop))
    assert found["schema"] == 1
    head = found["image"]
    assert (head["shipped_bytes"], head["visible_bytes"], head["wasted_bytes"]) == (2_000_021, 21, 2_000_000)
    assert head["wasted_by_cause"] == {"removed": 2_000_000, "overwritten": 0, "recopied": 0, "duplicate": 0}
    assert head["efficiency"] == pytest.approx(21 / 2_000_021)
    assert (head["platform"], head["tags"], head["download_bytes"]) == ("linux/amd64", ["made:1"], None)
    assert (head["created"], head["id"][:7]) == ("2026-01-31T09:00:00Z", "sha256:")
    assert found["wasted"] == [
        {"path": "/d/a", "bytes": 2_000_000, "cause": "removed", "shipped_in": 0, "hidden_in": 1}
    ]
    first, second = found["layers"]
    assert first == {
        "index": 0,
        "diff_id": shop.image.layers[0].diff_id,
        "digest": None,
        "command": "RUN make",
        "created_by": "/bin/sh -c make",
        "created": "2026-01-31T09:00:00Z",
        "comment": "first",
        "bytes": 2_000_010,
        "download_bytes": None,
        "files": 5,
        "added": 5,
        "modified": 0,
        "removed": 0,
        "directories_changed": 1,
        "unchanged": 0,
        "wasted_bytes": 2_000_000,
        "hides_bytes": 0,
        "problems": [],
        "from_table_of_contents": False,
    }
    assert (second["added"], second["modified"], second["removed"], second["hides_bytes"]) == (2, 1, 1, 2_000_000)


def test_fixes_in_json_add_up() -> None:
    """The fixes' bytes add up to those of the image, each has its size after it, and the base's is the last."""
    exploration = explored("demo")
    found = json.loads(report_json(exploration))
    head, fixes = found["image"], found["fixes"]
    assert sum(fix["wasted_bytes"] for fix in fixes) == head["wasted_bytes"] == exploration.usage.wasted_bytes
    assert sum(fix["disposable_bytes"] for fix in fixes) == head["disposable_bytes"]
    assert sum(kind["bytes"] for kind in found["disposables"]) == head["disposable_bytes"]
    assert fixes[-1]["remaining_bytes"] == head["visible_bytes"] - head["disposable_bytes"]
    assert [fix["base"] for fix in fixes] == [False] * (len(fixes) - 1) + [True]
    assert fixes[-1]["disposable_bytes"] == head["disposable_base_bytes"]
    (ignored,) = [fix for fix in fixes if fix["id"] == "leave-out-6"]
    assert (ignored["layers"], ignored["diff"]) == ([6], ["# .dockerignore", "+ .git", "+ .env"])
    assert len(ignored["paths"]) == len(set(ignored["paths"]))
    assert all(path.startswith("/app/.") for path in ignored["paths"])


def test_download_bytes_are_the_compressed_sizes(tmp_path: Path) -> None:
    """The download size is the sum of the compressed layers."""
    data = layer(file("a", b"a" * 1000))
    path = tmp_path / "image.tar"
    path.write_bytes(oci_archive(image(data), compress=zstded))
    found = json.loads(report_json(explored(path)))
    assert found["image"]["download_bytes"] == found["layers"][0]["download_bytes"] == len(zstded(data))


def test_the_text_report(shop: Exploration) -> None:
    """The text report has the figures, a line for each layer, the causes and the largest files."""
    lines = report_text(shop, NOW).splitlines()
    assert lines[2] == "  1 fix saves 2.0 MB of 2.0 MB (>99 %): 2.0 MB wasted."
    assert lines[6] == "  created     2026-01-31 09:00 UTC (10 months ago)"
    assert lines[9:13] == [
        "  visible         21 B  21 bytes",
        "  wasted        2.0 MB  2,000,000 bytes",
        "  disposable       0 B  0 bytes",
        "  efficiency      <1 %",
    ]
    assert lines[14:] == [
        "Fixes",
        "  1   2.0 MB  Delete /d/a in the RUN that makes it, not in layer 1",
        "              2.0 MB wasted; layers 0 and 1; the image is then 21 B",
        "              Delete it in the RUN of layer 0 that makes it, before that RUN ends: `make && … && rm",
        "              …`.",
        "",
        "Disposable: visible files that a container is not expected to need",
        "  No file is disposable.",
        "",
        "Biggest directories",
        "     21 B  100 %  /",
        "",
        "Wasted, by cause",
        "   2.0 MB  removed      deleted by a later layer, but still shipped",
        "",
        "Wasted, by directory",
        "   2.0 MB  /d/a",
        "           1 file, shipped by layer 0, removed by layer 1",
        "",
        "Layer    Size  Wasted  Undoes  Added  Modified  Removed  Command",
        "    0  2.0 MB  2.0 MB              5                     RUN make",
        "    1    11 B          2.0 MB      2         1        1  COPY . /",
        "Undoes: the bytes of lower layers that a layer deletes, replaces or ships again.",
    ]


def test_layers_that_change_no_file(tmp_path: Path) -> None:
    """A layer that changes only directories, or ships files again unchanged, says so below its line and in JSON."""
    first = [directory("d"), directory("e"), file("d/a", b"a"), hardlink("d/b", "d/a"), symlink("s", "d")]
    found = explored_layers(
        tmp_path,
        layer(*first),
        layer(directory("d", mode=0o700), directory("e", mode=0o700), directory("n")),
        layer(*first[2:]),
        layer(directory("e")),
        layer(whiteout("s"), first[4], file("new")),
    )
    assert [(figures.directories_changed, figures.unchanged) for figures in found.layers] == [
        (2, 0),
        (3, 0),
        (0, 3),
        (1, 0),
        (0, 1),
    ]
    lines = report_text(found, NOW).splitlines()
    notes = [line for line in lines if line.startswith(("       changes", "       rewrites"))]
    assert notes == [
        "       changes 3 directories",
        "       rewrites 3 files unchanged",
        "       changes 1 directory",
        "       rewrites 1 file unchanged",
    ]
    layers = json.loads(report_json(found))["layers"]
    assert [(each["directories_changed"], each["unchanged"]) for each in layers][1:3] == [(3, 0), (0, 3)]


def test_hides_and_duplicates_are_the_waste(tmp_path: Path) -> None:
    """Bytes hidden by layers and duplicates add up to the wasted bytes."""
    found = explored_layers(
        tmp_path, layer(big("a", 1), big("a", 2), big("b", 3)), layer(whiteout("a"), big("b", 3)), layer(big("b", 4))
    )
    duplicates = found.usage.by_cause[Cause.DUPLICATE]
    assert duplicates == 1_000_000
    assert sum(figures.hides_bytes for figures in found.layers) + duplicates == found.usage.wasted_bytes
    assert sum(figures.wasted_bytes for figures in found.layers) == found.usage.wasted_bytes


def test_the_text_report_of_many_files(tmp_path: Path) -> None:
    """Large counts have separators, and the files of a directory are one row."""
    names = [f"d/{number}" for number in range(1_234)]
    text = report_text(
        explored_layers(tmp_path, layer(*(file(name, b"x" * 9) for name in names)), layer(whiteout("d"))), NOW
    )
    assert "  1,234  RUN step 1" in text
    assert "    11 kB  /d\n           1,234 files, shipped by layer 0, removed by layer 1\n" in text


def test_long_paths_are_cut_in_the_middle() -> None:
    """A path of more than 300 characters shows its first and last 150."""
    path = words.path(f"{'a' * 200}{'b' * 200}")
    assert path == f"/{'a' * 149}…{'b' * 150}"
    assert words.path("c" * 299) == f"/{'c' * 299}"


def test_the_text_report_of_nothing(tmp_path: Path) -> None:
    """The report of an image without layers and waste is one sentence for each."""
    path = tmp_path / "image.tar"
    path.write_bytes(docker_archive(image()))
    text = report_text(explored(path), NOW)
    assert "The image has no layers." in text
    assert "Nothing is wasted." in text


def test_the_listing_of_a_layer(shop: Exploration) -> None:
    """Each path is listed once, in path order, with its change; removed paths have their last entry."""
    assert [listing.as_text(line) for line in listing.listing(shop, 1)] == [
        "   drwxr-xr-x         0:0      0 B /d",
        "-  -rw-r--r--         0:0   2.0 MB /d/a",
        "~  -rw-------         0:0     10 B /keep",
        "   -rw-r--r--         0:0     10 B /name ⇒ keep",
        "+  -rw-r--r--         0:0      1 B /new",
        "   crw-r--r--         0:0        - /null 1:3",
        "   prw-r--r--         0:0        - /pipe",
        "+  lrwxrwxrwx         0:0        - /s → keep",
    ]
    assert [line.path for line in listing.listing(shop, 1, changes_only=True)] == ["d/a", "keep", "new", "s"]
    assert {line.change.value for line in listing.listing(shop, 0)} == {"added"}


def test_the_listing_as_json(shop: Exploration) -> None:
    """Each line is an object; a hard link has its inode's bytes, a removed path its old metadata."""
    lines = [json.loads(listing.as_json(line)) for line in listing.listing(shop, 1)]
    by_path = {line["path"]: line for line in lines}
    assert by_path["/name"] == {
        "path": "/name",
        "type": "hardlink",
        "bytes": 10,
        "total_bytes": 10,
        "mode": "0644",
        "uid": 0,
        "gid": 0,
        "link": "keep",
        "layer": 0,
        "change": "unchanged",
        "disposable": False,
        "package": None,
    }
    assert (by_path["/d/a"]["bytes"], by_path["/d/a"]["layer"], by_path["/d/a"]["change"]) == (2_000_000, 0, "removed")
    assert [by_path[path]["type"] for path in ("/d", "/s", "/null", "/pipe")] == [
        "directory",
        "symlink",
        "device",
        "fifo",
    ]


def test_what_documents_say_is_printable(shop: Exploration) -> None:
    """Platform and source are escaped, too, because they come from documents and paths."""
    evil = replace(shop, image=replace(shop.image, platform="\x1b[1m/amd64", source="docker-archive /tmp/\x1b[2J.tar"))
    text = report_text(evil, NOW)
    assert "\x1b" not in text
    assert "\\x1b[1m/amd64" in text


@pytest.fixture
def hostile(tmp_path: Path) -> Exploration:
    """An image in which every text is hostile."""
    made = image(
        layer(file(f"d/{HOSTILE}", b"x"), symlink("s", HOSTILE), file("../out", b"x"), file(f"{HOSTILE}/../y", b"x")),
        layer(whiteout(f"d/{HOSTILE}")),
        tag="evil:\x1b[1m",
        history=[{"created_by": f"RUN {'x' * 500}\x1b[2J", "comment": "\x1b]0;t\x07"}] * 3,
        config={"Env": ["A=\x1b[31m"], "Labels": {"\x1b": "\u202e"}},
    )
    path = tmp_path / "hostile.tar"
    path.write_bytes(docker_archive(made))
    return explored(path)


def test_reports_of_a_hostile_image_are_printable(hostile: Exploration) -> None:
    """No output has control characters besides its own newlines."""
    outputs = [
        report_text(hostile, NOW),
        report_json(hostile),
        "\n".join(listing.as_text(line) for line in listing.listing(hostile, 1)),
        "\n".join(listing.as_json(line) for line in listing.listing(hostile, 0)),
    ]
    for output in outputs:
        output.encode()
        assert not any(ord(character) < 0x20 and character != "\n" for character in output)
        assert "\u202e" not in output
    assert "problem: “../out”" in outputs[0]


@pytest.mark.end_to_end
def test_json_takes_little_memory() -> None:
    """A long document takes a small multiple of its own text while it is made."""
    document = {"wasted": [{"path": f"/{number}", "bytes": number} for number in range(20_000)]}
    tracemalloc.start()
    try:
        text = dumps(document, indent=2)
        assert tracemalloc.get_traced_memory()[1] < 9 * len(text)
    finally:
        tracemalloc.stop()
    assert text == json.dumps(document, indent=2)


def test_json_reports_are_plain_ascii(hostile: Exploration) -> None:
    """JSON is ASCII and valid for every parser: bytes that are not UTF-8 are shown escaped, not as lone surrogates."""
    for output in (report_json(hostile), *(listing.as_json(line) for line in listing.listing(hostile, 0))):
        assert output.isascii()
        assert "\\ud" not in output
