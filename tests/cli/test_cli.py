"""The command line: its output on stdout and stderr, and its exit codes."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from explorer import __version__
from explorer.config.paths import cache_directory
from explorer.layers import file_key as file_keys
from explorer.layers import read_budget
from explorer.report.page import Page
from tests.cli.running import run, run_process
from tests.images import big, docker_archive, file, gzipped, image, layer, oci_archive, whiteout
from tests.tables import ZSTD_CHUNKED, packed, table_archive


@pytest.fixture
def archive(tmp_path: Path) -> str:
    """The path of an archive with 2 MB of waste."""
    path = tmp_path / "image.tar"
    path.write_bytes(docker_archive(image(layer(big("a", 2), file("b", b"b")), layer(whiteout("a"), file("c", b"c")))))
    return str(path)


def test_report_is_data_on_stdout_alone(archive: str) -> None:
    """The report goes to stdout; without a terminal there is no progress on stderr."""
    done = run("report", archive, "--format", "json")
    assert (done.exit_code, done.stderr) == (0, "")
    assert json.loads(done.stdout)["image"]["wasted_bytes"] == 2_000_000


def test_report_in_text_is_the_default(archive: str) -> None:
    """Without a format the report is for people, and holds no colour or cursor codes."""
    done = run("report", archive)
    assert "Wasted, by cause" in done.stdout
    assert "\x1b" not in done.stdout + done.stderr


@pytest.mark.end_to_end
@pytest.mark.parametrize("command", ["report", "ls", "check"])
def test_bounds_for_hostile_images(archive: str, command: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """An image beyond a bound ends with 3 and names the option that lifts it."""
    bound = read_budget.ENTRIES._replace(sum=1, ratio=0)
    monkeypatch.setattr("explorer.layers.layer_builder.ENTRIES", bound)
    done = run(command, archive, "--no-cache")
    assert (done.exit_code, done.stdout) == (3, "")
    assert "the image has more than 1 entries: at least 2" in done.stderr
    assert "--allow-large" in done.stderr
    assert run(command, archive, "--allow-large").exit_code < 2


def test_report_to_a_file(archive: str, tmp_path: Path) -> None:
    """``-o`` writes the report to a file and nothing to stdout."""
    path = tmp_path / "out.json"
    done = run("report", archive, "--format", "json", "-o", str(path))
    assert (done.exit_code, done.stdout) == (0, "")
    assert json.loads(path.read_text())["schema"] == 1


def test_a_report_that_cannot_be_written(archive: str) -> None:
    """An output that cannot be written is wrong usage, in one line."""
    done = run("report", archive, "-o", "/nowhere/x")
    assert done.exit_code == 2
    assert done.stderr.startswith("layer-explorer: /nowhere/x cannot be written")


def test_ls_lists_the_top_layer(archive: str) -> None:
    """Without a layer the listing is of the top one."""
    done = run("ls", archive, "--format", "json")
    assert [json.loads(line)["path"] for line in done.stdout.splitlines()] == ["/a", "/b", "/c"]
    assert [json.loads(line)["change"] for line in done.stdout.splitlines()] == ["removed", "unchanged", "added"]


def test_ls_of_one_layers_changes(archive: str) -> None:
    """``--layer`` and ``--changes`` narrow the listing."""
    done = run("ls", archive, "--layer", "0", "--changes")
    assert [line.split()[-1] for line in done.stdout.splitlines()] == ["/a", "/b"]


@pytest.mark.parametrize("number", ["2", "-1", "99"])
def test_ls_of_a_layer_that_is_not_there(archive: str, number: str) -> None:
    """A layer number out of range is wrong usage, and the error gives the valid numbers."""
    done = run("ls", archive, "--layer", number)
    assert done.exit_code == 2
    assert "layers 0 to 1" in done.stderr


@pytest.mark.end_to_end
@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["report", "/nowhere.tar"], 3, "there is no file /nowhere.tar"),
        (["report", "ftp://x"], 2, "unknown kind of reference"),
        (["report"], 2, "Missing argument"),
        (["report", "x", "--format", "yaml"], 2, "yaml"),
        (["ls", "x", "--layer", "top"], 2, "top"),
        (["--wrong"], 2, "--wrong"),
        (["demo"], 2, "needs a terminal"),
        (["report", "x"], 3, "no Docker Engine answers at unix:///nowhere.sock"),
    ],
)
def test_errors_are_a_line_and_a_code(arguments: list[str], code: int, words: str) -> None:
    """Wrong usage ends with 2, an unreachable image with 3; no data on stdout, no traceback."""
    done = run(*arguments, DOCKER_HOST="unix:///nowhere.sock", CONTAINER_HOST="unix:///nobody.sock")
    assert done.exit_code == code
    assert words in done.stderr
    assert done.stdout == ""
    assert "Traceback" not in done.stderr


@pytest.mark.end_to_end
@pytest.mark.parametrize(
    "arguments", [["report", "--platform", "linux/arm64"], ["--platform", "linux/arm64", "report"]]
)
def test_platform_stands_before_or_after_the_command(tmp_path: Path, arguments: list[str]) -> None:
    """``--platform`` works before and after the command."""
    path = tmp_path / "multi.tar"
    path.write_bytes(
        oci_archive(
            image(layer(), tag="m:1", architecture="s390x"),
            image(layer(file("a", b"a")), tag="m:1", architecture="arm64"),
        )
    )
    done = run(*arguments, str(path))
    assert "linux/arm64" in done.stdout.splitlines()[0]
    several = run("report", str(path))
    assert several.exit_code == 2
    assert "--platform" in several.stderr


def test_help_and_version() -> None:
    """The help shows the commands and the forms of an IMAGE; it also shows without arguments."""
    for arguments in (["--help"], ["-h"], []):
        assert "IMAGE is one of" in run(*arguments).stdout
    assert run("--version").stdout == f"layer-explorer, version {__version__}\n"


@pytest.mark.end_to_end
def test_a_terminal_that_cannot_show_a_character_is_no_traceback(tmp_path: Path) -> None:
    """In an ASCII locale, names that it cannot show are escaped."""
    path = tmp_path / "image.tar"
    path.write_bytes(docker_archive(image(layer(file("größe", b"x")))))
    done = run_process("ls", str(path), env={"PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"})
    assert done.returncode == 0
    assert "gr\\xf6\\xdfe" in done.stdout


@pytest.mark.end_to_end
def test_an_unexpected_failure_is_called_a_bug(monkeypatch: pytest.MonkeyPatch) -> None:
    """An unforeseen exception is one line that calls it a bug, and no traceback."""
    monkeypatch.setattr("explorer.cli.image_options.explore", lambda *_: 1 / 0)
    done = run("report", "demo")
    assert done.exit_code == 3
    assert "this is a bug in Layer Explorer: ZeroDivisionError" in done.stderr
    assert "Traceback" not in done.stderr
    with pytest.raises(ZeroDivisionError):
        run("report", "demo", LAYER_EXPLORER_DEBUG="1")


def test_errors_quote_an_image_printably(tmp_path: Path) -> None:
    """Escape sequences in an image's documents do not reach the terminal through an error."""
    made = image(layer(), rootfs={"diff_ids": ["sha256:\x1b]0;pwned\x07\x1b[31m"]})
    path = tmp_path / "image.tar"
    path.write_bytes(docker_archive(made, compress=gzipped))
    done = run("report", str(path))
    assert done.exit_code == 3
    assert "\\x1b]0;pwned" in done.stderr
    assert "\x1b" not in done.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        ["--\x1b[31m"],
        ["report", "--format", "\x1b[31m", "x"],
        ["report", "x", "\x1b[31m"],
        ["ls", "--layer=\x1b[31m", "x"],
    ],
)
def test_wrong_usage_is_told_printably(arguments: list[str]) -> None:
    """Escape sequences in arguments do not reach the terminal through an error."""
    done = run(*arguments)
    assert done.exit_code == 2
    assert "\\x1b[31m" in done.stderr
    assert "\x1b" not in done.stderr


