"""Root filesystem tars, as ``docker export`` writes them, from a file and from a pipe."""

from __future__ import annotations

import bz2
import lzma
import os
import tarfile
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from explorer.errors import Cancelled, ImageError, ImageNotFound, UnreadableImage
from explorer.model import Image, Kind, Progress
from explorer.pipeline import Exploration, explore
from tests.conftest import left_behind
from tests.images import (
    Watching,
    big,
    content_of,
    device,
    directory,
    docker_archive,
    explored,
    file,
    gzipped,
    hardlink,
    image,
    layer,
    opened,
    symlink,
    visible_paths,
    whiteout,
    zstded,
)

EXPORT = layer(
    file(".dockerenv", mode=0o755),
    symlink("bin", "usr/bin"),
    directory("dev"),
    device("dev/null", 1, 3),
    directory("etc"),
    file("etc/hostname", mode=0o755),
    file("etc/passwd", b"root:x:0:0"),
    directory("usr"),
    directory("usr/bin"),
    big("usr/bin/sh", 0.2, mode=0o755),
    hardlink("usr/bin/ash", "usr/bin/sh"),
    form=tarfile.GNU_FORMAT,
)
RUBBISH = ["nothing", "no tar", "half", "half of a gzip"]
ARCHIVE = docker_archive(image(layer(directory("d"), big("d/a", 0.2)), layer(whiteout("d/a"))))


@pytest.fixture
def pipe(tmp_path: Path) -> Iterator[Callable[[bytes], Path]]:
    """Makes a named pipe that gives these bytes."""
    writers = []
    count = iter(range(100))

    def make(content: bytes) -> Path:
        path = tmp_path / f"pipe{next(count)}"
        os.mkfifo(path)

        def write() -> None:
            with suppress(BrokenPipeError), path.open("wb", buffering=0) as stream:
                stream.write(content)

        writers.append(threading.Thread(target=write, daemon=True))
        writers[-1].start()
        return path

    yield make
    for writer in writers:
        writer.join(10)
        assert not writer.is_alive()


def written(tmp_path: Path, content: bytes, name: str = "export.tar") -> Path:
    """A root filesystem in a file."""
    path = tmp_path / name
    path.write_bytes(content)
    return path


def assert_export(exploration: Exploration) -> None:
    """Checks that this is the exported filesystem: one layer, and no waste."""
    image = exploration.image
    assert (image.id, image.tags, image.platform, image.digest, image.created) == ("", (), "", None, None)
    assert [layer.diff_id for layer in image.layers] == [""]
    assert [step.comment for step in image.history] == ["a root filesystem, without history"]
    assert image.layers[0].step == image.history[0]
    assert image.source == "root filesystem"
    usage = exploration.usage
    assert (usage.shipped_bytes, usage.visible_bytes, usage.wasted_bytes) == (200_010, 200_010, 0)
    paths = visible_paths(exploration.tree, 0)
    assert len(paths) == 11
    kinds = {entry.path: entry.kind for entry in exploration.tree.layers[0].entries}
    # The first name in path order is the file, wherever its bytes are in the tar.
    assert (kinds["bin"], kinds["usr/bin/ash"], kinds["usr/bin/sh"], kinds["dev/null"]) == (
        Kind.SYMLINK,
        Kind.FILE,
        Kind.HARDLINK,
        Kind.CHARACTER_DEVICE,
    )
    index = exploration.tree.layers[0]
    entry = next(entry for entry in index.entries if entry.path == "etc/passwd")
    assert content_of(image.layers[0].contents, index, entry) == b"root:x:0:0"


@pytest.mark.parametrize("compress", [bytes, gzipped, zstded, lzma.compress, bz2.compress])
@pytest.mark.parametrize("spell", ["{}", "rootfs://{}", "archive://{}"])
def test_an_export_in_a_file(compress: Callable[[bytes], bytes], spell: str, tmp_path: Path) -> None:
    """A root filesystem, plain or compressed, is an image of one layer, by its path and by rootfs://."""
    path = written(tmp_path, compress(EXPORT))
    assert_export(explored(spell.format(path)))


@pytest.mark.parametrize("compress", [gzipped, lzma.compress, bz2.compress])
@pytest.mark.parametrize("content", [EXPORT, ARCHIVE])
def test_garbage_behind_a_compressed_archive(
    content: bytes, compress: Callable[[bytes], bytes], tmp_path: Path
) -> None:
    """Bytes behind a whole compressed archive are a problem of the image."""
    path = written(tmp_path, compress(content) + b"garbage")
    problem = explored(path).image.problems[-1]
    assert problem.startswith("7 bytes behind the end of the compressed data, at offset")


@pytest.mark.parametrize("compress", [bytes, gzipped])
def test_an_export_out_of_a_pipe(
    compress: Callable[[bytes], bytes], pipe: Callable[[bytes], Path], spool: Path
) -> None:
    """A root filesystem in a named pipe is read, and leaves no file."""
    exploration = explored(pipe(compress(EXPORT)))
    assert_export(exploration)
    del exploration
    assert left_behind(spool) == []


@pytest.mark.parametrize("compress", [bytes, lzma.compress, bz2.compress])
def test_an_export_on_standard_input(compress: Callable[[bytes], bytes], tmp_path: Path, spool: Path) -> None:
    """A root filesystem on standard input is read, plain or compressed."""
    with written(tmp_path, compress(EXPORT)).open("rb") as stream:
        assert_export(explored("-", standard_input=stream.fileno()))


