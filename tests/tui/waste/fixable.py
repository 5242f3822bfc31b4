"""An image with several fixes: a cache, a chown, files left out of a COPY, small ones, and the base's."""

from __future__ import annotations

from pathlib import Path

from explorer.pipeline import Exploration
from tests.images import docker_archive, explored, file, image, layer, whiteout

STEPS = (
    ("ADD rootfs.tar.xz /", [file("usr/share/doc/base/copyright", b"1" * 700), file("bin/sh", b"1" * 9000)]),
    (
        "RUN apt-get update && apt-get install -y git",
        [
            file("var/lib/apt/lists/x", b"1" * 5000),
            file("var/cache/apt/pkgcache.bin", b"2" * 30_000),
            file("usr/bin/git", b"1" * 9000),
            file("usr/share/doc/git/README", b"3" * 100),
        ],
    ),
    ("COPY . /app", [file("app/.git/pack", b"4" * 2000), file("app/main.py", b"5" * 3000)]),
    ("RUN chown -R app /app", [file("app/.git/pack", b"4" * 2000, uid=1), file("app/main.py", b"5" * 3000, uid=1)]),
    (
        "RUN rm -rf /app/.git /var/lib/apt/lists/* && rm /usr/bin/git",
        [whiteout("app/.git/pack"), whiteout("var/lib/apt/lists/x"), file("var/log/x.log", b"6" * 10)],
    ),
)


def fixable(tmp_path: Path) -> Exploration:
    """Explores the image."""
    history = [{"created_by": created_by} for created_by, _ in STEPS]
    path = tmp_path / "image.tar"
    path.write_bytes(docker_archive(image(*(layer(*items) for _, items in STEPS), history=history)))
    return explored(path)