def test_a_login_in_a_reference_is_not_repeated() -> None:
    """A password in a reference to a registry, where it is invalid, is not printed."""
    for arguments in ([], ["report"]):
        done = run(*arguments, "registry://user:secret@127.0.0.1:1/name")
        assert done.exit_code == 2
        assert "secret" not in done.stderr


@pytest.mark.end_to_end
def test_a_misspelt_command_alone() -> None:
    """A word that is no image, but almost a command, gets the command as a suggestion."""
    done = run("cach", CI="true", DOCKER_HOST="unix:///nowhere.sock", CONTAINER_HOST="unix:///nowhere.sock")
    assert "Did you mean" not in done.stderr
    done = run("cach.tar", "--no-cache", CI="true")
    assert "there is no file cach.tar" in done.stderr
    done = run("./report", CI="true")
    assert done.stderr.splitlines()[1] == "Did you mean the command lx report?"


@pytest.mark.end_to_end
def test_random_standard_input() -> None:
    """Bytes that are no archive are an error about standard input, without a dump of the bytes."""
    command = [sys.executable, "-m", "explorer", "report", "-"]
    done = subprocess.run(command, input=b"\xfd\x1c" * 5000, capture_output=True, check=False)
    assert done.returncode == 3
    assert done.stderr.splitlines()[0] == b"layer-explorer: standard input is not a tar archive"


