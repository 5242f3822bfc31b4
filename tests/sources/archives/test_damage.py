"""Damaged archives and layouts end in one clear error."""

from __future__ import annotations

import gzip
import hashlib
import json
import random
import re
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import pytest

from explorer.errors import ImageNotFound, UnreadableImage, UnreadableLayer, UsageError
from explorer.layers.cache import Cache
from explorer.pipeline import explore
from tests.images import (
    MadeImage,
    content_of,
    digest,
    docker_archive,
    explored,
    file,
    gzipped,
    image,
    layer,
    oci_archive,
    oci_files,
    opaque,
    opened,
    tar_of,
    write_layout,
    zstded,
)
from tests.sources.samples import MADE


def _without(files: dict[str, bytes], name: str) -> dict[str, bytes]:
    return {key: value for key, value in files.items() if key != name}


def _gzipped_blob(made: MadeImage, number: int) -> str:
    return f"blobs/sha256/{digest(gzipped(made.layers[number])).partition(':')[2]}"


def _blob(made: MadeImage, number: int = 0) -> str:
    return f"blobs/sha256/{digest(made.layers[number]).partition(':')[2]}"


class TestDamage:
    """Damaged images."""

    @pytest.mark.parametrize(
        ("data", "words"),
        [
            (b"", "empty"),
            (b"hello, this is no tar at all" * 40, "image.tar is not a tar archive"),
            (tar_of({"readme": b"x"}), "not of an image"),
            (tar_of({"repositories": b"{}"}), "Docker 1.9"),
            (tar_of({"manifest.json": b"{"}), "not a JSON document"),
            (tar_of({"manifest.json": b"[" * 100_000}), "more than 100 deep"),
            (tar_of({"manifest.json": b"[]"}), "names no image"),
            (tar_of({"manifest.json": b"[5]"}), "lacks Config"),
            (tar_of({"manifest.json": b'[{"Config": "c", "Layers": [5]}]'}), "lacks Config"),
            (tar_of({"manifest.json": b'[{"Config": "c", "Layers": ""}]'}), "lacks Config or Layers"),
            (tar_of({"manifest.json": b'[{"Config": "c", "Layers": 0}]'}), "lacks Config or Layers"),
            (tar_of({"manifest.json": b'[{"Config": "c", "Layers": []}]'}), "does not hold “c”"),
            (tar_of({"manifest.json": b'[{"Config": "c", "Layers": ["l"]}]', "c": b"{}"}), "does not hold “l”"),
            (tar_of({"oci-layout": b"", "index.json": b"{}"}), "no list of manifests"),
            (tar_of({"oci-layout": b"", "index.json": b'{"manifests": []}'}), "names no image"),
            (b"BZh91AY&SY" + bytes(600), "the compressed data is damaged before byte"),
            (b"\xfd7zXZ\x00" + bytes(600), "the compressed data is damaged before byte"),
            (b"LZIP" + bytes(600), "image.tar cannot be read: the data is compressed with lzip, expected gzip, zstd"),
            (gzipped(docker_archive(MADE))[:-200], "cut off"),
            (zstded(docker_archive(MADE))[:-20], "cut off"),
            (docker_archive(MADE)[:3000], "the rest of the archive"),
        ],
        ids=lambda value: value if isinstance(value, str) else "",
    )
    def test_what_is_no_image_says_so(self, written: Callable[[bytes], Path], data: bytes, words: str) -> None:
        """An invalid archive is an error that names the reason, with exit code 3."""
        with pytest.raises(UnreadableImage, match=words) as caught:
            explored(written(data))
        assert caught.value.exit_code == 3

    @pytest.mark.parametrize("form", [docker_archive, oci_archive])
    def test_a_layer_of_another_compression_is_named(
        self, written: Callable[[bytes], Path], form: Callable[..., bytes]
    ) -> None:
        """The error about an unsupported compression names the layer, and the compression."""
        with pytest.raises(UnreadableLayer, match="layer 0 cannot be read: the data is compressed with lz4, expected"):
            opened(written(form(MADE, compress=lambda content: b"\x04\x22\x4d\x18" + content)))

    def test_a_missing_layer_names_its_blob(self, written: Callable[[bytes], Path]) -> None:
        """The error names the layer, the blob and its media type."""
        with pytest.raises(
            UnreadableImage, match=r"layer 1 is missing: blob sha256:[0-9a-f]{64}, application/vnd"
        ) as caught:
            explored(written(tar_of(_without(oci_files(MADE), _blob(MADE, 1)))))
        assert caught.value.hint

    def test_a_blob_of_another_size_is_damaged(self, written: Callable[[bytes], Path], tmp_path: Path) -> None:
        """A layer of another size than in the manifest is damaged, also if the right one is cached; it never is."""
        other = gzip.compress(MADE.layers[0], 1)
        path = written(tar_of({**oci_files(MADE, compress=gzipped), _gzipped_blob(MADE, 0): other}))
        cache = Cache(tmp_path / "cache")
        for entries in (len(MADE.layers) - 1, len(MADE.layers)):
            damaged = explore(opened(path), cache=cache)
            assert re.match(r"layer 0: blob sha256:\w+ has [\d,]+ bytes, expected [\d,]+$", damaged.damage[0])
            assert len(cache.entries()) == entries
            explore(opened(written(oci_archive(MADE, compress=gzipped))), cache=cache)
            path.write_bytes(tar_of({**oci_files(MADE, compress=gzipped), _gzipped_blob(MADE, 0): other}))

    def test_a_compressed_blob_is_checked_against_its_digest(self, written: Callable[[bytes], Path]) -> None:
        """A layer of the right size with other bytes is damaged."""
        files = oci_files(MADE, compress=gzipped)
        name = f"blobs/sha256/{digest(gzipped(MADE.layers[2])).partition(':')[2]}"
        forged = gzipped(layer(file("n/m", b"m"), opaque("n"), file("x", b"y" * 100)))
        damaged = explored(written(tar_of({**files, name: forged.ljust(len(files[name]), b"\0")[: len(files[name])]})))
        assert [text.partition(":")[0] for text in damaged.damage] == ["layer 2"]

    def test_a_diff_id_that_lies_is_found_in_a_compressed_layer(self, written: Callable[[bytes], Path]) -> None:
        """A compressed layer without a digest is verified by its diff ID while it is read; another is damage."""
        made = image(*MADE.layers, rootfs={"diff_ids": [digest(b"other")] * 3})
        damaged = explored(written(docker_archive(made, compress=gzipped)))
        assert [re.sub("sha256:[0-9a-f]{64}", "SHA", text) for text in damaged.damage] == [
            f"layer {number}: its uncompressed digest (diff_id) is SHA, expected SHA" for number in range(3)
        ]

    @pytest.mark.parametrize("compress", [bytes, gzipped])
    def test_a_diff_id_that_is_not_verified_names_no_cached_layer(
        self, written: Callable[[bytes], Path], tmp_path: Path, compress: Callable[[bytes], bytes]
    ) -> None:
        """Plain layers, and compressed ones with a right digest, may lie about diff IDs; none is cached under them."""
        lie = digest(b"other")
        cache = Cache(tmp_path / "cache")
        made = image(*MADE.layers, rootfs={"diff_ids": [lie] * 3})
        explored_image = explore(opened(written(oci_archive(made, compress=compress))), cache=cache)
        assert [layer.diff_id for layer in explored_image.image.layers] == [lie] * 3
        assert not explored_image.damage
        cached = {name for name, *_ in cache.entries()}
        assert cached == (set() if compress is bytes else {digest(gzipped(content)) for content in MADE.layers})

    def test_a_forged_configuration_is_found(self, written: Callable[[bytes], Path]) -> None:
        """A configuration is verified by its digest; another one is damage of the image."""
        name = f"blobs/sha256/{digest(MADE.config_bytes).partition(':')[2]}"
        (damage,) = opened(written(tar_of({**oci_files(MADE), name: MADE.config_bytes + b" "}))).damage
        assert damage.startswith("the image configuration is damaged: its digest is sha256:")
        assert not opened(written(oci_archive(MADE))).damage

    def test_a_damaged_layer_is_named_with_the_offset(self, written: Callable[[bytes], Path]) -> None:
        """A bad header within a layer is damage with the offset; the members before it are shown."""
        broken = MADE.layers[1][:512] + b"x" * 512 + MADE.layers[1][1024:]
        damaged = explored(written(docker_archive(image(MADE.layers[0], broken))))
        assert re.match("layer 1: only the members before the damage can be read: .* at offset 512$", damaged.damage[0])
        assert list(damaged.tree.layers[1].whiteouts) == ["d"]

    def test_a_layer_without_a_readable_member_is_an_error(self, written: Callable[[bytes], Path]) -> None:
        """A layer of which nothing can be read is an error that names it."""
        with pytest.raises(UnreadableLayer, match=r"layer 1 cannot be read: .* at offset 0"):
            explored(written(docker_archive(image(MADE.layers[0], b"x" * 1024))))

    @pytest.mark.parametrize("size", [200_000, 3 << 20])
    @pytest.mark.parametrize("compress", [gzipped, zstded])
    def test_a_cut_layer_shows_its_first_files(
        self, written: Callable[[bytes], Path], compress: Callable[[bytes], bytes], size: int
    ) -> None:
        """A compressed layer that was cut off shows whole files before the cut, and their contents."""
        whole = layer(file("a", random.Random(1).randbytes(size)), file("b", random.Random(2).randbytes(size)))
        files = {"l": compress(whole)[: 2 * size - 5_000], "c": image(whole).config_bytes}
        files["manifest.json"] = json.dumps([{"Config": "c", "Layers": ["l"]}]).encode()
        damaged = explored(written(tar_of(files)))
        index = damaged.tree.layers[0]
        (entry,) = index.entries
        assert entry.path == "a"
        assert damaged.damage[0].startswith("layer 0: only the members before the damage can be read: ")
        assert content_of(damaged.image.layers[0].contents, index, entry) == whole[512 : 512 + entry.size]

    def test_attributes_of_an_archives_members_are_not_kept(self, written: Callable[[bytes], Path]) -> None:
        """Members that no manifest names take little memory, even with long attributes."""
        attributes = {"user.a": "x" * 900_000}
        path = written(layer(*(file(f"f{number}", xattrs=attributes) for number in range(40))))
        tracemalloc.start()
        try:
            with pytest.raises(UnreadableImage, match="not of an image"):
                opened(path)
            assert tracemalloc.get_traced_memory()[1] < 20_000_000
        finally:
            tracemalloc.stop()

    @pytest.mark.end_to_end
    def test_documents_are_bounded_together(self, written: Callable[[bytes], Path]) -> None:
        """Many long configurations, each of a valid size, are refused before they fill the memory."""
        made = [image(layer(), tag=f"a:{number}", author=f"{number}" + "x" * 6_000_000) for number in range(6)]
        for form in (docker_archive, oci_archive):
            with pytest.raises(UnreadableImage, match="more than 33,554,432 bytes together"):
                opened(written(form(*made)))

    @pytest.mark.parametrize("form", [docker_archive, oci_archive])
    def test_more_layers_than_any_image_has(self, written: Callable[[bytes], Path], form: Callable[..., bytes]) -> None:
        """An image that names a layer many thousand times is refused at once."""
        with pytest.raises(UnreadableImage, match=r"names 1,001 layers, expected at most 1,000"):
            opened(written(form(image(*[layer()] * 1_001))))

    def test_more_images_than_any_archive_has(self, written: Callable[[bytes], Path]) -> None:
        """An archive that names an image many thousand times is refused without listing them all."""
        entry = {"Config": "c.json", "Layers": []}
        files = {"c.json": MADE.config_bytes, "manifest.json": json.dumps([entry] * 1_001).encode()}
        with pytest.raises(UnreadableImage, match="more than 1,000 images"):
            opened(written(tar_of(files)))

    def test_an_obsolete_manifest_is_named(self, written: Callable[[bytes], Path]) -> None:
        """The error about a schema 1 manifest names the format."""
        old = json.dumps({"schemaVersion": 1, "fsLayers": []}).encode()
        files = {"oci-layout": b"{}", f"blobs/sha256/{digest(old).partition(':')[2]}": old}
        files["index.json"] = json.dumps({"manifests": [{"digest": digest(old)}]}).encode()
        with pytest.raises(UnreadableImage, match="schema 1"):
            explored(written(tar_of(files)))

    def test_digests_lead_nowhere_else(self, tmp_path: Path) -> None:
        """A digest with a path in it is a missing blob, and leads to no other file."""
        (tmp_path / "secret").write_bytes(b"{}")
        files = {
            "oci-layout": b"{}",
            "index.json": json.dumps({"manifests": [{"digest": "sha256:../../../secret"}]}).encode(),
        }
        with pytest.raises(UnreadableImage, match="missing"):
            explored(write_layout(tmp_path / "layout", files))

    @pytest.mark.parametrize("depth", [8, 9])
    def test_nested_indexes_have_a_limit(self, tmp_path: Path, depth: int) -> None:
        """Nested indexes are followed eight levels deep."""
        files = oci_files(MADE)
        for _ in range(depth):
            inner = files["index.json"]
            kind = "application/vnd.oci.image.index.v1+json"
            files[f"blobs/sha256/{digest(inner).partition(':')[2]}"] = inner
            files["index.json"] = json.dumps({"manifests": [{"mediaType": kind, "digest": digest(inner)}]}).encode()
        layout = write_layout(tmp_path / "layout", files)
        if depth == 8:
            assert opened(layout).tags == ("made:1",)
        else:
            with pytest.raises(UnreadableImage, match="deeper than 8"):
                opened(layout)

    def test_a_document_of_another_algorithm_is_checked(self, tmp_path: Path) -> None:
        """A manifest with a sha512 digest is verified by it."""
        files = oci_files(MADE)
        index = json.loads(files["index.json"])
        manifest = files[f"blobs/sha256/{index['manifests'][0]['digest'].partition(':')[2]}"]
        value = hashlib.sha512(manifest).hexdigest()
        index["manifests"][0]["digest"] = f"sha512:{value}"
        files["index.json"] = json.dumps(index).encode()
        assert opened(write_layout(tmp_path / "right", {**files, f"blobs/sha512/{value}": manifest})).tags == (
            "made:1",
        )
        wrong = opened(write_layout(tmp_path / "wrong", {**files, f"blobs/sha512/{value}": manifest + b" "}))
        assert "is damaged: its digest is sha512:" in wrong.damage[0]

    @pytest.mark.parametrize("tail", [b"", b"\0"])
    def test_a_layer_of_another_algorithm_is_checked(self, tmp_path: Path, tail: bytes) -> None:
        """A compressed layer with a sha512 digest is verified by it, and cached under it."""
        layout, _ = _with_sha512(tmp_path / "layout", tail)
        cache = Cache(tmp_path / "cache")
        found = explore(opened(layout), cache=cache)
        assert [re.sub("[0-9a-f]{128}", "SHA", text) for text in found.damage] == (
            ["layer 0: its digest is sha512:SHA, expected sha512:SHA"] if tail else []
        )
        assert [name.partition(":")[0] for name, *_ in cache.entries()] == ([] if tail else ["sha512"])

    @pytest.mark.parametrize("prefix", ["sha512:", ""])
    def test_the_beginning_of_a_sha512_id_chooses_an_image(self, tmp_path: Path, prefix: str) -> None:
        """Six digits of an ID name an image whatever its algorithm, with the algorithm's name or without."""
        layout, config = _with_sha512(tmp_path / "layout")
        image_id = f"sha512:{hashlib.sha512(config).hexdigest()}"
        for start in (image_id[7:13], image_id[7:]):
            assert opened(f"{layout}:{prefix}{start}").id == image_id
        with pytest.raises(ImageNotFound):
            opened(f"{layout}:{prefix}{'0' * 12}")


