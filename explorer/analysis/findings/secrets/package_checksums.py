"""Checksums that packages state of their own files.

A layer that installs a package also ships its checksums: those of dpkg are in ``NAME.md5sums`` and in ``status``, those
of apk and rpm in the database, those of Python in RECORD, those of conda in a file of each package.

Files that only look like these vouch for nothing: dpkg's ``status`` must name the package, METADATA must lie beside
RECORD, and packages of Python and conda own nothing outside of their environment.
"""

from __future__ import annotations

import base64
import csv
import hashlib
import io
import re
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import suppress

from explorer.analysis.packages import rpm
from explorer.analysis.packages.database_limits import check_path_count
from explorer.analysis.packages.formats import DatabaseDamaged
from explorer.analysis.packages.json_objects import parse_object
from explorer.analysis.packages.owned_paths import image_path, parent_of

MAX_FILE_BYTES = 128 << 20
_MAX_JSON_BYTES = 32 << 20
_ALGORITHMS = {16: "md5", 20: "sha1", 32: "sha256", 48: "sha384", 64: "sha512"}
"""Bytes of a digest to its algorithm."""
_DPKG = re.compile(r"((?:.*/)?)var/lib/dpkg/(?:status|(info|status\.d)/([^/:]+)(?::[^/]*)?\.md5sums)", re.DOTALL)
_APK = re.compile(r"((?:.*?/)??)(?:usr/)?lib/apk/db/installed", re.DOTALL)
_CONDA = re.compile(r"(?:(.*)/)?conda-meta/[^/]+\.json", re.DOTALL)
_RECORD = ".dist-info/RECORD"
_PYTHON = re.compile(r"(.+)/(?:lib\w*/(?:python|pypy)[^/]*|Lib)/(?:site|dist)-packages")
"""The directory of an environment's packages, in a virtual environment or a prefix such as ``usr/local``."""
_PYTHON_PLACES = ("bin", "etc", "include", "lib", "share")
"""The directories of an environment that packages install files into."""
_OWN_CODE = "/direct_url.json"
"""pip leaves it beside RECORD if a package comes from no index, but from a directory, a file or a repository."""
_MD5_LINE = re.compile(rb"^([0-9a-f]{32})  (.+)$", re.MULTILINE)
_PACKAGE_LINE = re.compile(rb"^Package: *([^\s]+)", re.MULTILINE)
_CONFFILE_LINE = re.compile(rb"^ (/.+?) ([0-9a-f]{32})(?: .*)?$", re.MULTILINE)
_APK_LINE = re.compile(rb"^([FRZ]):(.*)$", re.MULTILINE)
_MERGED_INTO_USR = re.compile(r"(?:bin|sbin|lib\w*)/")
_BYTECODE = re.compile(r"((?:.*/)?)__pycache__/([^/]+?)\.[^/]+\.pyc", re.DOTALL)

_Stated = Iterator[tuple[str | None, str | bytes]]
"""Paths with their digests, as hexadecimal digits or as bytes."""


class PackageChecksums:
    """The checksums that the packages of a layer state of its files."""

    def __init__(self, paths: Collection[str]) -> None:
        """Creates an empty list; checksums of other paths are dropped."""
        self._paths = paths
        self._digests: dict[str, tuple[bytes, str]] = {}
        """Path to its digest, and to the package that ``status`` of dpkg must name, if there is one."""
        self._dpkg_packages: set[str] = set()

    def add(self, path: str, content: bytes) -> None:
        """Adds the checksums that a file states; a damaged file states fewer."""
        dpkg = _DPKG.fullmatch(path)
        if dpkg and not dpkg[2]:
            self._dpkg_packages.update(f"{dpkg[1]}:{_text(line[1])}" for line in _PACKAGE_LINE.finditer(content))
        package = f"{dpkg[1]}:{dpkg[3]}" if dpkg and dpkg[2] == "info" else ""
        with suppress(DatabaseDamaged, ValueError, LookupError, TypeError, AttributeError, csv.Error):
            for count, (stated, digest) in enumerate(_stated(path, content), 1):
                check_path_count(count)
                for name in _names(stated):
                    if name in self._paths:
                        found = digest if isinstance(digest, bytes) else bytes.fromhex(digest)
                        self._digests[name] = (found, package)

    def digest_of(self, path: str) -> bytes:
        """Returns the checksum that a package states of a file; empty if none does."""
        digest, package = self._digests.get(path, (b"", ""))
        return digest if len(digest) in _ALGORITHMS and (not package or package in self._dpkg_packages) else b""

    def is_unchanged(self, path: str, pieces: Iterable[bytes | memoryview]) -> bool:
        """True if a file has the content that its package states."""
        digest = self.digest_of(path)
        if not digest:
            return False
        hash_ = hashlib.new(_ALGORITHMS[len(digest)], usedforsecurity=False)
        for piece in pieces:
            hash_.update(piece)
        return hash_.digest() == digest