@pytest.mark.end_to_end
def test_standard_input(archive: str) -> None:
    """``-`` is an archive on standard input; a root filesystem there is an image of one layer."""
    for data, layers in ((Path(archive).read_bytes(), 2), (layer(file("etc/a", b"1"), file("usr/b", b"22")), 1)):
        command = [sys.executable, "-m", "explorer", "report", "-", "--format", "json"]
        done = subprocess.run(command, input=data, capture_output=True, check=False)
        assert done.returncode == 0, done.stderr
        assert len(json.loads(done.stdout)["layers"]) == layers


def test_the_cache_is_shown_and_cleared(tmp_path: Path) -> None:
    """``cache`` says how large the cache is and names its images; ``cache --clear`` removes all."""
    data = layer(file("a", b"a"))
    path = tmp_path / "image.tar"
    path.write_bytes(oci_archive(image(data), compress=gzipped))
    run("report", str(path), "--no-cache")
    assert run("cache").stdout.startswith("0 B of at most 1.1 GB in ")
    run("report", str(path))
    total, blank, heads, row = run("cache").stdout.splitlines()
    assert (blank, heads.split()) == ("", ["size", "layers", "opened", "image"])
    assert row.endswith(f"1 of 1     now  {path}  linux/amd64")
    assert row.split()[:2] == total.split()[:2]
    assert "freed" in run("cache", "--clear").stdout
    run("report", str(path))
    assert "freed" in run("cache", "clear").stdout
    assert len(run("cache").stdout.splitlines()) == 1


def test_a_cache_that_cannot_be_cleared_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """``cache clear`` fails if cached layers remain, such as those of another user."""
    path = tmp_path / "image.tar"
    path.write_bytes(oci_archive(image(layer(file("a", b"a"))), compress=gzipped))
    run("report", str(path))

    def refuse(path: Path) -> None:
        raise PermissionError(path)

    monkeypatch.setattr(Path, "unlink", refuse)
    cleared = run("cache", "clear")
    assert cleared.exit_code == 3
    assert "1 cached layer cannot be deleted" in cleared.stderr


