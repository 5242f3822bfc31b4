"""Two images for the screen."""

from __future__ import annotations

from dataclasses import replace

import pytest

from explorer.pipeline import Exploration
from tests.images import big, directory, explored_layers, file, layer, whiteout

OLD_STEPS = ("COPY rootfs /", "RUN apt-get update", "COPY app /srv", "RUN chmod 755 /srv/run")
NEW_STEPS = ("COPY rootfs /", "RUN apt-get update && rm -r /var/cache", "COPY app /srv")


@pytest.fixture(scope="session")
def pair(tmp_path_factory: pytest.TempPathFactory) -> tuple[Exploration, Exploration]:
    """Two releases: the second cleans up, upgrades the program, and adds a model."""
    rootfs = layer(directory("etc"), file("etc/hosts", b"localhost\n"), big("usr/lib/libc.so", 2))
    app = file("srv/main.py", b"print(1)\n", mtime=1), file("srv/readme", b"read me\n", mtime=1)
    old = _explored(
        tmp_path_factory,
        "shop:1",
        OLD_STEPS,
        {"Env": ["MODE=test"]},
        rootfs,
        layer(big("var/cache/index", 3), big("usr/bin/tool", 1)),
        layer(*app, file("srv/run", b"#!/bin/sh\n", mode=0o644)),
        layer(file("srv/run", b"#!/bin/sh\n", mode=0o755), whiteout("var/cache/index")),
    )
    newer = file("srv/main.py", b"print(2)\n", mtime=2), file("srv/readme", b"read me\n", mtime=2)
    new = _explored(
        tmp_path_factory,
        "shop:2",
        NEW_STEPS,
        {"Env": ["MODE=live"]},
        rootfs,
        layer(directory("var/cache"), big("usr/bin/tool", 1.5, edition=2)),
        layer(*newer, file("srv/run", b"#!/bin/sh\n", mode=0o755), big("srv/model.bin", 4)),
    )
    return old, new


def _explored(
    factory: pytest.TempPathFactory, name: str, steps: tuple[str, ...], config: dict[str, object], *layers: bytes
) -> Exploration:
    history = [{"created_by": f"{step} # buildkit"} for step in steps]
    found = explored_layers(factory.mktemp("pair"), *layers, config=config, history=history)
    return replace(found, image=replace(found.image, reference=name, source="made for tests"))


@pytest.fixture(scope="session")
def builds(tmp_path_factory: pytest.TempPathFactory) -> tuple[Exploration, Exploration]:
    """Two builds of the same steps, with a date, other bytes, and other times."""
    steps = ("COPY rootfs /", "RUN make")
    old, new = (
        _explored(
            tmp_path_factory,
            f"build:{number}",
            steps,
            {},
            layer(directory("etc"), file("etc/hosts", b"localhost\n")),
            layer(
                file("out/stamp", f"Fri Nov 27 23:18:4{number} UTC 2026\n".encode()),
                file("out/tool", b"\x7f\0" * 40 + bytes([number]) + b"\0" * 19),
                file("out/later", b"done\n", mtime=number),
            ),
        )
        for number in (1, 2)
    )
    return old, new
