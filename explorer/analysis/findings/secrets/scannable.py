"""Files that may hold secrets, by their names and by how they begin."""

from __future__ import annotations

import re

from explorer.model import Entry, Kind

MIN_SECRET_BYTES = 8
"""The shortest content that can hold a secret with its name."""
_MAX_BINARY_BYTES = 4 << 20
"""Larger files with zeros at their start are models, databases and images of disks, which take long and tell little."""
_HEAD_BYTES = 4096
_FILE = Kind.FILE
_IMAGES = ("png", "jpg", "jpeg", "gif", "ico", "webp", "bmp", "tif", "tiff", "psd", "xcf", "icns", "heic")
_SOUNDS = ("mp3", "mp4", "ogg", "oga", "ogv", "wav", "flac", "avi", "mkv", "mov", "webm", "m4a")
_FONTS = ("ttf", "ttc", "otf", "woff", "woff2", "eot", "pfb", "pcf")
_PROGRAMS = ("so", "a", "o", "ko", "dll", "dylib", "exe", "lib", "pdb", "node", "wasm", "class")
_ARCHIVES = ("gz", "tgz", "xz", "txz", "bz2", "tbz2", "zst", "lz4", "lzma", "br", "zip", "7z", "rar", "squashfs", "iso")
_PACKAGES = ("jar", "war", "ear", "whl", "egg", "deb", "rpm", "apk", "gem", "nupkg", "crate")
_NUMBERS = ("mo", "gmo", "mmdb", "safetensors", "onnx", "pt", "pth", "gguf", "npy", "npz", "parquet", "h5", "tflite")
_ENDINGS = tuple(
    f".{ending}"
    for endings in (_IMAGES, _SOUNDS, _FONTS, _PROGRAMS, _ARCHIVES, _PACKAGES, _NUMBERS)
    for ending in endings
)
"""Endings of files whose text is compressed or which have none."""
_LIBRARY = re.compile(r"\.so\.[\d.]+$")
_PUBLIC = re.compile(
    r"(?:^|/)(?:var/lib/(?:apt/lists|dpkg/(?:info|triggers|status|available|diversions|alternatives))|var/cache/(?:apt|debconf/templates)"
    r"|(?:usr/)?lib/apk/db|etc/apk/keys|var/lib/rpm|usr/lib/sysimage/rpm|usr/share/(?:zoneinfo|i18n|locale|fonts|icons|mime|terminfo)"
    r"|node_modules/(?:@[^/]+/)?[^/.@][^/]*|ruby/(?:\w+/)*[\d.]+/gems/[^/]+|gems/[^/]+-\d[^/]*|pkg/mod/[^/]+|usr/local/go"
    r"|\.cargo/registry|\.rustup/toolchains)/"
    r"|\.dist-info/(?:RECORD|METADATA)$"
)
"""Directories of public copies: lists of packages, and packages of kinds that have no checksums of their files.

Packages of npm, gem, Go and Cargo bring keys of their tests, which are in every registry's copy of them.
"""
_MAGICS = (
    b"\x7fELF",
    b"MZ",
    b"\xfe\xed\xfa",
    b"\xcf\xfa\xed\xfe",
    b"\xca\xfe\xba\xbe",
    b"\0asm",
    b"!<arch>\n",
    b"\x1f\x8b",
    b"\xfd7zXZ",
    b"BZh",
    b"\x28\xb5\x2f\xfd",
    b"PK\x03\x04",
    b"7z\xbc\xaf",
    b"\x89PNG",
    b"\xff\xd8\xff",
    b"GIF8",
    b"%PDF-",
)
"""The beginnings of machine code, and of compressed files."""


def is_scannable(entry: Entry) -> bool:
    """True if a file may hold secrets, as far as its name and its size tell."""
    path = entry.path
    return (
        entry.kind is _FILE
        and entry.size >= MIN_SECRET_BYTES
        and not path.endswith(_ENDINGS)
        and not _PUBLIC.search(path)
        and not _LIBRARY.search(path)
    )


def is_binary(head: bytes, size: int) -> bool:
    """True if a file that begins like this has no text to scan."""
    return head.startswith(_MAGICS) or (size > _MAX_BINARY_BYTES and b"\0" in head[:_HEAD_BYTES])