def test_the_cache_fits_a_terminal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A long path is cut in its middle on a terminal, and only there."""
    path = tmp_path / ("n" * 99) / "image.tar"
    path.parent.mkdir()
    path.write_bytes(oci_archive(image(layer(file("a", b"a"))), compress=gzipped))
    run("report", str(path))
    assert str(path) in run("cache").stdout
    monkeypatch.setattr("explorer.cli.cache.page_of", lambda _: Page(80, is_terminal=True))
    row = run("cache").stdout.splitlines()[-1]
    assert len(row) <= 80
    assert row.endswith("/image.tar  linux/amd64")


@pytest.mark.end_to_end
def test_cached_layers_without_a_name(tmp_path: Path) -> None:
    """Layers whose image is not known have a row of their own, and shared layers count for each image."""
    shared = layer(file("a", b"a"))
    for name, layers in (("one", (shared,)), ("two", (shared, layer(file("b", b"b"))))):
        (tmp_path / name).write_bytes(oci_archive(image(*layers), compress=gzipped))
        run("report", str(tmp_path / name))
    assert [line.split()[2:5] for line in run("cache").stdout.splitlines()[3:]] == [["2", "of", "2"], ["1", "of", "1"]]
    for path in (cache_directory() / "images").iterdir():
        path.write_text("{")
    assert run("cache").stdout.splitlines()[-1].split()[2:] == ["2", "other", "images"]


@pytest.mark.end_to_end
def test_cached_archives_and_tables_have_rows_of_their_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Layers that are kept by their archive's file, and tables of contents, are not called other images."""
    monkeypatch.setattr(file_keys, "_SETTLED_NS", 0)
    plain, tabled = tmp_path / "plain.tar", tmp_path / "tabled.tar"
    plain.write_bytes(oci_archive(image(layer(file("a", b"a")), layer(file("b", b"b")))))
    tabled.write_bytes(table_archive([packed(layer(file("c", b"c")), ZSTD_CHUNKED)]))
    for path in (plain, tabled):
        run("report", str(path))
    rows = [line.split(maxsplit=3)[2:] for line in run("cache").stdout.splitlines()[3:]]
    assert rows == [["2", "layers of plain archives"], ["1", "tables of contents"]]


@pytest.mark.end_to_end
def test_the_readme_tells_the_truth() -> None:
    """The sample output of the README is the program's output."""
    readme = (Path(__file__).parents[2] / "README.md").read_text()
    sample = json.loads(re.search(r"jq '\.image\.wasted_by_cause'\n(\{.*?\})", readme, re.DOTALL)[1])  # type: ignore[index]
    assert json.loads(run("report", "demo", "--format", "json").stdout)["image"]["wasted_by_cause"] == sample
    lines = set(run("report", "demo").stdout.splitlines())
    for shown in re.findall(r"^\$ lx report demo \| grep .*\n((?:[^$`].*\n)+)", readme, re.MULTILINE):
        for line in shown.splitlines():
            assert any(printed.startswith(line) for printed in lines), line
    for arguments, shown in re.findall(r"^\$ lx check (.*) demo \| .*\n((?:[^$`].*\n|\n)+)", readme, re.MULTILINE):
        printed_verdict = run("check", *shlex.split(arguments), "demo").stdout
        assert shown in printed_verdict


@pytest.mark.end_to_end
def test_full_reads_layers_with_tables_whole(tmp_path: Path) -> None:
    """A layer is listed from its table of contents, which the report says; with --full it is read."""
    path = tmp_path / "tables.tar"
    path.write_bytes(table_archive([packed(layer(file("f", b"a file")), ZSTD_CHUNKED)]))
    sources = [json.loads(run("report", str(path), *more, "--format", "json").stdout) for more in ((), ("--full",))]
    assert [source["layers"][0]["from_table_of_contents"] for source in sources] == [True, False]
    assert sources[0]["image"]["source"] == f"{sources[1]['image']['source']}, from the table of contents"
