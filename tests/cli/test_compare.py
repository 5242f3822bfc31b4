"""The command ``compare``."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.in_terminal import program
from tests.cli.running import run, run_process
from tests.images import big, docker_archive, file, image, layer, oci_archive, whiteout


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, str]:
    """Two archives that differ in a layer."""
    folder = tmp_path_factory.mktemp("images")
    base = layer(big("usr/lib/a", 1), big("usr/lib/b", 2))
    for name, top in (
        ("old.tar", layer(big("app/a", 0.1))),
        ("new.tar", layer(big("app/a", 0.3), whiteout("usr/lib/a"))),
    ):
        (folder / name).write_bytes(docker_archive(image(base, top)))
    return str(folder / "old.tar"), str(folder / "new.tar")


def files_of(text: str) -> list[str]:
    """Returns the lines of the table of files."""
    return text[text.index("\nFiles\n") :].partition("\n\n")[0].splitlines()


def test_sizes_and_files_come_in_the_text(pair: tuple[str, str]) -> None:
    """The text has the sizes of both images and the paths that differ, the largest change first."""
    done = run("compare", *pair)
    assert (done.exit_code, done.stderr) == (0, "")
    assert "  visible        3.1 MB →  2.3 MB  -800 kB (-26 %)" in done.stdout
    paths = [line.rpartition(" ")[2] for line in files_of(done.stdout)]
    assert 0 < paths.index("/usr/lib/a") < paths.index("/app/a")


@pytest.mark.end_to_end
@pytest.mark.parametrize("place", [0, 1])
def test_an_error_names_the_image(pair: tuple[str, str], place: int, tmp_path: Path) -> None:
    """An error says if it is about the old or the new image."""
    words = [*pair]
    words[place] = str(tmp_path / "nothing.tar")
    done = run("compare", *words)
    assert done.exit_code == 3
    assert f"layer-explorer: the {('old', 'new')[place]} image: there is no file " in done.stderr


def test_standard_input_is_one_image() -> None:
    """Both images on standard input are an error."""
    done = run("compare", "-", "-")
    assert (done.exit_code, "standard input holds one image" in done.stderr) == (2, True)


@pytest.mark.end_to_end
def test_exit_code(pair: tuple[str, str]) -> None:
    """With ``--exit-code``, images that differ end with 1, and the same image twice with 0."""
    assert run("compare", "--exit-code", *pair).exit_code == 1
    assert run("compare", *pair).exit_code == 0
    assert run("compare", "--exit-code", pair[0], pair[0]).exit_code == 0


def test_times_alone_are_a_difference_for_the_exit_code(tmp_path: Path) -> None:
    """A build whose files have other times is not identical."""
    paths = [str(tmp_path / f"{time}.tar") for time in (1, 2)]
    for time, path in enumerate(paths):
        Path(path).write_bytes(docker_archive(image(layer(file("a", b"a", mtime=time)))))
    done = run("compare", "--exit-code", *paths)
    assert done.exit_code == 1
    assert "1 file differs only in time" in done.stdout


@pytest.mark.end_to_end
def test_rows_are_bounded(tmp_path: Path) -> None:
    """``--top`` bounds the paths, and ``--all`` lists all, also those that differ only in their time."""
    paths = [str(tmp_path / f"{number}.tar") for number in (1, 2)]
    for number, path in enumerate(paths):
        files = [file(f"d/{name:02}", b"a" * (name + number)) for name in range(30)]
        Path(path).write_bytes(docker_archive(image(layer(*files, file("time", mtime=number)))))
    listed = {words: run("compare", *words, *paths).stdout for words in ((), ("--top", "3"), ("--all",))}
    assert [len([line for line in files_of(text) if " /d/" in line]) for text in listed.values()] == [20, 3, 30]
    assert "  and 27 more paths; --all lists all\n" in listed["--top", "3"]
    assert [sum(" /time" in line for line in files_of(text)) for text in listed.values()] == [0, 0, 1]
    done = run("compare", "--all", "--top", "3", *paths)
    assert (done.exit_code, "--all and --top exclude each other" in done.stderr) == (2, True)


@pytest.mark.end_to_end
def test_formats_are_written_to_files(pair: tuple[str, str], tmp_path: Path) -> None:
    """Each format can be written to a file; the images themselves cannot be overwritten."""
    for name in ("text", "json", "markdown"):
        path = tmp_path / name
        done = run("compare", "--format", name, "-o", str(path), *pair)
        assert (done.exit_code, done.output) == (0, "")
        assert path.read_text() == run("compare", "--format", name, *pair).stdout
    for path in map(Path, pair):
        before = path.read_bytes()
        for old, new in (
            pair,
            [f"docker-archive:{each}:made:1" for each in pair],
            [f"archive://{each}" for each in pair],
        ):
            assert "is the image itself" in run("compare", "-o", str(path), old, new).stderr
        assert path.read_bytes() == before


@pytest.mark.end_to_end
def test_both_images_are_of_one_platform(tmp_path: Path) -> None:
    """An image of several platforms is taken for that of the other one, which a note names."""
    arm, amd = (image(layer(file("a", name.encode())), architecture=name) for name in ("arm64", "amd64"))
    for name, images in (("both.tar", (amd, arm)), ("arm.tar", (arm,))):
        (tmp_path / name).write_bytes(oci_archive(*images))
    both, alone = (str(tmp_path / name) for name in ("both.tar", "arm.tar"))
    for words in ((both, alone), (alone, both)):
        done = run("compare", "--exit-code", *words)
        assert (done.exit_code, done.stderr) == (
            0,
            "Compared for linux/arm64; --platform takes another platform.\n",
        )
    done = run("compare", "--platform", "linux/arm64", both, both)
    assert (done.stderr, done.stdout.count("linux/arm64")) == ("", 2)


@pytest.mark.end_to_end
def test_a_damaged_image_ends_with_3(pair: tuple[str, str], tmp_path: Path) -> None:
    """Damage is named with its image in all formats, and ends with 3 unless it is allowed."""
    damaged = tmp_path / "damaged.tar"
    damaged.write_bytes(Path(pair[1]).read_bytes().replace(b"usr/lib/b", b"usr/lib/x"))
    for name in ("text", "json", "markdown"):
        done = run("compare", "--format", name, pair[0], str(damaged))
        assert done.exit_code == 3
        assert "the new image: " in done.stderr
        assert "is damaged" in done.stderr
        assert ("the new image: " in done.stdout) is (name != "json")
    assert run("compare", "--allow-damaged", pair[0], str(damaged)).exit_code == 0


@pytest.mark.end_to_end
def test_a_terminal_shows_the_screen(pair: tuple[str, str]) -> None:
    """On a terminal the screen opens, unless an option asks for text, or the terminal moves no cursor."""
    with program("compare", *pair) as terminal:
        terminal.read(lambda output: b"first break" in output.lower())
        terminal.press(b"q")
        assert (terminal.wait(), terminal.changed_modes) == (0, [])
        assert b"\x1b[?1049h" in terminal.output
    for words, kind in ((("--format", "text"), "xterm"), (("--all",), "xterm"), ((), "dumb")):
        with program("compare", *words, *pair, TERM=kind) as terminal:
            assert terminal.wait() == 0
            assert b"first break" in terminal.output
            assert b"\x1b[?1049h" not in terminal.output


@pytest.mark.end_to_end
def test_an_image_on_standard_input(pair: tuple[str, str]) -> None:
    """One of the images may be on standard input."""
    with Path(pair[0]).open("rb") as old:
        done = run_process("compare", "--exit-code", "-", pair[0], stdin=old)
    assert (done.returncode, done.stderr) == (0, "")
