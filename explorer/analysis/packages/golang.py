"""Go modules: the main module of a program, and those that it is built of.

The linker writes the version of Go and a list of modules into each program; ``go version -m`` prints them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Literal, NamedTuple

from explorer.analysis.packages.database_limits import check_package_count
from explorer.analysis.packages.formats import DatabaseDamaged, Found, Stated
from explorer.analysis.packages.object_file import ObjectFile
from explorer.analysis.packages.single_file import ProgramFormat

MARKER = b"\xff Go buildinf:"
_HEADER_BYTES = 32
_ALIGNMENT = 16
_IS_BIG_ENDIAN, _IS_INLINE = 1, 2
"""Flags of the header: the order of its pointers, and whether the texts follow it in their place."""
_MAX_SEARCHED_BYTES = 1 << 20
"""Limit for the search in data; the linker writes the header near the beginning."""
_MAX_TEXT_BYTES = 4 << 20
"""Limit for the list of modules; that of Kubernetes has 30 kB."""
_MAX_VARINT_BYTES = 10
_SENTINEL_BYTES = 16
"""Fixed bytes before and behind the list of modules."""
_UNKNOWN = "(devel)"
_ONE_FILE_BUILD = "command-line-arguments"
_NO_TIME = "00010101000000"
_REVISION_CHARS = 12
_REPOSITORY_PARTS = 3
"""A host, an owner and a name."""
_RELEASE = re.compile(r"v?\d+\.\d+\.\d+[-\w]*")
_VERSION_VARIABLES = (re.compile(r"\.[a-zA-Z0-9]*[vV]er(?:sion)?\Z"), re.compile(r"\.[a-zA-Z0-9]*[tT]ag\Z"))
_GO_VERSION = re.compile(r"go\d+(?:\.\d+)*\S*")


FORMAT = ProgramFormat("golang")


class _Module(NamedTuple):
    path: str
    version: str


def modules_of(path: str, program: ObjectFile) -> Stated:
    """Returns the main module, those it is built of, and the standard library.

    Raises DatabaseDamaged.
    """
    header_address = _find_header(program)
    if header_address is None:
        return ()
    go_version, listing = _texts(program, header_address)
    main, dependencies = _parse(listing)
    if not main.path:
        return ()
    check_package_count(len(dependencies))
    found = [_found(main, (path,)), *map(_found, dependencies)]
    release = go_version.partition(" ")[0]
    if _GO_VERSION.fullmatch(release):
        found.append(Found("stdlib", release))
    return tuple(dict.fromkeys(found))


def _found(module: _Module, paths: tuple[str, ...] = ()) -> Found:
    """Returns a module as a package, with the beginning of its path as namespace."""
    namespace, _, name = module.path.rstrip("/").rpartition("/")
    return Found(name, module.version, paths=paths, namespace=namespace)


def _find_header(program: ObjectFile) -> int | None:
    """Returns the address of the header in its own section, or else in the data."""
    section = program.section(".go.buildinfo") or program.section("__go_buildinfo") or program.data_segment()
    if section is None:
        return None
    searched = program.read(section, _MAX_SEARCHED_BYTES)
    place = searched.find(MARKER)
    while place >= 0 and (section.address + place) % _ALIGNMENT:
        place = searched.find(MARKER, place + 1)
    return section.address + place if place >= 0 else None


def _texts(program: ObjectFile, address: int) -> tuple[str, str]:
    """Returns the version of Go and the list of modules."""
    header = program.read_memory(address, _HEADER_BYTES)
    if len(header) < _HEADER_BYTES:
        raise DatabaseDamaged("the build information of Go is cut off")
    pointer_bytes, flags = header[14], header[15]
    if flags & _IS_INLINE:
        version, next_address = _inline_text(program, address + _HEADER_BYTES)
        listing, _ = _inline_text(program, next_address)
    else:
        pointers = _Pointers(pointer_bytes, "big" if flags & _IS_BIG_ENDIAN else "little")
        version = pointers.text(program, pointers.value(header, 16))
        listing = pointers.text(program, pointers.value(header, 16 + pointer_bytes))
    has_sentinels = len(listing) > 2 * _SENTINEL_BYTES and listing[-_SENTINEL_BYTES - 1] == ord("\n")
    modules = listing[_SENTINEL_BYTES:-_SENTINEL_BYTES] if has_sentinels else b""
    return version.decode(errors="replace"), modules.decode(errors="replace")


def _read_text(program: ObjectFile, address: int, size: int) -> bytes:
    if size > _MAX_TEXT_BYTES:
        raise DatabaseDamaged(f"the build information of Go has a text of {size:,} bytes; real ones have far fewer")
    text = program.read_memory(address, size)
    if len(text) < size:
        raise DatabaseDamaged("the build information of Go is cut off")
    return text


def _inline_text(program: ObjectFile, address: int) -> tuple[bytes, int]:
    """Returns a text that follows its length, and the address behind it."""
    size = 0
    for position, byte in enumerate(program.read_memory(address, _MAX_VARINT_BYTES)):
        size |= (byte & 0x7F) << (7 * position)
        if byte < 0x80:
            start = address + position + 1
            return _read_text(program, start, size), start + size
    raise DatabaseDamaged("the build information of Go has a length that does not end")


class _Pointers(NamedTuple):
    """The size and the order of bytes in a program before Go 1.18."""

    size: int
    order: Literal["little", "big"]

    def value(self, content: bytes, offset: int) -> int:
        """Returns a pointer or a length."""
        return int.from_bytes(content[offset : offset + self.size], self.order)

    def text(self, program: ObjectFile, address: int) -> bytes:
        """Returns the text to which Go's header of a string at an address points."""
        string = program.read_memory(address, 2 * self.size)
        return _read_text(program, self.value(string, 0), self.value(string, self.size))


