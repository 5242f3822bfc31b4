"""Images for the screen, and the screen itself, the same on every machine."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, nullcontext
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from textual.css.model import RuleSet
from textual.css.stylesheet import Stylesheet

from explorer.pipeline import Exploration
from explorer.tui.app import ExplorerApp
from explorer.tui.loading import Load
from explorer.tui.main.screen import MainScreen
from tests.images import NOW, big, directory, docker_archive, explored, file, image, layer, symlink, whiteout
from tests.tui.driving import HOSTILE, Screen, Show, loading


@pytest.fixture(autouse=True)
def same_everywhere(monkeypatch: pytest.MonkeyPatch) -> None:
    """Makes colours and ages the same on every machine and day, and lets tests wait in short steps."""
    monkeypatch.setattr("textual._wait.SLEEP_GRANULARITY", 0.01)
    monkeypatch.setattr("textual._wait.SLEEP_IDLE", 0.0005)
    monkeypatch.setattr("explorer.tui.clock.now", lambda: NOW)
    for name in ("NO_COLOR", "TEXTUAL_THEME", "TEXTUAL_COLOR_SYSTEM", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture(autouse=True)
def painting_when_asked(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Paints the screen only when a test asks for it, which saves half of the test's time.

    ``Screen.text`` paints it; a test that is marked ``painted`` paints as in a terminal.
    """
    if request.node.get_closest_marker("painted") is None:
        monkeypatch.setattr("textual._compositor.Compositor.render_update", lambda *_, **__: None)


@pytest.fixture(autouse=True)
def style_sheets_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Reads the style sheets once for all applications, which saves a tenth of a test's time."""
    monkeypatch.setattr(Stylesheet, "_parse_rules", _parse_rules)


_PARSED: dict[object, list[RuleSet]] = {}
_PARSE_RULES = Stylesheet._parse_rules


def _parse_rules(sheet: Stylesheet, css: str, **rest: Any) -> list[RuleSet]:
    key = (css, *rest.values(), *sheet._variables.items())
    if key not in _PARSED:
        _PARSED[key] = _PARSE_RULES(sheet, css, **rest)
    return _PARSED[key]


@pytest.fixture(autouse=True)
def garbage_as_usual(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keeps objects in garbage collection, because a test run shows hundreds of images and a program few."""
    monkeypatch.setattr("explorer.gc_control.freeze_new_objects", nullcontext)


@pytest.fixture(autouse=True)
def trees_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keeps the trees of images that a test leaves, because other tests show the same ones."""
    monkeypatch.setattr("explorer.tui.content_app.dismantle_in_thread", lambda _: None)


@pytest.fixture
def show() -> Show:
    """Runs the screen on an exploration, or on the result of a ``load``.

    Unless ``as_opened``, the top layer is selected, which has all files, and no directory is open.
    """

    @asynccontextmanager
    async def run(
        shown: Exploration | Load,
        size: tuple[int, int] = (120, 36),
        notifications: bool = False,
        as_opened: bool = False,
    ) -> AsyncIterator[Screen]:
        load = loading(shown) if isinstance(shown, Exploration) else shown
        app = ExplorerApp(partial(MainScreen, "made:1", load))
        app.animation_level = "none"
        async with app.run_test(size=size, notifications=notifications) as pilot:
            screen = Screen(app, pilot)
            if isinstance(shown, Exploration):
                await screen.loaded()
                if not as_opened:
                    screen.layers.select(shown.tree.top)
                    await screen.settled()
                    # Otherwise the open directories would depend on sizes and on the height of the screen.
                    screen.files.action_close_all()
                    await screen.settled()
            yield screen

    return run


@pytest.fixture(scope="session")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Exploration:
    """An image with each kind of event once: additions, changes, removals, waste of each cause, odd steps."""
    return _explored(
        tmp_path_factory.mktemp("sample"),
        layer(
            *(directory(path) for path in ("usr", "usr/bin", "usr/lib", "etc", "var", "var/cache")),
            big("usr/bin/tool", 4, mode=0o755),
            big("usr/lib/libtool.so.1", 2.5),
            symlink("usr/lib/libtool.so", "libtool.so.1"),
            symlink("bin", "usr/bin"),
            file("etc/passwd", b"root:x:0:0\n"),
            file("etc/motd", b"Welcome\n" * 40),
        ),
        layer(
            directory("var/cache"),
            big("var/cache/index", 3),
            big("var/cache/packages", 1.2),
            big("usr/bin/compiler", 6),
            file("etc/passwd", b"root:x:0:0\napp:x:1000:1000\n"),
        ),
        layer(),
        layer(
            whiteout("var/cache/index"),
            whiteout("var/cache/packages"),
            whiteout("etc/motd"),
            big("usr/bin/tool", 4, mode=0o755, uid=1000, gid=1000),
            big("srv/app/data/model.bin", 1.5, uid=1000, gid=1000),
            big("srv/app/data/model.bin", 1.5, edition=2, uid=1000, gid=1000),
            file("srv/app/main.py", b"print('hello')\n", uid=1000, gid=1000),
        ),
        author="Ada",
        config={
            "Env": ["PATH=/usr/bin:/bin", "LANG=C.UTF-8"],
            "Entrypoint": ["/srv/app/main.py", "--name", "two words"],
            "Cmd": ["serve"],
            "User": "1000",
            "WorkingDir": "/srv/app",
            "ExposedPorts": {"8080/tcp": {}},
            "Volumes": {"/data": {}},
            "Labels": {"org.opencontainers.image.title": "sample"},
        },
        history=[
            {"created_by": "/bin/sh -c #(nop) ADD file:0123456789abcdef in / ", "created": "2026-01-31T09:00:00Z"},
            {"created_by": '/bin/sh -c #(nop)  CMD ["sh"]', "created": "2026-01-31T09:00:00Z", "empty_layer": True},
            {"created_by": "RUN /bin/sh -c apt-get update && apt-get install -y compiler # buildkit"},
            {"created_by": "WORKDIR /srv/app"},
            {"created_by": "RUN /bin/sh -c rm -rf /var/cache/* && chown 1000:1000 /usr/bin/tool # buildkit"},
        ],
    )


@pytest.fixture(scope="session")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Exploration:
    """An image whose names, links, commands and labels try to disturb the terminal."""
    return _explored(
        tmp_path_factory.mktemp("hostile"),
        layer(*(file(name, b"x" * (number + 1)) for number, name in enumerate(HOSTILE)), symlink("link", HOSTILE[2])),
        layer(*(whiteout(name) for name in HOSTILE[:4])),
        config={"Labels": {HOSTILE[0]: HOSTILE[2]}, "Env": [f"A={HOSTILE[2]}"]},
        history=[{"created_by": f"RUN echo {HOSTILE[0]} {HOSTILE[2]}"}, {"created_by": "RUN [/] \x1b[2J"}],
    )


def _explored(folder: Path, *layers: bytes, **config: Any) -> Exploration:
    path = folder / "image.tar"
    path.write_bytes(docker_archive(image(*layers, **config)))
    found = explored(path)
    return replace(found, image=replace(found.image, reference="made:1", source="made for tests"))
