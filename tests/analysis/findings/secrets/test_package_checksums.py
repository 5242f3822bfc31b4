"""Files that packages own unchanged, by the checksums of each kind of packages."""

from __future__ import annotations

import base64
import hashlib
import json
from pathlib import Path

import pytest

from explorer.analysis.findings.secrets.package_checksums import PackageChecksums, checksum_files
from explorer.pipeline import explore
from tests.analysis.findings.secrets.made_secrets import OTHER_TOKEN, TOKEN, WITH_TOKEN, fates
from tests.analysis.packages.rpm_files import BASENAMES, DIRECTORIES, DIRECTORY_NUMBERS, NAME, Value, header, ndb
from tests.images import Item, explored_layers, file, gzipped, image, layer, oci_archive, opened

CONTENT = WITH_TOKEN
MD5 = hashlib.md5(CONTENT).hexdigest()
SHA1 = base64.b64encode(hashlib.sha1(CONTENT).digest()).decode()
SHA256 = hashlib.sha256(CONTENT).hexdigest()
RECORD = f"shop/conf.py,sha256={base64.urlsafe_b64encode(bytes.fromhex(SHA256)).decode().rstrip('=')},9\n"
RPM: dict[int, Value] = {NAME: "shop", BASENAMES: ["conf"], DIRECTORY_NUMBERS: [0], DIRECTORIES: ["/etc/shop/"]}
CONDA = {"name": "shop", "paths_data": {"paths": [{"_path": "etc/conf", "sha256": "0", "sha256_in_prefix": SHA256}]}}
DATABASES = [
    ("var/lib/dpkg/info/shop.md5sums", f"{MD5}  etc/conf\n", "etc/conf"),
    ("var/lib/dpkg/info/shop:amd64.md5sums", f"{MD5}  etc/conf\n", "etc/conf"),
    (
        "usr/lib/python3.11/site-packages/shop-1.dist-info/RECORD",
        RECORD.replace("shop/", "../../../bin/"),
        "usr/bin/conf.py",
    ),
    ("var/lib/dpkg/status.d/shop.md5sums", f"{MD5}  etc/conf\n", "etc/conf"),
    ("var/lib/dpkg/info/shop.md5sums", f"{MD5}  lib/shop/conf\n", "usr/lib/shop/conf"),
    ("root/var/lib/dpkg/info/shop.md5sums", f"{MD5}  etc/conf\n", "root/etc/conf"),
    ("var/lib/dpkg/status", f"Package: shop\nConffiles:\n /etc/a b {MD5} obsolete\n", "etc/a b"),
    ("lib/apk/db/installed", f"P:shop\nF:etc\nR:conf\nZ:Q1{SHA1}\n\n", "etc/conf"),
    ("srv/site-packages/shop-1.dist-info/RECORD", RECORD, "srv/site-packages/shop/conf.py"),
    ("opt/conda/conda-meta/shop.json", json.dumps(CONDA), "opt/conda/etc/conf"),
]


def beside(database: str) -> list[Item]:
    """Returns the member that names the package of a file with checksums."""
    if database.endswith("/RECORD"):
        return [file(database.replace("RECORD", "METADATA"), b"Name: shop\n")]
    if "/status.d/" in database:
        return [file(database.removesuffix(".md5sums"), b"Package: shop\n")]
    if database.endswith(".md5sums"):
        return [file(database.rpartition("info/")[0] + "status", b"Package: shop\n")]
    return []


