"""Files that are searched for secrets, by their names and by how they begin.

Not searched are images, sounds, fonts, libraries of machine code, and all that is compressed: archives, also those of
Java, and packages. Programs are searched, because a build may put a token into them.
"""

from __future__ import annotations

import re

from explorer.analysis.findings.secrets.sample_paths import is_sample_path
from explorer.layers.whiteouts import PREFIX as WHITEOUT
from explorer.model import Entry, Kind

_MIN_SECRET_BYTES = 8
_MAX_BINARY_BYTES = 64 << 20
"""Larger files that are no text are models, databases and images of disks."""
_HEAD_BYTES = 4096
_IMAGES = ("png", "jpg", "jpeg", "gif", "ico", "webp", "bmp", "tif", "tiff", "psd", "xcf", "icns", "heic")
_SOUNDS = ("mp3", "mp4", "ogg", "oga", "ogv", "wav", "flac", "avi", "mkv", "mov", "webm", "m4a")
_FONTS = ("ttf", "ttc", "otf", "woff", "woff2", "eot", "pfb", "pcf")
_LIBRARIES = ("so", "a", "o", "ko", "dll", "dylib", "lib", "pdb", "node", "wasm", "class")
_ARCHIVES = ("gz", "tgz", "xz", "txz", "bz2", "tbz2", "zst", "lz4", "lzma", "br", "zip", "7z", "rar", "squashfs", "iso")
_PACKAGES = ("jar", "war", "ear", "whl", "egg", "deb", "rpm", "apk", "gem", "nupkg", "crate")
_NUMBERS = ("mo", "gmo", "mmdb", "safetensors", "onnx", "pt", "pth", "gguf", "npy", "npz", "parquet", "h5", "tflite")
_ENDINGS = tuple(
    f".{ending}"
    for endings in (_IMAGES, _SOUNDS, _FONTS, _LIBRARIES, _ARCHIVES, _PACKAGES, _NUMBERS)
    for ending in endings
)
_VERSIONED_LIBRARY = re.compile(r"\.so\.[\d.]+$")
_DATABASES = (
    r"var/lib/(?:apt/lists|dpkg/(?:info|triggers|alternatives)|rpm)/|var/lib/dpkg/(?:status|available|diversions)(?:-old)?$"
    r"|(?:usr/)?lib/apk/db/|usr/lib/sysimage/rpm/|[^/]+\.dist-info/(?:RECORD|METADATA)$"
)
"""Files of package managers, with checksums that look like secrets."""
_PACKAGES_WITHOUT_CHECKSUMS = (
    r"node_modules/(?:@[^/]++/)?[^/.@][^/]*+/|gems/(?=[^/]*-\d)[^/]++/|pkg/mod/[^/]++/|usr/local/go/|\.cargo/registry/"
    r"|\.rustup/toolchains/"
)
"""Packages of npm, gem, Go and Cargo: no checksum of a file tells if it was changed.

They bring keys and tokens of their tests and examples, which every registry's copy has.
"""
_OWN_SETTINGS = r"(?!(?:[^/]++/)*+\.(?:env(?:\.[^/]*)?|npmrc|netrc)$)"
"""Files that no published package has, so that they are the image's own."""
_UNSEARCHED = re.compile(rf"(?:^|/)(?:{_DATABASES}|(?:{_PACKAGES_WITHOUT_CHECKSUMS}){_OWN_SETTINGS})")
_ARCHIVE_ENDINGS = tuple(f".{ending}" for ending in (*_ARCHIVES, *_PACKAGES))
_ARCHIVE_MAGICS = (b"\x1f\x8b", b"\xfd7zXZ", b"BZh", b"\x28\xb5\x2f\xfd", b"PK\x03\x04", b"7z\xbc\xaf")
_OTHER_MAGICS = (
    *(b"!<arch>\n", b"\xca\xfe\xba\xbe", b"\0asm"),  # libraries
    *(b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"%PDF-"),  # images
)
_MAGIC_BYTES = 8
_CONTROLS = re.compile(rb"[\0-\x08\x0e-\x1a\x1c-\x1f]")
_MAX_CHARACTER_BYTES = 4


def is_scannable(entry: Entry) -> bool:
    """True if a file may hold secrets, as far as its name and its size tell."""
    path = entry.path
    return (
        entry.kind.has_content
        and entry.size >= _MIN_SECRET_BYTES
        and (not path.endswith(_ENDINGS) or path.rpartition("/")[2].startswith(WHITEOUT))
        and not _UNSEARCHED.search(path)
        and not _VERSIONED_LIBRARY.search(path)
    )


def is_archive(entry: Entry) -> bool:
    """True if the name of a file tells that it is an archive, which is not searched.

    Those of package managers and of documentation do not count.
    """
    path = entry.path
    return (
        path.endswith(_ARCHIVE_ENDINGS)
        and entry.kind is Kind.FILE
        and not _UNSEARCHED.search(path)
        and not is_sample_path(path)
    )


def is_unreadable(head: bytes, size: int) -> bool:
    """True if no secret can be read in a file that begins like this."""
    return is_opaque(head, size) or (head.startswith(_OTHER_MAGICS) and not _is_text(head))


def is_opaque(head: bytes, size: int) -> bool:
    """True if a file that begins like this may hold secrets that nothing can read.

    It is an archive, or no text and too large to be searched.
    """
    if size > _MAX_BINARY_BYTES and b"\0" in head[:_HEAD_BYTES]:
        return True
    return head.startswith(_ARCHIVE_MAGICS) and not _is_text(head)


def _is_text(head: bytes) -> bool:
    """True if a file is a text that only begins like an archive or an image."""
    text = head[_MAGIC_BYTES:_HEAD_BYTES]
    try:
        text.decode()
    except UnicodeDecodeError as error:
        if error.start <= len(text) - _MAX_CHARACTER_BYTES:
            return False
    return not _CONTROLS.search(text)
