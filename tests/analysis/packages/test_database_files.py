"""Reading the databases of all layers: once, bounded, cached, and without loss when one is damaged."""

from __future__ import annotations

import errno
import gzip
import hashlib
import json
import os
import sys
import tracemalloc
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from explorer.analysis.packages import database_files, executables
from explorer.analysis.packages.cache_format import decode_databases, encode_databases
from explorer.analysis.packages.database_limits import MAX_NAME_CHARS
from explorer.analysis.packages.formats import Found, LayerDatabases
from explorer.errors import Cancelled
from explorer.layers import tar_layer
from explorer.layers.cache import Cache
from explorer.layers.read_budget import ReadBudget
from explorer.model import Progress, Watcher
from explorer.pipeline import Exploration, explore
from tests.analysis.packages.made_databases import dpkg_list, dpkg_status
from tests.analysis.packages.programs import elf
from tests.analysis.packages.test_cargo import SERDE, listing
from tests.analysis.packages.test_golang import inline
from tests.images import MadeImage, docker_archive, explored_layers, file, image, layer, oci_archive, opened

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

DEBIAN = layer(dpkg_status({"bash": "5"}), dpkg_list("bash", ["/bin/bash"]), file("bin/bash", b"bash"))
BROKEN_PACKAGE = file("srv/node_modules/x/package.json", b'{"name": "x", ')


def cached(path: Path, cache: Cache) -> Exploration:
    """Explores an archive with a cache."""
    return explore(opened(path), cache=cache)


def names(exploration: Exploration) -> list[str]:
    """Returns the names of the packages."""
    return [usage.package.name for usage in exploration.packages.usages if usage.package]


