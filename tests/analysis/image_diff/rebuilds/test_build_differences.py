"""The causes why two builds of an image differ."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from explorer.analysis.base.base import Base
from explorer.analysis.base.base import Evidence as BaseEvidence
from explorer.analysis.image_diff.rebuilds.build_differences import DifferenceCause
from explorer.errors import Cancelled
from explorer.model import Progress, Watcher
from explorer.pipeline.image_diff import ImageDiff
from tests.image_pairs import compared_archives
from tests.images import Item, directory, docker_archive, file, gzipped, image, layer, oci_archive, whiteout


def diff(tmp_path: Path, old: list[bytes], new: list[bytes], pack: Callable[..., bytes] = docker_archive) -> ImageDiff:
    """Compares two images of these layers."""
    return compared_archives(tmp_path, pack(image(*old)), pack(image(*new)))


def places(result: Sequence[DifferenceCause]) -> dict[str, list[tuple[str, str]]]:
    """Returns the names and details of each cause."""
    return {each.cause: [place[:2] for place in each.places] for each in result}


def differences(tmp_path: Path, old: list[Item], new: list[Item]) -> dict[str, list[tuple[str, str]]]:
    """Returns the causes of two images of one layer."""
    return places(diff(tmp_path, [layer(*old)], [layer(*new)]).read_causes(Watcher()))


def test_each_file_is_with_its_cause(tmp_path: Path) -> None:
    """Known paths, times, metadata and contents are told apart, and causes have words."""
    old = [file("var/log/a.log", b"1"), file("d", b"on 2026-01-31"), file("m"), file("t", b"x"), file("only")]
    new = [file("var/log/a.log", b"2"), file("d", b"on 2026-02-01"), file("m", mode=0o600), file("t", b"x", mtime=1)]
    result = diff(tmp_path, [layer(*old)], [layer(*new)]).read_causes(Watcher())
    assert places(result) == {
        "date": [("/d", "in 1 line: 2026-01-31 and 2026-02-01")],
        "log": [("/var/log/a.log", "")],
        "metadata": [("/m", "mode")],
        "one-sided": [("/only", "only in the old image")],
        "time": [("/t", "")],
    }
    assert all(each.title and each.why and each.do for each in result)
    assert [each.places[0].layer for each in result] == [0] * 5


@pytest.mark.parametrize(
    ("paths", "advice"),
    [
        (["out/a b.log"], "Remove them in the RUN that writes them: `rm -f '/out/a b.log'`."),
        (["out/build.log", "var/log/a.log"], " And in the RUN that writes them: `rm -f /out/build.log`."),
        (["1.log", "2.log", "3.log", "4.log"], " `rm -f /1.log /2.log /3.log`, and the others likewise."),
    ],
)
def test_advice_on_logs_names_them(tmp_path: Path, paths: Sequence[str], advice: str) -> None:
    """Logs outside of the system's directory are named in the command that removes them."""
    first, second = ([layer(*(file(path, text) for path in paths))] for text in (b"1", b"2"))
    (cause,) = diff(tmp_path, first, second).read_causes(Watcher())
    assert cause.do.endswith(advice)
    assert ("/var/log/" in cause.do) == (len(paths) == 2)


def test_files_with_random_names_are_paired(tmp_path: Path) -> None:
    """A file or directory that has another random name is one place, with what is below it."""
    old = [directory("o/tmpAbCdEf"), file("o/tmpAbCdEf/x", b"1"), file("o/keep-1.txt", b"y"), file("o/other", b"z")]
    new = [directory("o/tmpXyZuVw"), file("o/tmpXyZuVw/x", b"2"), file("o/keep-1.txt", b"y"), file("o/thing9", b"zz")]
    assert differences(tmp_path, old, new) == {
        "random-name": [("/o/tmpAbCdEf", "/o/tmpXyZuVw in the new image")],
        "one-sided": [("/o/other", "only in the old image"), ("/o/thing9", "only in the new image")],
        "content": [("/o/tmpAbCdEf/x", "")],
    }


def test_files_that_higher_layers_hide_count(tmp_path: Path) -> None:
    """A hidden file makes another layer, so its cause is named with its layer."""
    made = [[layer(file("a", f"on 2026-01-0{day}".encode())), layer(whiteout("a"))] for day in (1, 2)]
    (cause,) = diff(tmp_path, made[0], made[1]).read_causes(Watcher())
    assert (cause.cause, cause.places[0].name, cause.places[0].layer) == ("date", "/a", 0)


