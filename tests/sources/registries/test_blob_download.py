"""Downloads of blobs: resumed, verified and bounded."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Callable, Iterator
from typing import cast

import pytest
from requests import Response

from explorer.errors import (
    ImageError,
    UnreadableImage,
    UnreadableLayer,
)
from explorer.sources.interruptible import Transfer
from explorer.sources.registries.blob_download import BlobDownload, temporary_file_for
from explorer.sources.registries.retry import Retryable, RetryBudget
from tests.fake_registry import FakeRegistry
from tests.images import (
    digest,
    gzipped,
    image,
    zstded,
)
from tests.sources.registries.samples import (
    LARGE,
    failure,
    open_sample,
    shipped_bytes,
)
from tests.sources.samples import MADE


class TestDownloads:
    """Downloads of blobs."""

    def test_a_broken_download_is_continued(self, held: FakeRegistry) -> None:
        """A broken download continues at the same place, any number of times if each attempt brings bytes."""
        held.cut = 70_000
        assert shipped_bytes(held.reference()) == 600_000
        ranges = [request.headers.get("Range", "") for request in held.heard]
        assert "bytes=70000-" in ranges
        assert "bytes=280000-" in ranges

    def test_a_broken_download_starts_over_without_ranges(self, held: FakeRegistry) -> None:
        """A download starts over if the registry sends the whole blob again."""
        held.cut, held.cuts, held.ranges = 100_000, 3, False
        assert shipped_bytes(held.reference()) == 600_000

    def test_a_download_that_never_ends_well(self, held: FakeRegistry) -> None:
        """Attempts without progress end after a limit."""
        held.cut, held.ranges = 1000, False
        failure(held.reference(), "it ends after 1,000 bytes|stopped sending", ImageError)
        assert len(held.asked("/blobs/")) <= 12

    def test_without_a_length(self, held: FakeRegistry) -> None:
        """A body without a length is accepted, and continued if the connection breaks."""
        held.chunked, held.cut, held.cuts = True, 100_000, 2
        assert shipped_bytes(held.reference()) == 600_000

    @pytest.mark.parametrize("compress", [bytes, gzipped])
    def test_wrong_bytes_are_found(self, shop: FakeRegistry, compress: Callable[[bytes], bytes]) -> None:
        """A layer, compressed or not, is verified while it is downloaded."""
        shop.add("1", LARGE, compress=compress)
        name = f"sha256:{hashlib.sha256(compress(LARGE.layers[1])).hexdigest()}"
        shop.blobs[name] = shop.blobs[name][:-9] + b"#" * 9
        failure(shop.reference(), "layer 1 cannot be read: its digest is .* expected sha256", UnreadableLayer)

    @pytest.mark.parametrize("chunked", [False, True])
    @pytest.mark.parametrize("change", [1, 100_000])
    def test_a_longer_blob_is_refused(self, held: FakeRegistry, chunked: bool, change: int) -> None:
        """A body longer than the manifest's size is an error."""
        held.chunked = chunked
        name = f"sha256:{hashlib.sha256(gzipped(LARGE.layers[0])).hexdigest()}"
        held.blobs[name] += b"#" * change
        failure(held.reference(), "layer 0 cannot be read: .*expected", UnreadableLayer)

    def test_a_shorter_blob_is_refused(self, held: FakeRegistry) -> None:
        """A blob that is shorter in the registry is not tried twice."""
        name = f"sha256:{hashlib.sha256(gzipped(LARGE.layers[0])).hexdigest()}"
        held.blobs[name] = held.blobs[name][:-5]
        failure(held.reference(), "layer 0 cannot be read: the registry has", UnreadableLayer)

    @pytest.mark.parametrize("compress", [bytes, gzipped, zstded])
    def test_a_diff_id_that_lies(self, shop: FakeRegistry, compress: Callable[[bytes], bytes]) -> None:
        """The diff ID in the configuration must be that of the layer's tar, compressed or not."""
        shop.add("1", image(*MADE.layers, rootfs={"diff_ids": [f"sha256:{'1' * 64}"] * 3}), compress=compress)
        failure(shop.reference(), "its uncompressed digest .* expected sha256:1111", UnreadableLayer)

    @pytest.mark.parametrize("size", [None, -1, "5", True])
    def test_a_layer_without_a_size(self, held: FakeRegistry, size: object) -> None:
        """A layer of unknown size is not downloaded."""
        held.edit("1", lambda manifest: manifest["layers"][0].update(size=size))
        failure(held.reference(), "does not give the size of layer 0", UnreadableImage)

    @pytest.mark.parametrize("name", ["sha256:../../../x", "md5:d41d8cd98f00b204e9800998ecf8427e", "sha256:ABC", ""])
    def test_a_digest_that_is_none(self, held: FakeRegistry, name: str) -> None:
        """A blob without a valid digest is not requested."""
        held.edit("1", lambda manifest: manifest["layers"][0].update(digest=name))
        failure(held.reference(), "cannot be verified", UnreadableLayer)

    def test_no_space_left(self, held: FakeRegistry, monkeypatch: pytest.MonkeyPatch) -> None:
        """A full disk is named in the error."""
        opened = open_sample(held.reference())
        with open("/dev/full", "r+b", buffering=0) as full:
            monkeypatch.setattr(tempfile, "TemporaryFile", lambda **_: full)
            with pytest.raises(ImageError, match="No space left") as caught:
                opened.layers[0].contents.index(lambda _: None)
        assert "TMPDIR" in caught.value.hint

    def test_no_space_for_what_is_to_come(self, held: FakeRegistry) -> None:
        """A download that is larger than the free space does not begin."""
        held.edit("1", lambda manifest: manifest["layers"][1].update(size=1 << 60))
        assert "TMPDIR" in failure(held.reference(), "layer 1 has 1.2 EB, and .* has room for").hint

    def test_no_place_for_temporary_files(self, held: FakeRegistry, monkeypatch: pytest.MonkeyPatch) -> None:
        """A missing temporary directory is named in the error."""
        monkeypatch.setattr(tempfile, "tempdir", "/nowhere/at/all")
        assert "TMPDIR" in failure(held.reference(), "temporary file: No such file").hint


class Body:
    """A response with a body, from any offset."""

    def __init__(self, status: int, headers: dict[str, str], body: bytes) -> None:
        self.status_code, self.headers, self._body = status, headers, body
        self.raw = self

    def stream(self, size: int, *, decode_content: bool) -> Iterator[bytes]:
        """Yields the body. See urllib3.HTTPResponse."""
        assert not decode_content
        yield from (self._body[start : start + size] for start in range(0, len(self._body), size))


@pytest.mark.parametrize("offset", [0, 3, 5])
def test_a_part_from_another_offset_starts_over(offset: int) -> None:
    """A response that does not begin at the end of the file replaces the file; it is never appended."""
    content = b"0123456789"
    budget = RetryBudget(Transfer())
    with temporary_file_for(len(content), "layer 0") as file:
        download = BlobDownload(file, digest(content), len(content), "layer 0", budget)
        with pytest.raises(Retryable):
            download.append(cast("Response", Body(200, {}, content[:5])))
        headers = {"Content-Range": f"bytes {offset}-9/10"}
        part = cast("Response", Body(206, headers, content[offset:]))
        if offset == 3:
            with pytest.raises(Retryable):
                download.append(part)
            assert download.done == 7
            return
        download.append(part)
        assert download.verified().read_at(0, 10) == content
        assert budget.transfer.done == 10