def counted_reads(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """Returns a list that grows with each layer whose files are read."""
    reads: list[object] = []
    read_files = tar_layer.whole_files

    def counting(*arguments: object) -> object:
        reads.append(arguments)
        return read_files(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(database_files, "whole_files", counting)
    return reads


def _stored(data: bytes) -> bytes:
    """Returns a gzip stream of the same length for all data of one length."""
    return gzip.compress(data, 0, mtime=0)


def _gzip_archive(made: MadeImage) -> bytes:
    return oci_archive(made, compress=_stored, suffix="+gzip")


@pytest.mark.parametrize("looks", [1, 2])
def test_long_paths_are_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, looks: int) -> None:
    """Paths of a layer, and of all layers together, take a bounded amount of memory, also those of the cache."""
    monkeypatch.setattr(database_files, "_MAX_PATH_CHARS", 200)
    first = layer(
        dpkg_status({"a": "1", "b": "1"}), dpkg_list("a", ["/" + "a" * 150]), dpkg_list("b", ["/" + "b" * 90])
    )
    second = layer(file("srv/node_modules/x/package.json", b'{"name": "x"}'))
    third = layer(dpkg_status({"a": "1"}), dpkg_list("a", ["/" + "c" * 150]))
    path = tmp_path / "image.tar"
    path.write_bytes(_gzip_archive(image(first, second, third)))
    for _ in range(looks):
        packages = cached(path, Cache(tmp_path / "cache")).packages
    (_, in_layer), (number, in_image) = packages.problems
    assert in_layer.startswith("/var/lib/dpkg/info/b.list is not read: the layer states more")
    assert (number, in_image.partition(":")[0]) == (2, "its packages are left out")
    assert {usage.package.name for usage in packages.usages} == {"a", "b", "x"}


def test_long_names_are_cut(tmp_path: Path) -> None:
    """Only the beginning of a name, a scope or a version of megabytes is kept."""
    document = json.dumps({"name": f"@{'s' * 5_000}/{'n' * 5_000}", "version": "1" * 5_000})
    image = explored_layers(tmp_path, layer(file("srv/node_modules/x/package.json", document.encode())))
    (databases,) = database_files.read_databases(
        image.tree, image.image.layers, image.budget.fetch_limit, Watcher(), fetches=True
    )
    ((found,),) = databases.files["npm"].values()
    assert [len(text) for text in (found.name, found.version, found.namespace)] == [MAX_NAME_CHARS] * 3
    assert found.paths == ("srv/node_modules/x/",)


def test_a_full_disk_is_not_remembered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A program that has no room in a temporary file is a problem, and is read the next time."""
    program = elf({".text": bytes(100_000), **listing(SERDE)})
    path, cache = tmp_path / "image.tar", Cache(tmp_path / "cache")
    path.write_bytes(_gzip_archive(image(layer(file("bin/shop", program, mode=0o755)))))

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(executables, "_spool", full)
        ((_, problem),) = cached(path, cache).packages.problems
    assert problem.endswith("it cannot be kept in a temporary file: No space left on device")
    assert names(cached(path, cache)) == ["serde"]


@pytest.mark.parametrize("write", [docker_archive, _gzip_archive])
def test_a_second_look_reads_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, write: Callable[[MadeImage], bytes]
) -> None:
    """The cache keeps what the databases state, whether the layers are compressed or not."""
    path, cache = tmp_path / "image.tar", Cache(tmp_path / "cache")
    path.write_bytes(write(image(DEBIAN)))
    os.utime(path, (1, 1))
    monkeypatch.setattr("explorer.layers.file_key._SETTLED_NS", -(1 << 62))
    reads = counted_reads(monkeypatch)
    for count in (1, 1, 1):
        exploration = cached(path, cache)
        assert names(exploration) == ["bash"]
        assert len(reads) == count
    assert cache.clear()
    assert names(cached(path, cache)) == ["bash"]
    assert len(reads) == 2


def test_only_verified_layers_are_cached(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An archive that names another layer's digest cannot put its own packages into the cache."""
    honest, cache = tmp_path / "honest.tar", Cache(tmp_path / "cache")
    honest.write_bytes(_gzip_archive(image(DEBIAN)))
    cached(honest, cache)
    packed, other = _stored(DEBIAN), _stored(DEBIAN.replace(b"Package: bash", b"Package: evil"))
    assert len(packed) == len(other)
    forged = tmp_path / "forged.tar"
    forged.write_bytes(honest.read_bytes().replace(packed, other))
    assert names(cached(forged, cache)) == ["evil"]
    assert names(cached(honest, cache)) == ["bash"]


def test_a_damaged_database_is_one_problem(tmp_path: Path) -> None:
    """A file that cannot be read is named with its layer; all other packages are there."""
    packages = explored_layers(tmp_path, layer(file("a")), layer(dpkg_status({"bash": "5"}), BROKEN_PACKAGE)).packages
    ((number, problem),) = packages.problems
    assert number == 1
    assert problem.startswith("/srv/node_modules/x/package.json is not read: ")
    assert len(packages.usages) == 1


def test_a_damaged_database_hides_no_earlier_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A newer database that is not read leaves the packages that are known from below."""
    monkeypatch.setattr(database_files, "_MAX_FILE_BYTES", 200)
    many = dpkg_status({f"package-{number}": "1" for number in range(50)})
    exploration = explored_layers(tmp_path, layer(dpkg_status({"bash": "5"})), layer(many))
    assert names(exploration) == ["bash"]
    ((number, problem),) = exploration.packages.problems
    assert (number, problem) == (1, "/var/lib/dpkg/status is not read: it has 4.0 kB, expected at most 200 B")


def test_the_bytes_and_the_packages_of_a_layer_are_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Beyond a bound files are left out, and the problems of many files are one line."""
    monkeypatch.setattr(database_files, "_MAX_PATHS", 3)
    lists = [dpkg_list(f"p{number}", ["/a", "/b"]) for number in range(40)]
    exploration = explored_layers(tmp_path, layer(dpkg_status({"p0": "1"}), *lists))
    problems = [problem for _, problem in exploration.packages.problems]
    assert problems[-1] == "19 more files of packages are not read"
    assert len(problems) == 21
    assert names(exploration) == ["p0"]


def test_reading_can_be_cancelled(tmp_path: Path) -> None:
    """The watcher stops the reading; the next call reads again."""

    class Stopping(Watcher):
        def progress(self, progress: Progress) -> None:
            assert progress.step == "Reading packages"
            raise Cancelled("stopped")

    exploration = explored_layers(tmp_path, DEBIAN)
    with pytest.raises(Cancelled):
        exploration.read_packages(Stopping())
    assert names(exploration) == ["bash"]
    assert exploration.read_packages(Stopping()) is exploration.packages


def test_layers_that_are_not_read_are_unknown(tmp_path: Path) -> None:
    """A layer whose bytes are missing is a problem, because its packages are unknown."""
    made = image(DEBIAN, layer(file("x")))
    path = tmp_path / "image.tar"
    path.write_bytes(docker_archive(made))
    exploration = explore(opened(path), budget=ReadBudget())
    tree = exploration.tree
    tree.layers[1] = replace(tree.layers[1], is_unread=True)
    assert exploration.packages.problems == [(1, "the layer is not read, so its packages are unknown")]


# The cached form

STATED = Found("bash", "5", "amd64", ("bin/\udcff", "x/"), "debian"), Found("x")
DATABASES = LayerDatabases({"deb": {"var/lib/dpkg/status": STATED}}, ("bad",))


def test_the_cached_form_keeps_all() -> None:
    """Packages and problems come back as they were, also names that are not UTF-8."""
    assert decode_databases(encode_databases(DATABASES)) == DATABASES
    assert decode_databases(encode_databases(LayerDatabases())) == LayerDatabases()


def test_changed_bytes_count_as_missing() -> None:
    """Bytes that are cut off or changed, of another version or of another shape, are no databases."""
    content = encode_databases(DATABASES)
    assert decode_databases(content[:-1]) is None
    assert decode_databases(content[:-1] + b"x") is None
    assert decode_databases(b"") is None
    files = {"kind": 5}, [["deb", "p"]], [["deb", 5, []]], [["deb", "p", [["a"]]]], [["deb", "p", [[1, 2, 3, 4, 5]]]]
    for document in (7, {}, *({"files": each, "problems": []} for each in files), {"files": [], "problems": [1]}):
        packed = zstd.compress(json.dumps(document).encode())
        start = len(content) - len(content.partition(zstd.compress(b"")[:4])[2]) - 4
        head = content[: start - 32] + hashlib.sha256(packed).digest()
        assert decode_databases(head + packed) is None


def test_a_cached_bomb_takes_little_memory() -> None:
    """A small entry that unpacks to much counts as missing."""
    bomb = encode_databases(LayerDatabases({}, ("x" * (48 << 20),)))
    tracemalloc.start()
    assert decode_databases(bomb) is None
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 40 << 20


def test_programs_state_packages_in_their_bytes(tmp_path: Path) -> None:
    """A program, and a library that nobody may run, are known by their bytes and not by their paths."""
    program = elf({".text": bytes(100_000), ".go.buildinfo": inline()})
    library = elf({".text": bytes(100_000), **listing(SERDE)})
    made = layer(
        file("srv/shop", program, mode=0o755),
        file("usr/lib/libx.so.1", library),
        file("notes", program),
        file("x", b"x"),
    )
    exploration = explored_layers(tmp_path, made)
    sizes = {usage.package.purl: usage.bytes for usage in exploration.packages.usages if usage.package}
    assert sizes == {
        "pkg:golang/github.com/org/shop@v1.2.3": len(program),
        "pkg:golang/golang.org/x/sys@v0.5.0": 0,
        "pkg:golang/stdlib@1.22.1": 0,
        "pkg:cargo/serde@1.0.1": 0,
    }


def test_a_program_that_lies_is_a_problem(tmp_path: Path) -> None:
    """The build information of a program may be damaged; all else is there."""
    program = elf({".text": bytes(100_000), ".go.buildinfo": inline()[:60]})
    packages = explored_layers(tmp_path, layer(file("shop", program, mode=0o755), dpkg_status({"bash": "5"}))).packages
    ((_, problem),) = packages.problems
    assert problem == "/shop is not read: the build information of Go is cut off"
    assert len(packages.usages) == 1