def test_layers_in_another_order_are_read(tmp_path: Path) -> None:
    """Versions of a file are brought together whatever their places in the layers are."""
    texts = [[file(f"f{number}", f"{number} on 2026-01-0{day}".encode()) for number in range(50)] for day in (1, 2)]
    result = differences(tmp_path, texts[0], texts[1][::-1])
    assert len(result["date"]) == 50
    assert result["layer-order"] == [("layer 0", "another order")]


def test_the_same_image_has_no_causes(tmp_path: Path) -> None:
    """Nothing is read if the images are identical."""
    made = [layer(file("a", b"x"))]
    assert diff(tmp_path, made, made).read_causes(Watcher()) == ()


def test_other_numbers_of_layers_compare_visible_files(tmp_path: Path) -> None:
    """Images that are layered otherwise are compared by the files that containers see."""
    old, new = layer(file("a", b"on 2026-01-31")), layer(file("a", b"on 2026-02-01"))
    result = places(diff(tmp_path, [old], [layer(), new]).read_causes(Watcher()))
    assert result["layer-count"] == [("layer 1", "only in the new image")]
    assert [name for name, _ in result["date"]] == ["/a"]


def test_large_files_are_named_and_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file beyond the limit is listed as not compared."""
    monkeypatch.setattr("explorer.analysis.image_diff.rebuilds.read_pairs.MAX_FILE_BYTES", 4)
    assert differences(tmp_path, [file("a", b"12345")], [file("a", b"67890")]) == {"unread": [("/a", "too large")]}


def test_it_can_be_cancelled_and_called_again(tmp_path: Path) -> None:
    """A watcher stops the reading, and the next call reads."""

    class Stopping(Watcher):
        def progress(self, progress: Progress) -> None:
            raise Cancelled(progress.step)

    made = diff(
        tmp_path, [layer(file("a", b"1"))], [layer(file("a", b"2"))], lambda each: oci_archive(each, compress=gzipped)
    )
    with pytest.raises(Cancelled):
        made.read_causes(Stopping())
    assert places(made.read_causes(Watcher())) == {"content": [("/a", "")]}
    assert made.read_causes(Stopping()) is made.read_causes(Stopping())


def test_another_version_of_a_package_explains_its_files(tmp_path: Path) -> None:
    """Files of a package with another version are not read, nor is the database of packages."""

    def installed(version: str) -> list[Item]:
        stated = f"Package: tool\nStatus: install ok installed\nVersion: {version}\nArchitecture: amd64\n"
        return [
            file("var/lib/dpkg/status", stated.encode()),
            file("var/lib/dpkg/info/tool.list", b"/.\n/usr/bin/tool\n/usr/bin/old\n" + version.encode()),
            file("usr/bin/tool", version.encode()),
            file("opt/own", version.encode()),
        ]

    assert differences(tmp_path, installed("1.2"), installed("1.3")) == {
        "package": [
            ("/usr/bin/tool", "tool 1.2 → 1.3"),
            ("/var/lib/dpkg/info/tool.list", "tool 1.2 → 1.3"),
            ("/var/lib/dpkg/status", "database of packages"),
        ],
        "content": [("/opt/own", "")],
    }


def test_layers_of_other_bases_are_named_alone(tmp_path: Path) -> None:
    """Files of certain base images are not listed; the advice is to name the base with its digest."""
    old, new = ([layer(file("base", b"%d" % number)), layer(file("own", b"%d" % number))] for number in (1, 2))
    made = diff(tmp_path, old, new)
    base = Base(1, "base:1", "", BaseEvidence.OPTION, exact=True, reason="")
    old_image, new_image = (replace(each, find_given_base=lambda: base) for each in (made.old, made.new))
    based = ImageDiff(old_image, new_image)
    assert places(based.read_causes(Watcher())) == {
        "base": [("layer 0", "of the base image")],
        "content": [("/own", "")],
    }


def test_hostile_names_are_printable(tmp_path: Path) -> None:
    """Control characters in paths and members are escaped."""
    old, new = (layer(file("m\x1b[31m", b"on 2026-01-0%d" % day)) for day in (1, 2))
    changed = [file("a\x1b]0;x\x07", old)], [file("a\x1b]0;x\x07", new)]
    result = diff(tmp_path, [layer(*changed[0])], [layer(*changed[1])]).read_causes(Watcher())
    texts = [text for each in result for place in each.places for text in (place.name, place.detail)]
    assert texts
    assert all(text.isprintable() for text in texts)
