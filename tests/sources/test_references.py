"""References: paths, schemes, and what is not an image."""

from __future__ import annotations

import io
import json
import os
import stat
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest

from explorer.errors import (
    EngineUnreachable,
    ExplorerError,
    ImageError,
    ImageNotFound,
    UnreadableImage,
    UsageError,
)
from explorer.model import Image
from explorer.sources.request import Request
from tests.images import (
    MadeImage,
    Watching,
    digest,
    docker_archive,
    explored,
    gzipped,
    oci_archive,
    oci_files,
    opened,
    write_layout,
)
from tests.sources.samples import MADE


def _blob(made: MadeImage, number: int = 0) -> str:
    return f"blobs/sha256/{digest(made.layers[number]).partition(':')[2]}"


def _make_socket(path: Path) -> None:
    os.mknod(path, stat.S_IFSOCK | 0o600)


def _make_device(path: Path) -> None:
    path.symlink_to("/dev/zero")


OTHERS: dict[str, Callable[[Path], None]] = {
    "pipe": os.mkfifo,
    "socket": _make_socket,
    "device": _make_device,
    "directory": Path.mkdir,
}


def _refuse(request: Request) -> Image:
    raise EngineUnreachable(request.reference, "Start it.")


class TestReferences:
    """The meanings of references."""

    @pytest.mark.parametrize(
        ("reference", "error", "words"),
        [
            ("", UsageError, "empty"),
            ("ftp://x", UsageError, "unknown kind of reference"),
            ("archive://", UsageError, "names no image"),
            ("archive:///nowhere/x.tar", ImageNotFound, "no file"),
            ("/nowhere/x.tar", ImageNotFound, "no file"),
            ("~nobody-of-that-name/x.tar", ImageNotFound, "no file"),
            ("./nowhere", ImageNotFound, "no file"),
            ("nowhere.tar", ImageNotFound, "no file"),
            ("oci:///nowhere", ImageNotFound, "no directory"),
        ],
    )
    def test_a_reference_to_nothing(self, reference: str, error: type[ExplorerError], words: str) -> None:
        """A missing path or an invalid reference is an error with a hint."""
        with pytest.raises(error, match=words) as caught:
            opened(reference)
        assert caught.value.hint

    def test_a_misspelt_file(self, tmp_path: Path) -> None:
        """A file that is not there gets the nearest name in its directory, as the user spells it."""
        (tmp_path / "image.tar").write_bytes(b"")
        for name in ("imgae.tar", "image.tra.gz"):
            with pytest.raises(ImageNotFound) as caught:
                opened(f"{tmp_path}/{name}")
            assert caught.value.hint.startswith(f"Did you mean {tmp_path}/image.tar?\n")
        with pytest.raises(ImageNotFound) as caught:
            opened("/nowhere/at/all.tar")
        assert "Did you mean" not in caught.value.hint

    def test_a_misspelt_scheme(self) -> None:
        """A scheme that does not exist gets the nearest one."""
        with pytest.raises(UsageError) as caught:
            opened("dokcer://shop")
        assert caught.value.hint.startswith("Did you mean docker://shop?\n")

    def test_a_directory_that_is_no_layout(self, tmp_path: Path) -> None:
        """A directory without index.json is an error that names the expected files."""
        with pytest.raises(UnreadableImage, match="not an OCI layout"):
            explored(tmp_path)

    @pytest.mark.parametrize("make", OTHERS.values(), ids=OTHERS)
    @pytest.mark.parametrize("name", ["index.json", "a blob", "a layer"])
    def test_a_layout_of_what_is_no_file(self, tmp_path: Path, make: Callable[[Path], None], name: str) -> None:
        """A pipe, socket, device or directory in place of a layout's file is an error at once."""
        manifest = digest(oci_files(MADE)["index.json"])
        blob = f"blobs/sha256/{manifest.partition(':')[2]}"
        index = json.dumps({"manifests": [{"digest": manifest}]}).encode()
        files = {**oci_files(MADE), "index.json": index} if name == "a blob" else oci_files(MADE)
        place = {"index.json": "index.json", "a blob": blob, "a layer": _blob(MADE, 1)}[name]
        layout = write_layout(tmp_path / "layout", files)
        (layout / place).unlink(missing_ok=True)
        make(layout / place)
        with pytest.raises(UnreadableImage, match=r"expected a file|Is a directory") as caught:
            opened(layout)
        assert caught.value.hint

    @pytest.mark.parametrize("scheme", ["archive", "rootfs"])
    @pytest.mark.parametrize("make", [_make_socket, _make_device], ids=["socket", "device"])
    def test_an_archive_that_is_no_file(self, tmp_path: Path, make: Callable[[Path], None], scheme: str) -> None:
        """A socket or a device is not opened, because that could have an effect."""
        make(tmp_path / "it")
        with pytest.raises(ImageError, match=r"it cannot be read: it is a .*, expected a file") as caught:
            opened(f"{scheme}://{tmp_path}/it")
        assert caught.value.hint

    def test_an_archive_that_cannot_be_opened(self, tmp_path: Path) -> None:
        """A directory given as an archive is an error without a traceback."""
        with pytest.raises(UnreadableImage, match="directory"):
            explored(f"archive://{tmp_path}")

    def test_the_watcher_hears_of_every_layer(self, written: Callable[[bytes], Path]) -> None:
        """The watcher gets the image before its layers are read, and then each layer."""
        from explorer.pipeline import explore

        watcher = Watching()
        explore(opened(str(written(oci_archive(MADE, compress=gzipped))), watcher), watcher)
        assert watcher.images[-1].tags == ("made:1",)
        assert sorted(watcher.read) == [0, 1, 2]
        assert watcher.steps

    @pytest.mark.parametrize("beside", ["file", "directory", "web application", "empty file"])
    @pytest.mark.parametrize("reference", ["shop", "shop:dev"])
    def test_a_path_named_like_the_image(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, reference: str, beside: str
    ) -> None:
        """A file or directory that holds no image does not hide the engine's image of its name."""
        monkeypatch.chdir(tmp_path)
        monkeypatch.setattr("explorer.sources.engines.image.open_by_name", _refuse)
        if "file" in beside:
            Path("shop").write_bytes(b"" if "empty" in beside else b"#!/bin/sh\n" * 100)
        else:
            Path("shop").mkdir()
        if beside == "web application":
            Path("shop/manifest.json").write_text('{"name": "Shop", "icons": []}')
            Path("shop/index.json").write_text("[]")
        with pytest.raises(EngineUnreachable) as caught:
            opened(reference)
        assert "shop here is neither an archive nor a layout" in caught.value.hint

    def test_an_archive_named_like_the_image(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """An archive or a layout is opened; if it lacks the tag, the error names the way to the engine."""
        monkeypatch.chdir(tmp_path)
        Path("shop").write_bytes(oci_archive(MADE))
        write_layout(Path("layout"), oci_files(MADE))
        for reference in ("shop", "shop:1", f"shop@{digest(MADE.config_bytes)}", "layout:made:1"):
            assert opened(reference).id == digest(MADE.config_bytes)
        with pytest.raises(ImageNotFound) as caught:
            opened("shop:dev")
        assert "docker://shop:dev" in caught.value.hint

    def test_an_unpacked_archive_and_skopeos_directory(self, tmp_path: Path) -> None:
        """An unpacked docker-archive and skopeo's ``dir:`` give the same image as the archive."""
        with tarfile.open(fileobj=io.BytesIO(docker_archive(MADE))) as archive:
            archive.extractall(tmp_path / "unpacked", filter="data")
        files = oci_files(MADE)
        entry = json.loads(files["index.json"])["manifests"][0]["digest"]
        flat = {name.rpartition("/")[2]: content for name, content in files.items() if name.startswith("blobs/")}
        flat["manifest.json"] = flat.pop(entry[7:])
        write_layout(tmp_path / "flat", {**flat, "version": b"Directory Transport Version: 1.1"})
        for name in ("unpacked", "flat"):
            for reference in (f"{tmp_path}/{name}", f"dir:{tmp_path}/{name}", f"dir://{tmp_path}/{name}"):
                assert explored(reference).usage.wasted_bytes == 100_004

    def test_skopeos_names_of_engines(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """``docker-daemon:`` means the Docker Engine, and ``containers-storage:`` means Podman."""
        monkeypatch.setattr("explorer.sources.engines.image.open_in_engine", _refuse)
        for transport, scheme in (("docker-daemon", "docker"), ("containers-storage", "podman")):
            for separator in (":", "://"):
                with pytest.raises(EngineUnreachable, match=f"{scheme}://a:1"):
                    opened(f"{transport}{separator}a:1")