def _parse(listing: str) -> tuple[_Module, list[_Module]]:
    """Returns the main module and the dependencies in a list of modules."""
    package, main, modules, settings = "", _Module("", ""), list[_Module](), dict[str, str]()
    for line in listing.split("\n"):
        word, *values = line.split("\t")
        if word == "path" and values:
            package = values[0]
        elif word == "mod" and len(values) > 1:
            main = _Module(*values[:2])
        elif word == "dep" and len(values) > 1:
            modules.append(_Module(*values[:2]))
        elif word == "=>" and len(values) > 1 and modules:
            modules[-1] = _replaced(modules[-1], _Module(*values[:2]))
        elif word == "build" and values:
            key, _, value = values[0].partition("=")
            settings[key] = value
    if not main.path or main.path == _ONE_FILE_BUILD:
        own = [module for module in modules if module.version == _UNKNOWN]
        main = own[0] if len(own) == 1 else _Module(package, _UNKNOWN)
    modules = [module for module in modules if module != main]
    if main.version == _UNKNOWN:
        main = main._replace(version=_version_from_build(main.path, settings))
    return main, [module._replace(version=module.version.replace(_UNKNOWN, "")) for module in modules]


def _replaced(module: _Module, replacement: _Module) -> _Module:
    """Returns what is built in place of a module; a directory keeps the module's name."""
    is_directory = replacement.path.startswith((".", "/"))
    return replacement._replace(path=module.path) if is_directory else replacement


def _version_from_build(module: str, settings: Mapping[str, str]) -> str:
    """Returns the version that the linker was given, or one made of the commit."""
    words = re.split(r"[\s'\"\\]+", settings.get("-ldflags", ""))
    repository = "/".join(module.split("/")[:_REPOSITORY_PARTS]) + "/"
    for variable in _VERSION_VARIABLES:
        for word in words:
            name, _, value = word.partition("=")
            is_own = re.search(r"main\.[a-zA-Z0-9]*\Z", name) or repository in name
            release = _RELEASE.match(value.rpartition("/")[2])
            if is_own and variable.search(name) and release:
                return f"v{release[0].removeprefix('v')}"
    revision, time = settings.get("vcs.revision"), settings.get("vcs.time")
    if not revision or not time:
        return ""
    return f"v0.0.0-{_digits(time)}-{revision[:_REVISION_CHARS]}"


def _digits(time: str) -> str:
    """Returns a time as versions of Go have it."""
    try:
        return datetime.fromisoformat(time).astimezone(UTC).strftime("%Y%m%d%H%M%S")
    except (ValueError, OverflowError):
        return _NO_TIME
