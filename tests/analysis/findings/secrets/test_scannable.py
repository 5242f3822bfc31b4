"""Files that are searched for secrets, and files that are not."""

from __future__ import annotations

import pytest

from explorer.analysis.findings.secrets.scannable import is_scannable, is_unreadable
from explorer.layers.tree import DEFAULT_DIRECTORY
from explorer.model import Kind


def is_searched(path: str, size: int = 100) -> bool:
    """True if a file of this path is searched."""
    return is_scannable(DEFAULT_DIRECTORY._replace(path=path, kind=Kind.FILE, size=size))


@pytest.mark.parametrize(
    "path",
    [
        "app/.env",
        "app/config.json",
        "app/server",
        "root/.ssh/id_rsa",
        "etc/ssl/private/shop.pem",
        "srv/node_modules/.env",
        "srv/node_modules/.cache/x",
        "srv/node_modules/shop/.env",
        "srv/node_modules/@shop/web/.env.production",
        "srv/node_modules/shop/.npmrc",
        "home/me/.npmrc",
        "var/lib/dpkg/statusx",
        "app/gems/readme",
        "app/x.pyc",
        "app/libx.so.conf",
    ],
)
def test_texts_and_programs_are_searched(path: str) -> None:
    """Files of an application, of a user and of the system."""
    assert is_searched(path)


@pytest.mark.parametrize(
    "path",
    [
        "app/logo.png",
        "usr/share/fonts/a.ttf",
        "usr/lib/libssl.so.3",
        "app/native.node",
        "app/shop.jar",
        "var/lib/dpkg/status",
        "rootfs/var/lib/dpkg/status-old",
        "var/lib/dpkg/info/x.md5sums",
        "srv/node_modules/x/test/key.pem",
        "srv/node_modules/x/index.env.js",
        "srv/node_modules/@a/x/test/key.pem",
        "usr/local/lib/ruby/gems/3.2.0/gems/rack-3.0/test/key.pem",
        "go/pkg/mod/x@v1/key.pem",
        "a.dist-info/RECORD",
    ],
)
def test_public_and_compressed_files_are_not_searched(path: str) -> None:
    """Images, fonts, libraries, archives, databases of packages, and packages without checksums."""
    assert not is_searched(path)


def test_empty_files_are_not_searched() -> None:
    """A secret has a few bytes."""
    assert not is_searched("app/.env", 0)


@pytest.mark.parametrize(
    ("head", "size", "is_left_out"),
    [
        (b"\x1f\x8b\x08" + bytes(9), 100, True),
        (b"PK\x03\x04\x14\0\0\0\x08\0", 100, True),
        (b"PK\x03\x04 TOKEN=x", 100, False),
        (b"BZh91AY&SY\x1f\x10", 100, True),
        (b"BZhello\nTOKEN=x", 100, False),
        (b"BZhello\nTOKEN=\xc3\xa9", 100, False),
        (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n", 100, True),
        (b"\x7fELF\0\0", 100, False),
        (b"\x7fELF\0\0", 100 << 20, True),
        (b"a text", 100 << 20, False),
    ],
)
def test_the_beginning_of_a_file_tells_if_it_can_be_read(head: bytes, size: int, is_left_out: bool) -> None:
    """Compressed files hold no text, and large files with zeros are models and databases."""
    assert is_unreadable(head, size) is is_left_out
