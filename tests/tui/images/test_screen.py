"""The list of images on the screen: opening, coming back, marks, waste and engines that do not answer."""

from __future__ import annotations

import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from functools import partial

import pytest

from explorer.analysis.engine_images.storage import EngineStorage
from explorer.errors import ImageNotFound
from explorer.model import EngineListing, Progress, Watcher
from explorer.pipeline import Exploration
from explorer.tui.app import ExplorerApp
from explorer.tui.compare.loading import PairLoad
from explorer.tui.compare.screen import CompareScreen
from explorer.tui.dialogs.error_screen import ErrorScreen
from explorer.tui.images.image_access import ImageAccess
from explorer.tui.images.image_list import ImageList
from explorer.tui.images.screen import ImagesScreen
from explorer.tui.loading import Load
from explorer.tui.main.screen import MainScreen
from explorer.viewmodel.image_catalog import ENGINES, ImageCatalog, OpenedBefore
from tests.analysis.engine_images.made_images import made
from tests.images import NOW
from tests.tui.compare.comparing import loading_pair
from tests.tui.driving import HOSTILE, Screen, loading

CATALOG = ImageCatalog(
    EngineStorage(
        [
            made("old", "base", "lib", created=NOW - timedelta(days=9)),
            made("new", "base", "lib", "app", created=NOW - timedelta(hours=3)),
            made("lone", "other", tags=(), created=NOW - timedelta(days=10), containers=("web",)),
        ]
    ),
    waiting=(),
    opened=(
        OpenedBefore("/tmp/shop.tar", "shop.tar", "file", NOW - timedelta(hours=1)),
        OpenedBefore("/tmp/gone.tar", "gone.tar", "file", NOW - timedelta(days=2), is_missing=True),
    ),
)
START = replace(CATALOG, storage=EngineStorage(()), waiting=ENGINES)


@pytest.fixture
def access(sample: Exploration) -> ImageAccess:
    """Access to images that all open as the sample and waste 7 kB."""
    return ImageAccess(
        lambda: START,
        lambda _: [CATALOG],
        lambda _: loading(sample),
        lambda *_: loading_pair(sample, sample),
        lambda *_: 7000,
    )


@asynccontextmanager
async def listed(
    access: ImageAccess, size: tuple[int, int] = (120, 36), *, is_loaded: bool = True
) -> AsyncIterator[Screen]:
    """Runs the list as the first screen."""
    app = ExplorerApp(partial(ImagesScreen, access))
    app.animation_level = "none"
    async with app.run_test(size=size, notifications=True) as pilot:
        screen = Screen(app, pilot)
        if is_loaded:
            await screen.loaded()
        yield screen


def images(screen: Screen) -> ImageList:
    return screen.app.screen_stack[0].query_one(ImageList)


def line(screen: Screen, text: str) -> str:
    """Returns the line of the screen that has a text."""
    return next((" ".join(each.split()) for each in screen.text().splitlines() if text in each), "")


async def test_rows_and_figures(access: ImageAccess) -> None:
    """Each image has its age, its figures and its state; the cursor is on the first one."""
    async with listed(access) as screen:
        assert line(screen, "new:1") == "docker 3 hours 123 B 120 B 3 B 3 B ? new:1"
        assert line(screen, "untagged") == "docker 10 days 4.0 kB 0 B 4.0 kB 0 B ? lone untagged in use"
        assert line(screen, "shop.tar") == "file ? shop.tar opened an hour ago"
        assert line(screen, "gone.tar") == "file gone.tar not there any more"
        assert line(screen, "built in") == "built in ? demo"
        assert line(screen, "Images") == "Images 3 in Docker 2 opened before"
        assert images(screen).cursor == 0


@pytest.mark.end_to_end
async def test_back_to_the_same_place(access: ImageAccess) -> None:
    """Enter opens the selected image, and Esc comes back to the same row, filter and marks, again and again."""
    async with listed(access) as screen:
        await screen.press("space", "slash", "o", "enter", "down")
        before = images(screen).selected
        for _ in range(2):
            await screen.press("enter")
            await screen.loaded()
            assert screen.shows(MainScreen)
            assert len(screen.app.screen_stack) == 2
            await screen.press("escape")
            assert screen.shows(ImagesScreen)
            assert images(screen).selected == before
            assert images(screen).view.query.text == "o"
            assert "1 marked" in screen.text()


async def test_marks(access: ImageAccess) -> None:
    """Space marks, and a line has what removing all marked images frees, which is not the sum."""
    async with listed(access) as screen:
        await screen.press("space", "space")
        assert line(screen, "marked") == "2 marked: removing them would free 123 B"
        await screen.press("space")
        assert line(screen, "marked") == "3 marked: removing them would free 123 B; 1 in use would stay"
        await screen.press("u")
        assert "marked" not in screen.text()