def _with_sha512(path: Path, tail: bytes = b"") -> tuple[Path, bytes]:
    """Writes a layout whose configuration and layer have sha512 digests, and another image.

    Returns its path and the configuration. ``tail`` is added to the stored layer.
    """
    stored, config = gzipped(MADE.layers[0]), image(MADE.layers[0]).config_bytes
    manifest = json.dumps({"config": _sha512(config), "layers": [{**_sha512(stored), "size": len(stored + tail)}]})
    files = oci_files(image(layer(), architecture="s390x"))
    index = json.loads(files["index.json"])
    index["manifests"].append({**_sha512(manifest.encode()), "platform": {"os": "linux", "architecture": "amd64"}})
    files["index.json"] = json.dumps(index).encode()
    for content, written_content in ((config, config), (stored, stored + tail), (manifest.encode(), manifest.encode())):
        files[f"blobs/sha512/{hashlib.sha512(content).hexdigest()}"] = written_content
    return write_layout(path, files), config


def _sha512(content: bytes) -> dict[str, str]:
    return {"digest": f"sha512:{hashlib.sha512(content).hexdigest()}"}


class TestDocuments:
    """Documents in the spellings of many writers of archives."""

    def test_the_id_is_the_digest_of_the_configuration(self, written: Callable[[bytes], Path]) -> None:
        """The ID is the SHA-256 of the configuration under any name; a name that claims another is damage."""
        names = ("config.json", "c", digest(MADE.config_bytes), f"sha256:{'0' * 64}")
        images = [opened(written(_docker_files(Config=name))) for name in names]
        assert {each.id for each in images} == {digest(MADE.config_bytes)}
        assert [len(each.damage) for each in images] == [0, 0, 0, 1]

    def test_capitals_of_keys_do_not_matter(self, written: Callable[[bytes], Path]) -> None:
        """Keys in other capitals are read as Go programs read them; the last of equal keys counts."""
        opened_image = opened(written(_docker_files(config="c", layers=["l"], repoTags=["a:1"], RepoTags=["b:1"])))
        assert (opened_image.tags, len(opened_image.layers)) == (("b:1",), 1)

    @pytest.mark.parametrize("layers", [{}, {"layers": None}, {"layers": []}])
    def test_an_image_without_layers(self, tmp_path: Path, layers: dict[str, object]) -> None:
        """A manifest without layers, or with null, has none."""
        config = image().config_bytes
        manifest = json.dumps({"config": {"digest": digest(config)}, **layers}).encode()
        files = {f"blobs/sha256/{digest(blob).partition(':')[2]}": blob for blob in (config, manifest)}
        files["index.json"] = json.dumps({"manifests": [{"digest": digest(manifest)}]}).encode()
        assert opened(write_layout(tmp_path / "layout", files)).layers == ()

    def test_an_empty_index_beside_a_manifest(self, written: Callable[[bytes], Path]) -> None:
        """If index.json has no manifests, manifest.json counts."""
        more = {"oci-layout": b"{}", "index.json": b'{"manifests": null}'}
        assert opened(written(_docker_files(more, Config="c", RepoTags=["a:1"]))).tags == ("a:1",)

    def test_the_index_chooses_the_platform(self, written: Callable[[bytes], Path]) -> None:
        """If index and configuration name other platforms, the index counts, and that is a problem of the image."""
        files = oci_files(MADE)
        index = json.loads(files["index.json"])
        index["manifests"][0]["platform"] = {"os": "linux", "architecture": "arm64"}
        path = written(tar_of({**files, "index.json": json.dumps(index).encode()}))
        found = opened(path, platform="linux/arm64")
        assert found.platform == "linux/arm64"
        assert found.problems[0] == (
            "the index says that the platform is linux/arm64, but the configuration says linux/amd64"
        )

    def test_nested_values_are_bounded(self, written: Callable[[bytes], Path]) -> None:
        """Values deep inside each other are refused in the program's own words."""
        deep = b'{"config": {"Labels": {"a": ' + b"[" * 975 + b"]" * 975 + b"}}}"
        with pytest.raises(UnreadableImage, match="more than 100 deep"):
            opened(written(_docker_files({"c": deep}, Config="c")))

    @pytest.mark.end_to_end
    def test_large_configurations_are_read_one_after_the_other(self, written: Callable[[bytes], Path]) -> None:
        """Several large configurations take the memory of one."""
        config = json.dumps({**MADE.config, "x": ["ab"] * 200_000}).encode()
        entries = [{"Config": f"c{number}", "RepoTags": [f"a:{number}"], "Layers": []} for number in range(6)]
        files = {f"c{number}": config + b" " * number for number in range(6)}
        path = written(tar_of({**files, "manifest.json": json.dumps(entries).encode()}))
        tracemalloc.start()
        try:
            with pytest.raises(UsageError):
                opened(path)
            assert tracemalloc.get_traced_memory()[1] < 40_000_000
        finally:
            tracemalloc.stop()


def _docker_files(more: dict[str, bytes] | None = None, **entry: object) -> bytes:
    """Returns a docker-archive of one layer with an entry of manifest.json."""
    made = MADE.config_bytes
    name = str(entry.get("Config") or entry.get("config"))
    manifest = json.dumps([{**({} if "layers" in entry else {"Layers": ["l"]}), **entry}]).encode()
    return tar_of({name: made, "l": MADE.layers[0], "manifest.json": manifest, **(more or {})})
