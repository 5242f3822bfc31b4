"""The distribution of an image, in the package URLs of its packages."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from explorer.analysis.packages.formats import Found
from explorer.analysis.packages.os_release import FORMAT
from explorer.analysis.packages.package_filter import package_test
from tests.analysis.packages.made_databases import dpkg_status
from tests.images import explored_layers, file, layer, symlink

if TYPE_CHECKING:
    from pathlib import Path

DEBIAN = file("usr/lib/os-release", b'PRETTY_NAME="Debian 12"\nVERSION_ID="12"\nID=debian\n')


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (b'ID=alpine\nVERSION_ID=3.20.1\nNAME="x"\n', ("alpine", "3.20.1")),
        (b"ID='arch'\n", ("arch", "")),
        (b"VERSION_ID=5\n", None),
        (b"ID=\x1b[31m\n", None),
        (b"ID=" + b"x" * 200, None),
        (b"", None),
    ],
)
def test_fields(text: bytes, expected: tuple[str, str] | None) -> None:
    """The fields ID and VERSION_ID count, with and without quotes; what is no word does not."""
    stated = FORMAT.parse("etc/os-release", text)
    assert stated == ((Found(*expected),) if expected else ())


def test_package_urls_have_the_distribution(tmp_path: Path) -> None:
    """Packages of the system are of the distribution of their layer, which is a part of their URLs."""
    image = explored_layers(
        tmp_path,
        layer(dpkg_status({"bash": "5"}), DEBIAN, symlink("etc/os-release", "../usr/lib/os-release")),
        layer(dpkg_status({"bash": "5", "vim": "9"}), file("usr/lib/os-release", b"ID=ubuntu\n")),
        layer(file("node_modules/x/package.json", b'{"name": "x", "version": "1"}')),
    )
    packages = {usage.package.name: usage.package for usage in image.packages.usages if usage.package}
    assert packages["bash"].purl == "pkg:deb/debian/bash@5?arch=amd64&distro=debian-12"
    assert packages["vim"].purl == "pkg:deb/ubuntu/vim@9?arch=amd64&distro=ubuntu"
    assert packages["x"].purl == "pkg:npm/x@1"
    assert packages["bash"].full_name == "bash"
    for pattern in ("pkg:deb/bash", "pkg:deb/debian/bash@5", "pkg:deb/debian/*", packages["bash"].purl):
        assert package_test(pattern)(packages["bash"]), pattern
    assert not package_test("pkg:deb/ubuntu/*")(packages["bash"])