@pytest.mark.end_to_end
async def test_marking_all_and_copying_the_command(access: ImageAccess) -> None:
    """A key marks all that show, or removes their marks; another copies the command that would remove them."""
    async with listed(access) as screen:
        await screen.press("Y")
        assert screen.app.clipboard == "docker rmi new:1"
        await screen.press("slash", *"engine:docker", "enter", "a")
        assert line(screen, "marked").startswith("3 marked")
        await screen.press("Y")
        assert screen.app.clipboard == "docker rmi old:1 new:1"
        await screen.press("a")
        assert "marked" not in screen.text()
        await screen.press("end", "Y")
        assert "containers use them" in screen.said[-1]


async def test_what_uses_and_shares(access: ImageAccess) -> None:
    """Below the list are all images together, and with which images the selected one shares most or who uses it."""
    async with listed(access) as screen:
        assert line(screen, "together") == "3 images together: 4.1 kB; removing all would free 123 B"
        assert line(screen, "shares").startswith("shares 120 B with old:1 new")
        await screen.press("down", "down")
        assert line(screen, "in use by").startswith("in use by web")


@pytest.mark.end_to_end
async def test_comparing_two(access: ImageAccess) -> None:
    """A key compares the marked image with the selected one, the older one first; Esc comes back to the marks."""
    loaded: list[str] = []

    def compare(old: str, new: str) -> PairLoad:
        loaded.extend((old, new))
        return access.compare(old, new)

    async with listed(replace(access, compare=compare)) as screen:
        await screen.press("m")
        assert screen.said == ["Mark two images with Space, or one and select another."]
        await screen.press("space", "m")
        await screen.loaded()
        assert screen.shows(CompareScreen)
        assert loaded == ["docker://old:1", "docker://new:1"]
        await screen.press("escape")
        assert screen.shows(ImagesScreen)
        assert "1 marked" in screen.text()


async def test_sorting(access: ImageAccess) -> None:
    """A key goes through the orders, and a second one reverses the present order."""
    async with listed(access) as screen:
        await screen.press("s")
        assert [row.item.name for row in images(screen).rows.rows][:3] == ["lone", "new:1", "old:1"]
        await screen.press("S")
        assert [row.item.name for row in images(screen).rows.rows][-3:] == ["old:1", "new:1", "lone"]


async def test_copying_the_name(access: ImageAccess) -> None:
    """A key copies the name of the image."""
    async with listed(access) as screen:
        await screen.press("y")
        assert screen.app.clipboard == "new:1"


async def test_a_missing_file_says_so(access: ImageAccess) -> None:
    """Enter on a file that is not there any more says why it does nothing."""
    async with listed(access) as screen:
        await screen.press("slash", *"gone", "enter", "enter")
        assert screen.said == ["This file is not there any more."]


async def test_a_narrow_footer_names_the_key_for_waste(access: ImageAccess) -> None:
    """Beside the key that opens an image, the footer of 80 columns names the key that reads its waste."""
    async with listed(access, (80, 24)) as screen:
        assert "w Read waste" in screen.text().splitlines()[-1]


async def test_help_while_a_filter_is_typed(access: ImageAccess) -> None:
    """The help of the filter of images has no terms for files."""
    async with listed(access, (80, 60)) as screen:
        await screen.press("slash")
        assert "/ Filter" not in screen.text().splitlines()[-1]
        await screen.app.run_action("app.help")
        await screen.settled()
        assert "The other terms depend on the list" in " ".join(screen.text().split())
        assert "is:wasted" not in screen.text()


async def test_waste_of_one_and_of_all(access: ImageAccess) -> None:
    """The waste of the selected image is read, then that of all others that show; missing files are left out."""
    async with listed(access) as screen:
        await screen.press("w")
        await screen.loaded()
        assert line(screen, "new:1") == "docker 3 hours 123 B 120 B 3 B 3 B 7.0 kB new:1"
        assert screen.text().count("7.0 kB") == 1
        await screen.press("W")
        await screen.loaded()
        assert screen.text().count("7.0 kB") == 5
        await screen.press("w")
        assert screen.said == ["The waste of this image is known."]


async def test_stopping_the_reading(access: ImageAccess) -> None:
    """The line below shows the progress; Esc stops at the next step, and the images that wait are not read."""
    go_on, begun = threading.Event(), threading.Event()
    read: list[str] = []

    def wasted_bytes(reference: str, watcher: Watcher) -> int:
        watcher.progress(Progress("Reading layers", 1, 4))
        begun.set()
        go_on.wait(20)
        watcher.progress(Progress("Reading layers", 2, 4))
        read.append(reference)
        return 1

    async with listed(replace(access, wasted_bytes=wasted_bytes)) as screen:
        await screen.press("W")
        begun.wait(20)
        await screen.settled()
        assert line(screen, "Reads") == "Reads the waste of new:1; 4 more (Esc stops): Reading layers 25 %"
        assert line(screen, "old:1").split()[-2] == "waits"
        await screen.press("escape")
        go_on.set()
        await screen.loaded()
        assert "waits" not in screen.text()
        assert line(screen, "Reads") == ""
        assert read == []


