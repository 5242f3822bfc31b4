"""The table of all kinds of files.

The first kind that matches a path counts: disposable ones, then those that a name or a place tells.
"""

from __future__ import annotations

from typing import NamedTuple

from explorer.analysis.disposables.kinds import KINDS
from explorer.text.suggestions import nearest

OTHER = "other"
EXECUTABLES = "executables"
SHARED_LIBRARIES = "shared_libraries"


class FileKind(NamedTuple):
    """A kind of files."""

    name: str
    endings: str = ""
    """The endings of their names, in small letters, between spaces."""
    directories: str = ""
    """The regular expression of the beginnings of their paths."""
    title: str = ""
    """The change that keeps them out, in a few words; empty if they are needed."""
    do: str = ""
    """The same as advice: a template for ``sentence``."""


_NAMED_KINDS = {
    "debug_symbols": FileKind(
        "debug symbols",
        "debug dwo dwp dwz pdb dbg",
        r"usr/lib/debug/|(?:.+/)?\.debug/",
        "Leave debug symbols out",
        "Remove the `-dbg` and `-debuginfo` packages, or build without them: `strip`, `-s`, `--strip-debug`.",
    ),
    "source_maps": FileKind(
        "source maps",
        "map",
        "",
        "Build without source maps",
        "Switch them off in the settings of the build, or delete them in the RUN that makes them.",
    ),
    "package_metadata": FileKind(
        "metadata of packages", "", r"(?:.+/)?[^/]+\.(?:dist|egg)-info/|(?:.+/)?conda-meta/|usr/share/apk/"
    ),
    "time_zones": FileKind("time zones", "", "usr/share/zoneinfo/"),
    "kernel": FileKind("kernel and firmware", "ko", "(?:usr/)?lib/(?:modules|firmware)/|boot/"),
    "locales": FileKind(KINDS["locales"].name, "mo po qm", "usr/lib/locale/"),
    "fonts": FileKind("fonts", "ttf otf ttc woff woff2 eot pfb pfa pcf afm", "usr/(?:local/)?share/fonts/"),
    "images": FileKind(
        "images and icons",
        "png jpg jpeg gif svg svgz ico webp xpm bmp tif tiff icns avif",
        r"usr/(?:local/)?share/(?:icons|pixmaps)/",
    ),
    "certificates": FileKind(
        "certificates and keys", "pem crt cer der p12 pfx jks key", "etc/ssl/|etc/pki/|usr/share/ca-certificates/"
    ),
    SHARED_LIBRARIES: FileKind("shared libraries", "so dll dylib"),
    "python_sources": FileKind("Python sources", "py pyi pyx pxd pth"),
    "bytecode": FileKind(KINDS["bytecode"].name, "pyc pyo"),
    "javascript": FileKind("JavaScript and TypeScript", "js mjs cjs jsx ts mts cts tsx vue"),
    "java": FileKind("Java archives and classes", "jar war ear class jmod jsa"),
    "scripts": FileKind("scripts of other languages", "pl pm rb php lua tcl r sh bash zsh fish awk el elc ps1 bat"),
    "compiled_sources": FileKind("sources of compiled languages", "c cc cpp cxx h hh hpp hxx inc rs go java s f f90"),
    "object_files": FileKind("object files", "o a lo la obj lib rlib"),
    "archives": FileKind("archives and packages", "zip tar gz tgz xz bz2 zst 7z rar whl deb rpm apk gem crate conda"),
    "media": FileKind("audio and video", "mp3 wav ogg flac m4a mp4 webm avi mov mkv"),
    "models": FileKind(
        "models and arrays",
        "pt onnx safetensors gguf h5 hdf5 pb tflite ckpt joblib pkl pickle npz npy caffemodel",
    ),
    "tables": FileKind("tables and databases", "csv tsv parquet feather arrow sqlite sqlite3 db mdb lmdb"),
    "texts": FileKind("texts and web pages", "md rst txt html htm css scss less pdf"),
    "configuration": FileKind(
        "configuration, JSON and XML", "json yaml yml toml ini cfg conf cnf xml xsd dtd xsl properties desktop", "etc/"
    ),
    EXECUTABLES: FileKind("executables", "exe"),
}

FILE_KINDS = {
    **{key: FileKind(kind.name, title=kind.remedy.title, do=kind.remedy.do) for key, kind in KINDS.items()},
    **{key: kind for key, kind in _NAMED_KINDS.items() if key not in KINDS},
    OTHER: FileKind("other files"),
}
"""Key to kind, in the order of the table."""
KIND_OF_ENDING = {ending: key for key, kind in _NAMED_KINDS.items() for ending in kind.endings.split()}
NAMED_DIRECTORIES = {key: kind.directories for key, kind in _NAMED_KINDS.items() if kind.directories}


def kind_named(words: str) -> str | None:
    """Returns the key of the kind that a key or a name in words means.

    Blanks, ``-`` and ``_`` are the same.
    """
    wanted = filter_word(words)
    return next((key for key, kind in FILE_KINDS.items() if wanted in (filter_word(key), filter_word(kind.name))), None)


def similar_kind(words: str) -> str | None:
    """Returns the word of the filter for the kind whose name is most like a text."""
    similar = nearest(
        filter_word(words), (filter_word(name) for key in FILE_KINDS for name in (key, FILE_KINDS[key].name))
    )
    kind = kind_named(similar) if similar else None
    return filter_word(kind) if kind else None


def filter_word(words: str) -> str:
    """Returns a key or a name as one word of the filter."""
    return "-".join(words.lower().replace("_", " ").replace("-", " ").replace(",", "").split())
