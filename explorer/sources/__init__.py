"""Room 1, where images come from: a reference goes in, an Image comes out.

A source supplies only what it naturally has: identity, configuration, history, and for each layer a way to its bytes.
Nothing after this room asks where an image came from.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from explorer.errors import ImageNotFound, UnreadableImage, UsageError
from explorer.model import Image, Watcher
from explorer.text import printable

_Source = Callable[[str, str, str | None, Watcher], Image]
"""(what follows the scheme, the whole reference, platform, watcher)"""


def open_image(reference: str, platform: str | None, watcher: Watcher) -> Image:
    """The image that a reference means.

    ``platform`` is OS/ARCH[/VARIANT]. The watcher hears of slow work on the way, and may find a preview of the image.
    Raises ImageError when it cannot be found, reached or read, and UsageError when the reference makes no sense.
    """
    scheme, separator, rest = reference.partition("://")
    if not separator:
        return _open_bare(reference, platform, watcher)
    source = _SCHEMES.get(scheme)
    if source is None:
        raise UsageError(
            f"unknown kind of reference “{printable(scheme)}://”",
            f"Known are {', '.join(f'{name}://' for name in _SCHEMES)}, a path, a name in the Docker Engine, and demo.",
        )
    if not rest:
        raise UsageError(f"“{printable(reference)}” names no image", f"Say which: {scheme}://NAME")
    return source(rest, reference, platform, watcher)


def _open_bare(reference: str, platform: str | None, watcher: Watcher) -> Image:
    """``demo``, a path when there is one of that name, and else a name in the engine."""
    if not reference:
        raise UsageError("the reference is empty", "Name an image, a path, or demo.")
    if reference == "demo":
        return _demo(reference, reference, platform, watcher)
    path, _ = _split_tag(reference)
    if path.is_file():
        return _archive(reference, reference, platform, watcher)
    if path.is_dir() and ((path / "index.json").exists() or _looks_like_path(reference)):
        return _layout(reference, reference, platform, watcher)
    if _looks_like_path(reference):
        raise ImageNotFound(
            f"there is no file {printable(reference)}", "Name an archive, an OCI layout directory, or an image."
        )
    return _docker(reference, reference, platform, watcher)


def _looks_like_path(reference: str) -> bool:
    return (
        reference.startswith(("/", "./", "../", "~"))
        or reference in (".", "..")
        or reference.endswith((".tar", ".tgz", ".gz", ".zst"))
    )


def _split_tag(reference: str) -> tuple[Path, str | None]:
    """PATH or PATH:TAG: the longest part that exists is the path."""
    path = Path(reference).expanduser()
    if path.exists():
        return path, None
    for position in (i for i in range(len(reference) - 1, 0, -1) if reference[i] == ":"):
        shorter = Path(reference[:position]).expanduser()
        if shorter.exists():
            return shorter, reference[position + 1 :]
    return path, None


def _demo(_rest: str, reference: str, _platform: str | None, watcher: Watcher) -> Image:
    from explorer.sources.demo import open_demo

    return open_demo(reference, watcher)


def _archive(rest: str, reference: str, platform: str | None, watcher: Watcher) -> Image:
    from explorer.sources.archive import open_archive

    path, tag = _split_tag(rest)
    if not path.exists():
        raise ImageNotFound(
            f"there is no file {printable(str(path))}", "Name an archive that `docker save` or skopeo wrote."
        )
    if path.is_dir():
        raise UnreadableImage(f"{printable(str(path))} is a directory, not an archive", f"Try oci://{printable(rest)}")
    return open_archive(path, reference, tag, platform, watcher)


def _layout(rest: str, reference: str, platform: str | None, _watcher: Watcher) -> Image:
    from explorer.sources.oci import open_layout

    path, tag = _split_tag(rest)
    if not path.is_dir():
        raise ImageNotFound(f"there is no directory {printable(str(path))}", "Name an OCI layout directory.")
    return open_layout(path, reference, tag, platform)


def _docker(rest: str, reference: str, platform: str | None, watcher: Watcher) -> Image:
    from explorer.sources.engine import open_engine

    return open_engine(rest, reference, platform, watcher)


def _registry(rest: str, reference: str, platform: str | None, watcher: Watcher) -> Image:
    from explorer.sources.registry import open_registry

    return open_registry(rest, reference, platform, watcher)


_SCHEMES: dict[str, _Source] = {
    "docker": _docker,
    "archive": _archive,
    "oci": _layout,
    "registry": _registry,
    "registry+http": _registry,
}