async def test_waste_that_cannot_be_read(access: ImageAccess) -> None:
    """An image that cannot be read says why, and can be tried again."""
    tries: list[str] = []

    def wasted_bytes(reference: str, _: Watcher) -> int:
        tries.append(reference)
        raise ImageNotFound("it is gone")

    async with listed(replace(access, wasted_bytes=wasted_bytes)) as screen:
        for _ in range(2):
            await screen.press("w")
            await screen.loaded()
        assert line(screen, "waste: it is gone")
        assert line(screen, "new:1").split()[-2] == "failed"
        assert len(tries) == 2


@pytest.mark.end_to_end
async def test_the_waste_of_an_image_that_was_open(access: ImageAccess) -> None:
    """The list shows what became known while an image showed."""
    known = [START]
    async with listed(replace(access, known=lambda: known[-1])) as screen:
        await screen.press("enter")
        await screen.loaded()
        known.append(replace(START, known_waste={("base", "lib", "app"): 9}))
        await screen.press("escape")
        assert line(screen, "new:1").endswith(" 9 B new:1")


async def test_no_engine(access: ImageAccess) -> None:
    """Without an engine the screen says so and what to do, and the demo and what was opened before are there."""
    problem = EngineListing("docker", problem="cannot reach the Docker Engine", hint="Start Docker.")
    none = replace(START, problems=(problem,), waiting=())
    async with listed(replace(access, read=lambda _: [none])) as screen:
        text = " ".join(screen.text().split())
        assert "No container engine answers" in text
        assert "cannot reach the Docker Engine Start Docker." in text
        assert "demo" in text
        assert "shop.tar" in text


async def test_each_engine_shows_when_it_answers(access: ImageAccess) -> None:
    """The images of one engine show while another one is still asked; on reloading, the old ones stay until then."""
    has_first, go_on = threading.Event(), threading.Event()
    slow = replace(made("slow", "base"), engine="podman")
    whole = replace(CATALOG, storage=EngineStorage([*CATALOG.storage.images, slow]))

    def read(_: Watcher) -> Iterator[ImageCatalog]:
        yield replace(CATALOG, waiting=("podman",))
        has_first.set()
        go_on.wait(20)
        yield whole

    async with listed(replace(access, read=read), is_loaded=False) as screen:
        for headline in ("Images 3 in Docker", "Images 3 in Docker 1 in Podman"):
            has_first.wait(20)
            await screen.settled()
            assert line(screen, "Images") == f"{headline} Asking Podman for its images…"
            go_on.set()
            await screen.loaded()
            assert line(screen, "Images") == "Images 3 in Docker 1 in Podman 2 opened before"
            has_first.clear()
            go_on.clear()
            await screen.press("r")
        go_on.set()


async def test_reloading(access: ImageAccess) -> None:
    """The engines are asked again; the selected row and the marks of images that are still there stay."""
    catalogs = [replace(CATALOG, storage=EngineStorage([made("old", "base", "lib")])), CATALOG]
    async with listed(replace(access, read=lambda _: [catalogs.pop()])) as screen:
        await screen.press("space", "space", "up", "r")
        await screen.loaded()
        selected = images(screen).selected
        assert selected is not None
        assert selected.name == "old:1"
        assert line(screen, "marked").startswith("1 marked")


async def test_an_image_that_cannot_be_opened(access: ImageAccess) -> None:
    """Esc leads back from the error, and the list is as before."""

    def load(_: str) -> Load:
        def fail(watcher: Watcher, platform: str | None = None) -> Exploration:
            raise ImageNotFound("it is gone")

        return fail

    async with listed(replace(access, load=load)) as screen:
        await screen.press("enter")
        await screen.loaded()
        assert screen.shows(ErrorScreen)
        await screen.press("escape")
        assert screen.shows(ImagesScreen)


@pytest.mark.end_to_end
@pytest.mark.parametrize("size", [(30, 8), (80, 24), (200, 60)])
async def test_hundred_images_with_hostile_names(access: ImageAccess, size: tuple[int, int]) -> None:
    """Names that try to disturb the terminal show as text in each size, and each key works."""
    names = [*HOSTILE, "x" * 4096, *(f"image{number}:1" for number in range(100))]
    many = [made(f"sha256:{n}", "base", tags=(name,), created=NOW, containers=(name,)) for n, name in enumerate(names)]
    catalog = replace(CATALOG, storage=EngineStorage(many))
    async with listed(replace(access, read=lambda _: [catalog]), size) as screen:
        shown: list[str] = []
        for key in ("space", "s", "S", "end", "y", "w", "question_mark", "escape", "home", *["pagedown"] * 8):
            await screen.press(key)
            shown.append(screen.text())
        assert "\x1b" not in "".join(shown)
        assert all(len(text.splitlines()) == size[1] for text in shown)
        assert screen.app.fault is None