@pytest.mark.parametrize(("database", "stated", "path"), DATABASES)
def test_a_file_that_its_package_owns_unchanged_is_not_searched(
    tmp_path: Path, database: str, stated: str, path: str
) -> None:
    """It is a copy of a public file; once changed, it is searched."""
    installed = [file(database, stated.encode()), *beside(database)]
    assert fates(explored_layers(tmp_path, layer(file(path, CONTENT), *installed))) == []
    changed = file(path, CONTENT + b"\n")
    assert fates(explored_layers(tmp_path, layer(changed, *installed))) == [(path, 1, 0, None)]


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
    name = "srv/site-packages/shop-1.dist-info/RECORD"
    record = [file(name, RECORD.encode()), *beside(name)]
    source = file("srv/site-packages/shop/conf.py", CONTENT)
    assert fates(explored_layers(tmp_path, layer(source, bytecode, *record))) == []
    assert fates(explored_layers(tmp_path, layer(bytecode, source, *record))) == []
    path = "srv/site-packages/shop/__pycache__/conf.cpython-311.pyc"
    for others in ([], record, [source], [file("srv/site-packages/shop/conf.py", b"# changed"), *record]):
        assert (path, 1, 0, None) in fates(explored_layers(tmp_path, layer(bytecode, *others)))


def test_bytecode_of_a_source_with_copies_belongs_to_its_package(tmp_path: Path) -> None:
    """Only one of equal files is read."""
    name = "srv/site-packages/shop-1.dist-info/RECORD"
    record = [file(name, (RECORD + RECORD.replace("conf", "other")).encode()), *beside(name)]
    files = [file(f"srv/site-packages/shop/{each}.py", CONTENT) for each in ("conf", "other")]
    bytecode = file("srv/site-packages/shop/__pycache__/other.cpython-311.pyc", OTHER_TOKEN.encode())
    made = image(layer(*files, bytecode, *record))
    (tmp_path / "image.tar").write_bytes(oci_archive(made, compress=gzipped, suffix="+gzip"))
    assert fates(explore(opened(tmp_path / "image.tar"))) == []


@pytest.mark.parametrize(
    ("database", "stated", "path", "others"),
    [
        ("var/lib/dpkg/info/x.md5sums", f"{MD5}  etc/conf\n", "etc/conf", ""),
        ("var/lib/dpkg/info/x.md5sums", f"{MD5}  etc/conf\n", "etc/conf", "var/lib/dpkg/status"),
        ("var/lib/dpkg/status.d/x.md5sums", f"{MD5}  etc/conf\n", "etc/conf", ""),
        ("srv/a-1.dist-info/RECORD", RECORD, "srv/shop/conf.py", ""),
        ("srv/a-1.dist-info/RECORD", RECORD.replace("shop", "../app"), "app/conf.py", "srv/a-1.dist-info/METADATA"),
        (
            "usr/lib/python3/site-packages/a-1.dist-info/RECORD",
            RECORD.replace("shop", "../../../src"),
            "usr/src/conf.py",
            "usr/lib/python3/site-packages/a-1.dist-info/METADATA",
        ),
        ("opt/conda-meta/a.json", json.dumps(CONDA).replace("etc/", "../app/"), "app/conf", ""),
    ],
)
def test_a_file_like_one_with_checksums_vouches_for_nothing(
    tmp_path: Path, database: str, stated: str, path: str, others: str
) -> None:
    """Its package must be known, and own what lies in its environment."""
    members = [file(path, CONTENT), file(database, stated.encode())]
    if others:
        members.append(file(others, b"Package: shop\nVersion: 1\n"))
    assert fates(explored_layers(tmp_path, layer(*members))) == [(path, 1, 0, None)]


def test_a_package_of_ones_own_code_is_searched() -> None:
    """A package that comes from a directory is no copy of a public one."""
    own = "srv/site-packages/shop-1.dist-info"
    other = "srv/site-packages/six-1.dist-info"
    paths = [f"{each}/{name}" for each in (own, other) for name in ("RECORD", "METADATA")]
    paths += [f"{own}/direct_url.json", "srv/readme"]
    assert checksum_files(paths) == [f"{other}/RECORD"]


@pytest.mark.parametrize(
    ("path", "content"),
    [
        ("var/lib/dpkg/info/x.md5sums", b"\xff  a\n" + b"0" * 32 + b"\n" + b"0" * 31 + b"g  etc/conf\n"),
        ("lib/apk/db/installed", b"Z:Q1===\nR:\nF:etc\nR:conf\nZ:Q1!\n"),
        ("a.dist-info/RECORD", b'"' * 200_000),
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
