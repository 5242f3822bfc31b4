"""Images straight from a registry: the same answer as from an archive."""

from __future__ import annotations

import hashlib
import os
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from explorer.errors import (
    UnreadableImage,
    UnreadableLayer,
)
from explorer.layers.cache import Cache
from explorer.model import Progress
from explorer.pipeline import explore
from explorer.sources import open_image
from explorer.sources.request import Request
from tests.fake_registry import NAME, FakeRegistry
from tests.images import (
    Watching,
    content_of,
    docker_archive,
    explored,
    gzipped,
    zstded,
)
from tests.sources.registries.samples import (
    LARGE,
    NOISE,
    failure,
    open_sample,
    shipped_bytes,
)
from tests.sources.samples import MADE, answer


class TestOpening:
    """The way from a name to an image."""

    @pytest.mark.parametrize(("compress", "suffix"), [(bytes, ""), (gzipped, "+gzip"), (zstded, "+zstd")])
    def test_the_answer_is_the_archives(
        self, shop: FakeRegistry, tmp_path: Path, compress: Callable[[bytes], bytes], suffix: str
    ) -> None:
        """Identity, configuration, history and every figure are those of the same image in an archive."""
        (tmp_path / "reference.tar").write_bytes(docker_archive(MADE))
        manifest = shop.add("1", MADE, compress=compress, suffix=suffix)
        exploration = explored(shop.reference())
        assert answer(exploration) == answer(explored(tmp_path / "reference.tar"))
        assert exploration.image.tags == (f"{shop.address}/{NAME}:1",)
        assert exploration.image.source == f"registry {shop.address}"
        assert exploration.image.digest == f"sha256:{hashlib.sha256(manifest).hexdigest()}"
        assert exploration.download_bytes == sum(len(compress(data)) for data in MADE.layers)

    def test_registry_http_asks_for_plain_http(self, held: FakeRegistry) -> None:
        """``registry+http://`` opens the same image without TLS."""
        assert shipped_bytes(held.reference().replace("registry:", "registry+http:")) == 600_000

    def test_layers_are_fetched_when_they_are_read(self, held: FakeRegistry) -> None:
        """Opening fetches the manifest and the configuration; each layer is fetched once, when it is read."""
        opened = open_sample(held.reference())
        assert [layer.step.created_by for layer in opened.layers if layer.step] == ["RUN step 0", "RUN step 1"]
        assert len(held.asked()) == 2
        index = opened.layers[0].contents.index(lambda _: None)
        for _ in range(2):
            assert content_of(opened.layers[0].contents, index, index.entries[0]) == NOISE
        assert len(held.asked()) == 3

    def test_content_is_fetched_once_by_whoever_wants_it_first(self, held: FakeRegistry) -> None:
        """If several threads open files of a layer, it is downloaded once."""
        held.piece, held.pause = 50_000, 0.01
        index = explored(held.reference()).tree.layers[1]
        held.heard.clear()
        contents = open_sample(held.reference()).layers[1].contents

        def read(_: int) -> bytes:
            return content_of(contents, index, index.entries[0])

        with ThreadPoolExecutor(4) as pool:
            assert set(pool.map(read, range(4))) == {NOISE[::-1]}
        assert len(held.asked()) == 3

    def test_layers_are_downloaded_side_by_side(self, held: FakeRegistry) -> None:
        """Several layers are downloaded at the same time."""
        held.piece, held.pause = 30_000, 0.02
        together = threading.Event()

        class Watcher(Watching):
            def progress(self, progress: Progress) -> None:
                if len(held.asked("/blobs/")) == 3 and not self.read:
                    together.set()

        watcher = Watcher()
        explore(open_image(Request(held.reference(), watcher)), watcher)
        assert together.is_set() or os.cpu_count() == 1

    @pytest.mark.parametrize("compress", [bytes, gzipped])
    def test_known_layers_are_not_downloaded(
        self, shop: FakeRegistry, tmp_path: Path, compress: Callable[[bytes], bytes]
    ) -> None:
        """A cached verified layer is not fetched again until a file in it is read."""
        shop.add("1", LARGE, compress=compress)
        cache = Cache(tmp_path / "cache")
        first = explore(open_sample(shop.reference()), cache=cache)
        shop.heard.clear()
        exploration = explore(open_sample(shop.reference()), cache=cache)
        assert exploration.usage == first.usage
        assert len(shop.asked()) == 2
        index = exploration.tree.layers[1]
        assert content_of(exploration.image.layers[1].contents, index, index.entries[0]) == NOISE[::-1]
        assert len(shop.asked()) == 3

    def test_progress_rises_to_the_layers_size(self, held: FakeRegistry) -> None:
        """Progress of downloading and indexing adds up to the stored bytes, in several steps."""
        held.piece, held.pause = 30_000, 0.02
        contents = open_sample(held.reference()).layers[0].contents
        steps: list[int] = []
        contents.index(steps.append)
        assert steps == sorted(steps)
        assert steps[-1] == contents.stored_bytes
        assert len({step for step in steps if 0 < step < contents.stored_bytes}) > 3

    def test_a_digest_is_the_manifests(self, held: FakeRegistry) -> None:
        """NAME@DIGEST and NAME:TAG@DIGEST ask for the digest, and other bytes are an error."""
        digest = open_sample(held.reference()).digest
        assert open_sample(held.reference(f"@{digest}")).tags == ()
        assert open_sample(held.reference(f":gone@{digest}")).tags == (f"{held.address}/{NAME}:gone",)
        other = f"sha256:{'0' * 64}"
        held.manifests[other] = held.manifests["1"]
        failure(held.reference(f"@{other}"), "damaged: its digest is", UnreadableImage)

    def test_sha512_is_verified_too(self, held: FakeRegistry) -> None:
        """A blob with a sha512 digest is verified by it."""
        content = gzipped(LARGE.layers[0])
        name = f"sha512:{hashlib.sha512(content).hexdigest()}"
        held.blobs[name] = content
        held.edit("1", lambda manifest: manifest["layers"][0].update(digest=name))
        assert shipped_bytes(held.reference()) == 600_000
        held.blobs[name] = b"\0" * len(content)
        failure(held.reference(), "its digest is sha512:", UnreadableLayer)

    def test_what_is_no_image_says_so(self, shop: FakeRegistry) -> None:
        """A chart in place of an image is an error."""
        shop.add("1", MADE)
        chart = b'{"name": "chart", "version": "1"}'
        shop.blobs[f"sha256:{hashlib.sha256(chart).hexdigest()}"] = chart
        shop.edit("1", lambda it: it["config"].update(digest=f"sha256:{hashlib.sha256(chart).hexdigest()}"))
        failure(shop.reference(), "not a container image", UnreadableImage)
