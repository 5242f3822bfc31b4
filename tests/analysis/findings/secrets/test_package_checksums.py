"""Files that packages own unchanged, by the checksums of each kind of packages."""

from __future__ import annotations

import base64
import hashlib
import json
from pathlib import Path

import pytest

from explorer.analysis.findings.secrets.package_checksums import PackageChecksums, checksum_files
from tests.analysis.findings.secrets.made_secrets import TOKEN, WITH_TOKEN, fates
from tests.analysis.packages.rpm_files import BASENAMES, DIRECTORIES, DIRECTORY_NUMBERS, NAME, Value, header, ndb
from tests.images import explored_layers, file, layer

CONTENT = WITH_TOKEN
MD5 = hashlib.md5(CONTENT).hexdigest()
SHA1 = base64.b64encode(hashlib.sha1(CONTENT).digest()).decode()
SHA256 = hashlib.sha256(CONTENT).hexdigest()
RECORD = f"shop/conf.py,sha256={base64.urlsafe_b64encode(bytes.fromhex(SHA256)).decode().rstrip('=')},9\n"
RPM: dict[int, Value] = {NAME: "shop", BASENAMES: ["conf"], DIRECTORY_NUMBERS: [0], DIRECTORIES: ["/etc/shop/"]}
CONDA = {"name": "shop", "paths_data": {"paths": [{"_path": "etc/conf", "sha256": "0", "sha256_in_prefix": SHA256}]}}
DATABASES = [
    ("var/lib/dpkg/info/shop.md5sums", f"{MD5}  etc/conf\n", "etc/conf"),
    ("var/lib/dpkg/status.d/shop.md5sums", f"{MD5}  etc/conf\n", "etc/conf"),
    ("var/lib/dpkg/info/shop.md5sums", f"{MD5}  lib/shop/conf\n", "usr/lib/shop/conf"),
    ("root/var/lib/dpkg/info/shop.md5sums", f"{MD5}  etc/conf\n", "root/etc/conf"),
    ("var/lib/dpkg/status", f"Package: shop\nConffiles:\n /etc/a b {MD5} obsolete\n", "etc/a b"),
    ("lib/apk/db/installed", f"P:shop\nF:etc\nR:conf\nZ:Q1{SHA1}\n\n", "etc/conf"),
    ("srv/site-packages/shop-1.dist-info/RECORD", RECORD, "srv/site-packages/shop/conf.py"),
    ("opt/conda/conda-meta/shop.json", json.dumps(CONDA), "opt/conda/etc/conf"),
]


@pytest.mark.parametrize(("database", "stated", "path"), DATABASES)
def test_a_file_that_its_package_owns_unchanged_is_not_searched(
    tmp_path: Path, database: str, stated: str, path: str
) -> None:
    """It is a copy of a public file; once changed, it is searched."""
    installed = file(database, stated.encode())
    assert fates(explored_layers(tmp_path, layer(file(path, CONTENT), installed))) == []
    changed = file(path, CONTENT + b"\n")
    assert fates(explored_layers(tmp_path, layer(changed, installed))) == [(path, 1, 0, None)]


@pytest.mark.parametrize(("algorithm", "digest"), [(8, SHA256), (None, MD5)])
def test_packages_of_rpm_state_checksums(algorithm: int | None, digest: str) -> None:
    """Old packages have MD5, others SHA-256."""
    content = ndb([header({**RPM, 1035: [digest], **({} if algorithm is None else {5011: [algorithm]})})])
    checksums = PackageChecksums({"etc/shop/conf"})
    checksums.add("var/lib/rpm/Packages.db", content)
    assert checksums.is_unchanged("etc/shop/conf", [CONTENT])
    assert not checksums.is_unchanged("etc/shop/conf", [CONTENT, b"x"])


def test_bytecode_belongs_to_the_package_of_its_source(tmp_path: Path) -> None:
    """Python writes it, so no package states its checksum."""
    bytecode = file("srv/site-packages/shop/__pycache__/conf.cpython-311.pyc", CONTENT)
    record = file("srv/site-packages/shop-1.dist-info/RECORD", RECORD.encode())
    source = file("srv/site-packages/shop/conf.py", CONTENT)
    assert fates(explored_layers(tmp_path, layer(source, bytecode, record))) == []
    assert fates(explored_layers(tmp_path, layer(bytecode))) == [(bytecode.name, 1, 0, None)]


def test_a_package_of_ones_own_code_is_searched() -> None:
    """A package that comes from a directory is no copy of a public one."""
    own = "srv/site-packages/shop-1.dist-info"
    other = "srv/site-packages/six-1.dist-info"
    paths = [f"{own}/RECORD", f"{own}/direct_url.json", f"{other}/RECORD", "srv/readme"]
    assert checksum_files(paths) == [f"{other}/RECORD"]


@pytest.mark.parametrize(
    ("path", "content"),
    [
        ("var/lib/dpkg/info/x.md5sums", b"\xff  a\n" + b"0" * 32 + b"\n" + b"0" * 31 + b"g  etc/conf\n"),
        ("lib/apk/db/installed", b"Z:Q1===\nR:\nF:etc\nR:conf\nZ:Q1!\n"),
        ("a.dist-info/RECORD", b'etc/conf\n"etc/conf,sha256=\0\netc/conf,sha256=!!\n'),
        ("conda-meta/a.json", b'{"paths_data": {"paths": [3]}}'),
        ("conda-meta/a.json", b"[" * 100_000),
        ("var/lib/rpm/Packages.db", b"RpmP" + b"\0" * 100),
        ("var/lib/rpm/rpmdb.sqlite", b"SQLite format 3\0"),
        ("var/lib/rpm/Packages", b""),
    ],
)
def test_a_damaged_database_states_no_checksums(path: str, content: bytes) -> None:
    """The files of its packages are searched like others."""
    checksums = PackageChecksums({"etc/conf"})
    checksums.add(path, content)
    assert not checksums.is_unchanged("etc/conf", [CONTENT])


def test_checksums_of_files_that_a_layer_lacks_take_no_memory() -> None:
    """A database lists the files of all layers."""
    checksums = PackageChecksums({"etc/conf"})
    checksums.add("var/lib/dpkg/info/a.md5sums", b"".join(b"%032x  usr/%d\n" % (at, at) for at in range(1000)))
    assert not vars(checksums)["_digests"]


def test_the_text_of_a_secret_is_a_secret() -> None:
    """The tests above would say nothing otherwise."""
    assert TOKEN.encode() in CONTENT
