"""The command ``ls`` with a filter."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.analysis.packages.made_databases import dpkg_list, dpkg_status
from tests.cli.running import run
from tests.images import docker_archive, file, image, layer, whiteout

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> str:
    """An archive of some small files."""
    path = tmp_path_factory.mktemp("image") / "image.tar"
    items = file("a.so", b"1"), file("lib/b.so", b"1" * 3000), file("lib/c.so", b"1" * 2000), file("d", b"1" * 9000)
    path.write_bytes(docker_archive(image(layer(*items))))
    return str(path)


@pytest.mark.end_to_end
def test_the_words_of_the_filter_are_joined(archive: str) -> None:
    """Several arguments are one filter, and so is one argument with spaces."""
    apart, together = (run("ls", archive, *words) for words in (["*.so", "size>1k"], ["*.so size>1k"]))
    assert apart.stdout == together.stdout
    assert [line.split()[-1] for line in apart.stdout.splitlines()] == ["/lib/b.so", "/lib/c.so"]


@pytest.mark.end_to_end
def test_top_lists_the_largest(archive: str) -> None:
    """``--top`` alone lists the largest; with ``--sort`` it lists the first lines."""
    largest = [json.loads(line) for line in run("ls", archive, "--top", "3", "--format", "json").stdout.splitlines()]
    assert [line["path"] for line in largest] == ["/d", "/lib/b.so", "/lib/c.so"]
    assert run("ls", archive, "--top", "1", "--sort", "path").stdout.endswith(" /a.so\n")


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (["is:foo"], "is: added, modified, removed, unchanged, wasted, disposable or unowned"),
        (["layer:99"], "layer: from 0 to 0"),
        (["re:("], "regular expression"),
    ],
)
def test_a_wrong_filter_is_wrong_usage(archive: str, words: list[str], reason: str) -> None:
    """The error is that of the screen, and names the help with all terms."""
    done = run("ls", archive, *words)
    assert (done.exit_code, done.stdout) == (2, "")
    assert reason in done.stderr
    assert "lx ls --help" in done.stderr


def test_a_wrong_filter_needs_no_image() -> None:
    """A filter that no image could make right is an error before the image is opened."""
    assert "no key" in run("ls", "/nowhere.tar", "sise:3").stderr


def test_nothing_matches(archive: str) -> None:
    """An empty listing says on stderr that nothing matches, and is no error."""
    done = run("ls", archive, "xyzzy\x1b[1m")
    assert (done.exit_code, done.stdout) == (0, "")
    assert done.stderr == "No path at layer 0 matches xyzzy\\x1b[1m.\n"


@pytest.mark.end_to_end
def test_a_path_of_other_layers_only(tmp_path: Path) -> None:
    """A listing without a match names the layer that shipped the path, and the one that removed it."""
    path = tmp_path / "image.tar"
    layers = layer(file("opt/gcc/cc1", b"1"), file("opt/gcc/cpp", b"1")), layer(whiteout("opt/gcc")), layer(file("a"))
    path.write_bytes(docker_archive(image(*layers)))
    done = run("ls", str(path), "/opt/gcc/cc1")
    assert (done.exit_code, done.stdout) == (0, "")
    assert done.stderr.splitlines()[1:] == ["Layer 0 shipped /opt/gcc/cc1, layer 1 removed it: `--layer 0` shows it."]
    assert run("ls", str(path), "opt/gcc").stderr.splitlines()[1:] == [
        "Layer 0 shipped /opt/gcc, layer 1 removed it: `--layer 0` shows it.",
        "The filter matches 2 more paths of other layers.",
    ]
    assert "Layer 2 ships /a: `--layer 2` shows it." in run("ls", str(path), "/a", "--layer", "1").stderr
    assert len(run("ls", str(path), "cc1", "size>1M").stderr.splitlines()) == 1


@pytest.mark.end_to_end
def test_packages_of_files(tmp_path: Path) -> None:
    """``--packages`` adds the owner of each file, of a removed one too; without it, none is named."""
    path = tmp_path / "image.tar"
    database = dpkg_status({"gcc": "12"}), dpkg_list("gcc", ["/usr/bin/gcc"])
    layers = layer(*database, file("usr/bin/gcc", b"1"), file("usr/bin/own")), layer(whiteout("usr/bin/gcc"))
    path.write_bytes(docker_archive(image(*layers)))
    lines = run("ls", str(path), "--packages", "usr/bin").stdout.splitlines()
    assert [line.partition("/usr")[2] for line in lines] == ["/bin", "/bin/gcc [gcc]", "/bin/own"]
    listed = run("ls", str(path), "--packages", "--format", "json", "usr/bin").stdout.splitlines()
    assert [json.loads(line)["package"] for line in listed] == [None, "gcc", None]
    listed = run("ls", str(path), "--format", "json", "usr/bin").stdout.splitlines()
    assert [json.loads(line)["package"] for line in listed] == [None, None, None]
