"""Foreign layers, which a registry may lack, and blobs that an image names more than once."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from explorer.errors import ImageError, RegistryError, UnreadableLayer
from explorer.layers.cache import Cache
from explorer.pipeline import explore
from explorer.report.as_json import report_json
from explorer.report.as_markdown import report_markdown
from explorer.report.as_text import report_text
from tests.cli.running import run
from tests.fake_registry import Answer, FakeRegistry
from tests.images import content_of, docker_archive, explored, file, gzipped, image, layer, oci_files, write_layout
from tests.sources.registries.samples import LARGE, failure, open_sample
from tests.sources.samples import MADE

DOCKER_KIND = "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip"
OCI_KIND = "application/vnd.oci.image.layer.nondistributable.v1.tar+gzip"


def make_foreign(shop: FakeRegistry, tag: str = "1", kind: str = DOCKER_KIND) -> str:
    """Makes the lowest layer of an image foreign, and returns its digest."""
    shop.edit(tag, lambda it: it["layers"][0].update(mediaType=kind, urls=["http://127.0.0.1:1/x"]))
    return str(json.loads(shop.manifests[tag])["layers"][0]["digest"])


@pytest.mark.parametrize("kind", [DOCKER_KIND, OCI_KIND])
def test_a_foreign_layer_that_the_registry_has_is_read(held: FakeRegistry, kind: str) -> None:
    """A foreign layer counts like any other if the registry has its blob."""
    expected = explored(held.reference())
    make_foreign(held, kind=kind)
    exploration = explored(held.reference())
    assert exploration.usage == expected.usage
    assert exploration.download_bytes == expected.download_bytes
    assert (exploration.missing_layers, exploration.image.problems) == ((), ())


def test_a_foreign_layer_is_missing_if_the_registry_says_so(held: FakeRegistry) -> None:
    """A foreign layer without a blob is empty, and layer and image say what is missing."""
    del held.blobs[make_foreign(held)]
    exploration = explored(held.reference())
    assert exploration.layers[0].problems == (
        f"the layer is not included: {DOCKER_KIND} is not distributed with the image",
    )
    assert (exploration.layers[0].bytes, exploration.layers[0].files) == (0, 0)
    assert exploration.image.problems == ("layer 0 is missing, and no figure counts it",)
    assert exploration.missing_layers == (0,)


@pytest.mark.parametrize("status", [403, 429, 500])
def test_a_registry_that_does_not_say_is_an_error(held: FakeRegistry, status: int) -> None:
    """Any other answer than that the blob is there or not is an error."""
    held.answers = [Answer(f"/blobs/{make_foreign(held)}", status)]
    failure(held.reference(), "the registry", RegistryError)


def test_an_absent_layer_is_not_remembered(held: FakeRegistry, tmp_path: Path) -> None:
    """A layer that one registry lacks is read from another one that has it, with the same cache."""
    cache = Cache(tmp_path / "cache")
    blobs = dict(held.blobs)
    del held.blobs[make_foreign(held)]
    assert explore(open_sample(held.reference()), cache=cache).usage.shipped_bytes == 300_000
    held.blobs = blobs
    assert explore(open_sample(held.reference()), cache=cache).usage.shipped_bytes == 600_000


def test_reports_and_verdicts_say_that_a_layer_is_missing(held: FakeRegistry) -> None:
    """The shipped bytes and the verdict name the missing layer, in text, Markdown and JSON."""
    del held.blobs[make_foreign(held)]
    exploration = explored(held.reference())
    now = datetime.now(UTC)
    assert "  shipped       300 kB  300,000 bytes, without layer 0\n" in report_text(exploration, now)
    assert "| shipped | 300 kB, 300,000 bytes, without layer 0 |\n" in report_markdown(exploration, now)
    assert json.loads(report_json(exploration))["image"]["missing_layers"] == [0]
    verdict = run("check", held.reference())
    assert verdict.exit_code == 0
    assert "  2 layers, 300 kB shipped, without layer 0, 0 B wasted, 100 % efficient\n" in verdict.stdout
    assert "PASS: 2 rules passed, without layer 0\n" in verdict.stdout


def test_a_foreign_layer_that_is_not_in_a_layout(tmp_path: Path) -> None:
    """In a layout directory, too, a foreign layer may be missing, but no other layer."""
    files = oci_files(MADE)
    index = json.loads(files["index.json"])
    name = f"blobs/sha256/{index['manifests'][0]['digest'].partition(':')[2]}"
    manifest = json.loads(files[name])
    manifest["layers"][1]["mediaType"] = OCI_KIND
    document = json.dumps(manifest).encode()
    name = hashlib.sha256(document).hexdigest()
    index["manifests"][0].update(digest=f"sha256:{name}", size=len(document))
    del files[f"blobs/sha256/{manifest['layers'][1]['digest'].partition(':')[2]}"]
    files |= {f"blobs/sha256/{name}": document, "index.json": json.dumps(index).encode()}
    exploration = explored(write_layout(tmp_path / "layout", files))
    assert OCI_KIND in exploration.layers[1].problems[0]
    assert exploration.missing_layers == (1,)
    contents = exploration.image.layers[1].contents
    with pytest.raises(UnreadableLayer, match=r"layer 1 .* not included"):
        content_of(contents, exploration.tree.layers[1], exploration.tree.layers[0].entries[0])


def test_a_layer_without_a_blob_is_an_error(held: FakeRegistry) -> None:
    """Only a foreign layer may be missing."""
    del held.blobs[json.loads(held.manifests["1"])["layers"][0]["digest"]]
    failure(held.reference(), "has no blob", ImageError)


class TestRepeatedBlobs:
    """Images that name one blob several times, as builders do for empty layers."""

    TWICE = image(LARGE.layers[0], layer(file("between")), LARGE.layers[0])

    def test_a_repeated_blob_is_downloaded_once(self, shop: FakeRegistry) -> None:
        """A blob counts once as download, and once it is fetched."""
        shop.add("1", self.TWICE, compress=gzipped, suffix="+gzip")
        exploration = explored(shop.reference())
        first, between, second = map(gzipped, self.TWICE.layers)
        assert exploration.download_bytes == len(first) + len(between)
        assert [layer.download_bytes for layer in exploration.image.layers] == [len(first), len(between), len(second)]
        assert exploration.usage.shipped_bytes == 600_000
        assert len(shop.asked("/blobs/")) == 3

    def test_a_repeated_blob_counts_once_among_platforms(self, shop: FakeRegistry) -> None:
        """The sizes in the list of platforms count a blob once."""
        shop.add("1", self.TWICE, image(layer(), architecture="arm64"), compress=gzipped, suffix="+gzip")
        shop.edit("1", lambda index: [each.pop("platform", None) for each in index["manifests"]])
        variants = open_sample(shop.reference(), platform="linux/amd64").variants
        assert variants[0].download_bytes == sum(len(gzipped(data)) for data in self.TWICE.layers[:2])

    def test_a_repeated_layer_of_an_archive_counts_once(self, tmp_path: Path) -> None:
        """In an archive with compressed layers, too, a layer counts once as download."""
        (tmp_path / "twice.tar").write_bytes(docker_archive(self.TWICE, compress=gzipped))
        expected = sum(len(gzipped(data)) for data in self.TWICE.layers[:2])
        assert explored(tmp_path / "twice.tar").download_bytes == expected