def test_an_archive_out_of_a_pipe(pipe: Callable[[bytes], Path], spool: Path, tmp_path: Path) -> None:
    """A docker-archive in a named pipe gives the same image as a file, with progress, and leaves no file."""
    expected = explored(written(tmp_path, ARCHIVE)).usage
    watcher = Watching()
    opened_image = opened(pipe(ARCHIVE), watcher)
    assert explore(opened_image).usage == expected
    assert expected.wasted_bytes == 200_000
    assert {step.step.partition(" ")[0] for step in watcher.steps} == {"Reading"}
    assert watcher.steps[0].done == 0
    del opened_image
    assert left_behind(spool) == []


def test_a_tag_in_a_pipe(pipe: Callable[[bytes], Path], spool: Path) -> None:
    """An image can be chosen among several in a pipe."""
    two = docker_archive(*(image(layer(file(name)), tag=f"{name}:1") for name in ("one", "two")))
    assert opened(f"{pipe(two)}:two:1").tags == ("two:1",)
    assert left_behind(spool) == []


@pytest.mark.parametrize("content", [b"", b"no tar" * 500, ARCHIVE[:100_000], gzipped(ARCHIVE)[:200]], ids=RUBBISH)
def test_rubbish_out_of_a_pipe(content: bytes, pipe: Callable[[bytes], Path], spool: Path) -> None:
    """Bytes from a pipe that are not an image are an error, and leave no file."""
    with pytest.raises(ImageError) as caught:
        explored(pipe(content))
    assert caught.value.message.isprintable()
    del caught
    assert left_behind(spool) == []


def test_a_pipe_that_nobody_wants_any_more(tmp_path: Path, spool: Path) -> None:
    """Waiting for a pipe without a writer can be cancelled, and leaves no file."""

    class Stopping(Watching):
        def progress(self, progress: Progress) -> None:
            super().progress(progress)
            if len(self.steps) > 1:
                raise Cancelled("stopped")

    path = tmp_path / "pipe"
    os.mkfifo(path)
    with pytest.raises(Cancelled):
        opened(path, Stopping())
    # Let the thread that still waits for the pipe come to its end.
    with path.open("wb"):
        pass
    assert left_behind(spool) == []


# No root filesystem


@pytest.mark.parametrize(
    "content",
    [layer(file("README"), directory("src"), file("src/main.c")), layer(directory("etc"), file("etc/passwd"))],
    ids=["sources", "one usual name"],
)
def test_a_tar_of_something_else(content: bytes, tmp_path: Path) -> None:
    """A tar that is neither an image nor a root filesystem is an error, but rootfs:// opens it."""
    path = written(tmp_path, content)
    with pytest.raises(UnreadableImage, match=r"is a tar, but not of an image: no manifest.json, no index.json"):
        opened(path)
    assert len(explored(f"rootfs://{path}").tree.layers[0].entries) > 1


def test_names_with_a_dot_in_front(tmp_path: Path) -> None:
    """``tar -C root -c .`` writes a root filesystem too."""
    path = written(tmp_path, layer(directory("."), directory("./etc"), file("./etc/passwd"), directory("./usr")))
    assert visible_paths(explored(path).tree, 0) == ["etc", "etc/passwd", "usr"]


def test_an_image_is_never_taken_for_a_root_filesystem(tmp_path: Path) -> None:
    """An image archive is opened as an image, even with other files in the tar."""
    made = docker_archive(image(layer(file("a"))))
    extra = layer(directory("etc"), directory("usr"), directory("bin"))
    path = written(tmp_path, extra.rstrip(b"\0") + bytes(-len(extra.rstrip(b"\0")) % 512) + made)
    assert opened(path).source == "docker-archive"


@pytest.mark.parametrize("content", [b"", b"no tar" * 500], ids=["empty", "no tar"])
def test_rubbish_as_a_root_filesystem(content: bytes, tmp_path: Path) -> None:
    """A damaged root filesystem is an error with the reason."""
    path = written(tmp_path, content)
    with pytest.raises(UnreadableImage) as caught:
        explored(f"rootfs://{path}")
    assert ("layer 0 cannot be read" if content else f"{path} is empty") in caught.value.message
    assert caught.value.hint


@pytest.mark.parametrize("content", [EXPORT[:100_000], gzipped(EXPORT)[:100]], ids=["plain", "gzip"])
def test_a_cut_root_filesystem_shows_its_first_members(content: bytes, tmp_path: Path) -> None:
    """A root filesystem that was cut off shows the members before the cut, as a damaged layer does."""
    damaged = explored(f"rootfs://{written(tmp_path, content)}")
    assert damaged.tree.layers[0].entries
    assert damaged.damage[0].startswith("layer 0: only the members before the damage can be read: ")


def test_a_root_filesystem_that_is_not_there(tmp_path: Path) -> None:
    """A missing file, or a directory in its place, is an error that names it."""
    with pytest.raises(ImageNotFound, match=f"there is no file {tmp_path}/nothing"):
        opened(f"rootfs://{tmp_path}/nothing")
    with pytest.raises(ImageError, match=f"{tmp_path} cannot be read: Is a directory"):
        opened(f"rootfs://{tmp_path}")


def test_the_watcher_hears_of_it(tmp_path: Path) -> None:
    """The watcher gets the image before its layer is read."""
    watcher = Watching()
    found: Image = opened(written(tmp_path, EXPORT), watcher)
    explore(found, watcher)
    assert [image.source for image in watcher.images] == ["root filesystem"]
    assert watcher.read == [0]