def source_of(path: str) -> str:
    """Returns the source that bytecode of Python was made from; empty for other files."""
    bytecode = _BYTECODE.fullmatch(path) if path.endswith(".pyc") else None
    return f"{bytecode[1]}{bytecode[2]}.py" if bytecode else ""


def checksum_files(paths: Collection[str]) -> list[str]:
    """Returns the files that state checksums, of all files of a layer."""
    own_code = {parent_of(path) for path in paths if path.endswith(_OWN_CODE)}
    return [path for path in paths if _reader(path) and parent_of(path) not in own_code and _is_of_package(path, paths)]


def _is_of_package(path: str, paths: Collection[str]) -> bool:
    """True if a package lies beside a file of checksums that does not name it."""
    if path.endswith(_RECORD):
        return f"{parent_of(path)}/METADATA" in paths
    return "/status.d/" not in path or path.removesuffix(".md5sums") in paths


def _reader(path: str) -> Callable[[str, bytes], _Stated] | None:
    if path.endswith((".md5sums", "/status")):
        return _of_dpkg if _DPKG.fullmatch(path) else None
    if path.endswith(_RECORD):
        return _of_python
    if path.endswith("lib/apk/db/installed"):
        return _of_apk if _APK.fullmatch(path) else None
    if path.endswith(".json"):
        return _of_conda if _CONDA.fullmatch(path) else None
    return rpm.file_digests if rpm.FORMAT.matches(path) else None


def _stated(path: str, content: bytes) -> _Stated:
    reader = _reader(path)
    if reader:
        yield from reader(path, content)


def _names(path: str | None) -> Iterable[str]:
    """Returns the paths that a stated one may have in a layer."""
    if not path:
        return ()
    # Packages still state these, although the directories are links now.
    return (path, f"usr/{path}") if _MERGED_INTO_USR.match(path) else (path,)


def _of_dpkg(path: str, content: bytes) -> _Stated:
    match = _DPKG.fullmatch(path)
    root = match[1] if match else ""
    if path.endswith("status"):
        for line in _CONFFILE_LINE.finditer(content):
            yield root + _text(line[1]).lstrip("/"), _text(line[2])
    else:
        for line in _MD5_LINE.finditer(content):
            yield root + _text(line[2]).lstrip("/"), _text(line[1])


def _of_apk(path: str, content: bytes) -> _Stated:
    match = _APK.fullmatch(path)
    root, directory, file = match[1] if match else "", "", ""
    for line in _APK_LINE.finditer(content):
        if line[1] == b"F":
            directory = _text(line[2])
        elif line[1] == b"R":
            file = f"{root}{directory}/{_text(line[2])}".lstrip("/")
        elif line[2].startswith(b"Q1"):
            yield file, base64.b64decode(line[2][2:])


def _of_python(path: str, content: bytes) -> _Stated:
    root = parent_of(parent_of(path))
    for row in csv.reader(io.StringIO(content.decode(errors="surrogateescape"), newline="")):
        algorithm, _, digest = row[1].partition("=") if len(row) > 1 else ("", "", "")
        if algorithm in _ALGORITHMS.values():
            yield _in_environment(root, row[0]), base64.urlsafe_b64decode(digest + "=" * (-len(digest) % 4))


def _in_environment(root: str, stated: str) -> str | None:
    """Returns the path of a file that a package of Python states.

    It lies beside the package, or where the packages of its environment install files.
    """
    path = image_path(root, stated)
    environment = _PYTHON.fullmatch(root)
    places = (root, *(f"{environment[1]}/{place}" for place in _PYTHON_PLACES)) if environment else (root,)
    return path if any(_below(place, path) for place in places) else None


def _below(directory: str, path: str | None) -> str | None:
    """Returns a path if it lies below a directory."""
    return path if path is not None and (not directory or path.startswith(f"{directory}/")) else None


def _of_conda(path: str, content: bytes) -> _Stated:
    environment = parent_of(parent_of(path))
    for file in parse_object(content, _MAX_JSON_BYTES)["paths_data"]["paths"]:
        yield (
            _below(environment, image_path(environment, file["_path"])),
            file.get("sha256_in_prefix") or file["sha256"],
        )


def _text(stated: bytes) -> str:
    return stated.decode("utf-8", "surrogateescape")
