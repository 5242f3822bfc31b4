"""Places of tables: annotations of manifests, and footers of blobs."""

from __future__ import annotations

import pytest

from explorer.layers.tables.places import TableFormat, TablePlace, table_offset, table_place
from tests.images import digest
from tests.tables import ESTARGZ, ZSTD_CHUNKED

A, B = digest(b"a"), digest(b"b")
STARGZ = "containerd.io/snapshot/stargz/toc.digest"


@pytest.mark.parametrize("prefix", ["io.github.containers.zstd-chunked.", "io.containers.zstd-chunked."])
def test_both_spellings_of_zstd_chunked(prefix: str) -> None:
    """The annotations of old and of new tools name the same."""
    annotations = {f"{prefix}manifest-checksum": A, f"{prefix}manifest-position": "7:8:9:1"}
    assert table_place(annotations) == TablePlace(ZSTD_CHUNKED, A, 7, 8)


def test_estargz() -> None:
    """The annotation has the digest, and the footer the place."""
    assert table_place({STARGZ: A}) == TablePlace(ESTARGZ, A)


def test_zstd_chunked_counts_before_estargz() -> None:
    """stargz-snapshotter writes both for zstd, and only one of them has a place."""
    prefix = "io.containers.zstd-chunked."
    both = {STARGZ: B, f"{prefix}manifest-checksum": A, f"{prefix}manifest-position": "7:8:9:1"}
    place = table_place(both)
    assert place is not None
    assert place.format is TableFormat.ZSTD_CHUNKED


@pytest.mark.parametrize(
    "annotations",
    [
        None,
        [],
        {},
        {STARGZ: "md5:00"},
        {STARGZ: 5},
        {STARGZ: "sha512:" + "0" * 128},
        {"io.containers.zstd-chunked.manifest-checksum": A},
        {"io.containers.zstd-chunked.manifest-checksum": A, "io.containers.zstd-chunked.manifest-position": "1:2:3:2"},
        {"io.containers.zstd-chunked.manifest-checksum": A, "io.containers.zstd-chunked.manifest-position": "-1:2:3:1"},
        {"io.containers.zstd-chunked.manifest-checksum": 1, "io.containers.zstd-chunked.manifest-position": "1:2:3:1"},
    ],
)
def test_other_annotations_name_no_table(annotations: object) -> None:
    """Without a digest and a place that can be used there is no table."""
    assert table_place(annotations) is None


def test_only_a_whole_footer_has_an_offset() -> None:
    """The footer is exactly the empty gzip member of the specification."""
    footer = b"\x1f\x8b\x08\x04\0\0\0\0\0\xff\x1a\0SG\x16\0%016xSTARGZ\x01\0\0\xff\xff" % 0x1234 + bytes(8)
    assert table_offset(b"before" + footer) == 0x1234
    assert table_offset(footer[1:]) is None
    assert table_offset(footer.replace(b"STARGZ", b"STARGA")) is None
    assert table_offset(b"") is None
