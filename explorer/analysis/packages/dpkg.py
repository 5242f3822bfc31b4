"""dpkg: the packages of Debian, Ubuntu and distroless images.

``status`` states the packages, ``info/NAME.list`` the paths of one, and ``diversions`` the files that dpkg installs at
another path. Distroless images have one file a package in ``status.d``, and its paths in ``NAME.md5sums`` beside it.

Source: dpkg's manual pages deb822(5), dpkg-query(1) and dpkg-divert(1).
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping

from explorer.analysis.packages.database_limits import MAX_NAME_CHARS, check_package_count, check_path_count
from explorer.analysis.packages.formats import Found, Stated
from explorer.analysis.packages.owned_paths import image_path, image_paths

_FILE = re.compile(r"((?:.*/)?)var/lib/dpkg/(status|status\.d/[^/]+|diversions|info/[^/]+\.(?:list|md5sums))")
_LISTS = (".list", ".md5sums")
_NOT_STANZAS = re.compile(r".+\.(?:conffiles|config|p(?:ost|re)(?:inst|rm)|shlibs|symbols|templates|triggers)")
"""The other files of a package in ``status.d``. A package's name may have a dot, too."""
_FIELD = re.compile(
    rb"\n(?:\n*(?=\n)|(Package|Status|Version|Architecture|Conffiles)[ \t]*:[ \t]*+(.*+(?:\n[ \t].*+)*+))",
    re.IGNORECASE,
)
"""One of the fields that matter, or, without groups, the end of a stanza.

It never goes back, because that takes memory for each line of a field.
"""
_ABSENT = ("not-installed", "config-files")
"""States of packages whose files are gone. In all other states, such as half-configured, the files are there."""


class _Dpkg:
    """Reads the status, the lists of files and the diversions."""

    kind = "deb"

    def matches(self, path: str) -> bool:
        if "var/lib/dpkg/" not in path:
            return False
        return _FILE.fullmatch(path) is not None and not _NOT_STANZAS.fullmatch(path)

    def parse(self, path: str, content: bytes) -> Stated:
        root, name = _split(path)
        if name == "diversions":
            return tuple(_diversions(root, content))
        if name.endswith(_LISTS):
            package, _, architecture = name.rpartition("/")[2].rpartition(".")[0].partition(":")
            return (Found(package, architecture=architecture, paths=_listed_paths(root, name, content)),)
        return tuple(_stanzas(root, content))

    def join(self, files: Mapping[str, Stated]) -> Iterator[Found]:
        roots: defaultdict[str, dict[str, Stated]] = defaultdict(dict)
        for path, found in files.items():
            root, name = _split(path)
            roots[root][name] = found
        for names in roots.values():
            diversions = {found.paths[0]: found for found in names.get("diversions", ())}
            for package, paths in _packages(names):
                yield package._replace(paths=_installed_paths(package, paths, diversions))


FORMAT = _Dpkg()


def _split(path: str) -> tuple[str, str]:
    """Returns a database's root, with a slash at the end, and the file's name in it."""
    match = _FILE.fullmatch(path)
    assert match is not None  # noqa: S101 -- only paths that match arrive here
    return match[1], match[2]


def _stanzas(root: str, content: bytes) -> Iterator[Found]:
    stanza_count = path_count = 0
    fields: dict[bytes, bytes] = {}
    for match in _FIELD.finditer(b"".join((b"\n", content, b"\n\n"))):
        if match[1]:
            fields.setdefault(match[1].lower(), match[2])
            continue
        stanza_count += 1
        check_package_count(stanza_count)
        path_count += fields.get(b"conffiles", b"").count(b"\n")
        check_path_count(path_count)
        if package := _package(root, fields):
            yield package
        fields = {}


def _package(root: str, fields: Mapping[bytes, bytes]) -> Found | None:
    name, status, version, architecture = (
        fields.get(field, b"").partition(b"\n")[0][:MAX_NAME_CHARS].decode("utf-8", "surrogateescape").strip()
        for field in (b"package", b"status", b"version", b"architecture")
    )
    # The stanzas of distroless images have no status.
    state = status.split()[-1] if status else "installed"
    if not name or state in _ABSENT:
        return None
    # A line has the path, the checksum and, for some, a word. Those to remove are not shipped.
    conffiles = fields.get(b"conffiles", b"").decode("utf-8", "surrogateescape").split("\n")
    lines = (line.split() for line in conffiles)
    paths = [words[0] for words in lines if words and words[-1] != "remove-on-upgrade"]
    # dpkg does not overwrite a file that the user changed, and puts the package's own beside it.
    paths += [f"{path}.dpkg-dist" for path in paths]
    return Found(name, version, architecture, image_paths(root, paths))


def _listed_paths(root: str, name: str, content: bytes) -> tuple[str, ...]:
    check_path_count(content.count(b"\n"))
    lines = content.decode("utf-8", "surrogateescape").split("\n")
    if name.endswith(".md5sums"):
        lines = [line.partition("  ")[2] for line in lines]
    return image_paths(root, lines)


def _diversions(root: str, content: bytes) -> Iterator[Found]:
    """Returns a package for each diversion: three lines with two paths and a name."""
    check_path_count(content.count(b"\n"))
    lines = content.decode("utf-8", "surrogateescape").split("\n")
    for path, other_path, package in zip(lines[::3], lines[1::3], lines[2::3], strict=False):
        if (here := image_path("", path)) and (there := image_path("", other_path)):
            yield Found(package, paths=(root + here, root + there))


def _packages(names: Mapping[str, Stated]) -> Iterator[tuple[Found, tuple[str, ...]]]:
    """Returns each package once, with the paths that a list beside it has."""
    seen = set()
    for name, found in names.items():
        if name == "diversions" or name.endswith(_LISTS):
            continue
        for package in found:
            if (key := (package.name, package.architecture)) not in seen:
                seen.add(key)
                yield package, _paths_beside(names, name, package)


def _paths_beside(names: Mapping[str, Stated], file: str, package: Found) -> tuple[str, ...]:
    # Only packages that may be installed for several architectures have one in the names of their files.
    places = [file] if file != "status" else []
    places += [f"info/{package.name}:{package.architecture}", f"info/{package.name}"]
    for ending in _LISTS:
        for place in places:
            if lists := names.get(place + ending):
                return lists[0].paths
    return ()


def _installed_paths(package: Found, paths: tuple[str, ...], diversions: Mapping[str, Found]) -> tuple[str, ...]:
    if package.paths:  # conffiles, which .md5sums lacks
        paths = tuple(dict.fromkeys((*paths, *package.paths)))
    if diversions.keys().isdisjoint(paths):
        return paths
    return tuple(_diverted(path, package, diversions) for path in paths)


def _diverted(path: str, package: Found, diversions: Mapping[str, Found]) -> str:
    """Returns the path where dpkg puts a file.

    One diversion leads to no second one, so a circle has no effect.
    """
    diversion = diversions.get(path)
    # The package of an administrator's diversion is ":", so it moves the files of all packages.
    return path if diversion is None or diversion.name == package.name else diversion.paths[1]
