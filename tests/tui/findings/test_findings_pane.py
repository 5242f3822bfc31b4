"""The findings pane: keys in; rows, counts and jumps out."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from threading import Event
from time import sleep

import pytest

from explorer.analysis.findings.finding import FindingKind, StepPlace
from explorer.analysis.findings.image_findings import ImageFindings
from explorer.model import Progress, Watcher
from explorer.pipeline import Exploration
from explorer.tui.findings.finding_list import FindingList
from explorer.tui.findings.finding_words import row_words
from explorer.tui.main.image_pane import ImagePane
from explorer.tui.viewer.viewer import Viewer
from tests.analysis.findings.leaky import leaky, some
from tests.analysis.findings.made_findings import made_finding
from tests.tui.driving import Screen, Show


@pytest.fixture
def image(tmp_path: Path) -> Exploration:
    return leaky(tmp_path)


@pytest.fixture(autouse=True)
def found(monkeypatch: pytest.MonkeyPatch) -> None:
    """Gives the image its findings."""
    answer(monkeypatch, some())


def answer(monkeypatch: pytest.MonkeyPatch, findings: ImageFindings) -> None:
    """Lets the reading return findings."""

    def read(self: Exploration, watcher: Watcher, *, fetches: bool = True) -> ImageFindings:
        self.__dict__["findings"] = findings
        return findings

    monkeypatch.setattr(Exploration, "read_findings", read)


def listed(screen: Screen) -> FindingList:
    return screen.main.query_one(FindingList)


def flat(screen: Screen) -> str:
    return " ".join(screen.text().split())


@pytest.mark.end_to_end
@pytest.mark.parametrize("size", [(80, 24), (200, 50)])
async def test_a_deleted_key_in_two_keys(show: Show, image: Exploration, size: tuple[int, int]) -> None:
    """F says that the deleted key is still there and in which layer, and v shows it at its line."""
    async with show(image, size=size) as screen:
        await screen.press("F")
        assert "critical 2 → 3" in flat(screen)
        assert "/app/id_rsa:51" in screen.text()
        await screen.press("v")
        await screen.loaded()
        assert screen.shows(Viewer)
        assert "▸ 51 -----BEGIN PRIVATE KEY" in flat(screen)


@pytest.mark.end_to_end
@pytest.mark.parametrize("size", [(80, 24), (200, 50)])
async def test_the_first_screen_names_the_secret(show: Show, image: Exploration, size: tuple[int, int]) -> None:
    """The verdict begins with the secret, its layer and its fate; its layer and the tab have marks."""
    async with show(image, size=size) as screen:
        lines = screen.text().splitlines()
        assert lines[1].startswith(" ! F: Private key in layer 2, deleted by 3")
        assert "Findings 4" in screen.text()
        assert any("C1" in line and "COPY" in line for line in lines)


@pytest.mark.end_to_end
async def test_the_details_of_a_layer_have_its_findings(show: Show, image: Exploration) -> None:
    """The details list the findings of the selected layer, with what deletes their files."""
    async with show(image, size=(200, 50)) as screen:
        await screen.press("2")
        assert "critical Private key /app/id_rsa:51, deleted by layer 3" in flat(screen)


@pytest.mark.end_to_end
async def test_the_counts_have_the_base_apart(show: Show, image: Exploration) -> None:
    """The line above the rows counts by severity, and the base's findings are folded at the end."""
    async with show(image, size=(200, 50)) as screen:
        await screen.press("F")
        assert "1 critical 1 high 1 medium 1 low above the base; 2 in the base" in flat(screen)
        assert listed(screen).count == 5
        assert "set uid" not in screen.text().lower()
        await screen.press("G", "enter")
        assert listed(screen).count == 7


@pytest.mark.end_to_end
async def test_enter_goes_to_the_place(show: Show, image: Exploration) -> None:
    """Enter leads to a file at its layer, to a step, and to a setting; Backspace comes back."""
    async with show(image, size=(120, 36)) as screen:
        await screen.press("F", "enter")
        assert (screen.main.pane, screen.main.view.layer, screen.selected) == ("files", 2, "app/id_rsa")
        await screen.press("backspace")
        assert isinstance(screen.main.focused, FindingList)
        await screen.press("down", "enter")
        assert screen.layers.has_focus
        assert screen.layers.selected is not None
        assert screen.layers.selected.history_index == 3
        await screen.press("backspace", "down", "enter")
        assert screen.main.pane == "image"
        assert screen.main.query_one(ImagePane).scroll_y > 0
        assert "A container starts with" in screen.text()
        await screen.press("backspace")
        assert screen.main.pane == "findings"


@pytest.mark.end_to_end
async def test_copying(show: Show, image: Exploration) -> None:
    """y copies a finding with its place, and Y those above the base as Markdown."""
    async with show(image) as screen:
        await screen.press("F", "y")
        assert screen.app.clipboard == (
            "private-key: Private key: /app/id_rsa:51, layer 2, deleted by layer 3, but can still be downloaded"
        )
        await screen.press("Y")
        assert "| **critical** |" in screen.app.clipboard
        assert "set-uid" not in screen.app.clipboard


@pytest.mark.end_to_end
async def test_groups_and_filter(show: Show, image: Exploration) -> None:
    """b groups, and the filter leaves rows out until Escape."""
    async with show(image) as screen:
        await screen.press("F", "b")
        assert [group.name for group in listed(screen).rows.groups] == ["secrets", "practices", "the base"]
        await screen.press("e")
        assert listed(screen).count == 9
        await screen.press("b", "b", "b", "slash", *"severity>=high", "enter")
        assert listed(screen).count == 2
        assert "2 findings" in screen.text()
        await screen.press("slash", *"severity:odd")
        assert "severity: critical, high, medium, low or info" in flat(screen)
        await screen.press("escape")
        assert listed(screen).count == 7


@pytest.mark.end_to_end
async def test_what_is_known_shows_while_files_are_read(
    show: Show, image: Exploration, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Practices show at once, with the progress of the rest; Escape stops the reading, and r goes on with it."""
    practices = [each for each in some().findings if each.kind is FindingKind.PRACTICE]
    is_held = True

    def read(self: Exploration, watcher: Watcher, *, fetches: bool = True) -> ImageFindings:
        self.__dict__["findings"] = replace(some(), findings=practices, is_partial=True)
        while is_held:
            watcher.progress(Progress("Looking for secrets", 1, 4))
            sleep(0.01)
        self.__dict__["findings"] = some()
        return some()

    monkeypatch.setattr(Exploration, "read_findings", read)

    def load(watcher: Watcher, platform: str | None = None) -> Exploration:
        watcher.image_opened(image.image)
        return image

    async with show(load, size=(200, 50)) as screen:
        while listed(screen).findings is None:
            await screen.pilot.pause(0.01)
        await screen.press("F")
        assert "Looking for secrets… 25 %" in screen.text()
        assert "Root user" in screen.text()
        assert "Private key" not in screen.text()
        await screen.press("escape")
        assert "r reads the rest" in screen.text()
        is_held = False
        await screen.press("r")
        await screen.loaded()
        assert "Private key" in screen.text()
        assert "reads the rest" not in screen.text()
        assert listed(screen).cursor == 0


async def test_leaving_while_files_are_read(show: Show, image: Exploration, monkeypatch: pytest.MonkeyPatch) -> None:
    """The program ends while files are read, and nothing is shown any more."""
    ended = Event()

    def read(self: Exploration, watcher: Watcher, *, fetches: bool = True) -> ImageFindings:
        try:
            while True:
                watcher.progress(Progress("Looking for secrets", 1, 4))
                sleep(0.01)
        finally:
            ended.set()

    monkeypatch.setattr(Exploration, "read_findings", read)

    def load(watcher: Watcher, platform: str | None = None) -> Exploration:
        watcher.image_opened(image.image)
        return image

    async with show(load) as screen:
        while not screen.main._is_reading_findings:
            await screen.pilot.pause(0.01)
        await screen.press("F")
    assert ended.wait(10)


@pytest.mark.end_to_end
async def test_another_image(show: Show, image: Exploration, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing of the findings stays on the screen while another image is opened."""
    async with show(image, size=(200, 50)) as screen:
        await screen.press("F")
        screen.main.start_again()
        screen.main.shown.found(image.image)
        await screen.settled()
        assert "Findings 4" not in screen.text()
        assert "Private key" not in screen.text()
        assert "C1" not in screen.text()


@pytest.mark.end_to_end
async def test_failing(show: Show, image: Exploration, monkeypatch: pytest.MonkeyPatch) -> None:
    """An error while files are read stands in the pane, in words."""

    def fail(self: Exploration, watcher: Watcher, *, fetches: bool) -> object:
        raise OSError("the disk is gone")

    monkeypatch.setattr(Exploration, "read_findings", fail)
    async with show(image) as screen:
        await screen.press("F")
        assert "The findings cannot be read: the disk is gone" in flat(screen)


async def test_no_findings(show: Show, image: Exploration, monkeypatch: pytest.MonkeyPatch) -> None:
    """An image without findings says so."""
    answer(monkeypatch, ImageFindings(()))
    async with show(image) as screen:
        await screen.press("F")
        assert "No findings above the base." in screen.text()


@pytest.mark.end_to_end
@pytest.mark.parametrize("size", [(30, 8), (50, 12)])
async def test_sizes(show: Show, image: Exploration, size: tuple[int, int]) -> None:
    """The first row shows in a small terminal."""
    async with show(image, size=size) as screen:
        await screen.press("F")
        assert "crit" in screen.text()


@pytest.mark.end_to_end
async def test_the_title_of_the_box_has_no_markup(
    show: Show, image: Exploration, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A name that another scanner gives to a finding is shown as it is."""
    findings = some()
    answer(monkeypatch, replace(findings, findings=[replace(findings.findings[0], id="[b]x[/nope]")]))
    async with show(image) as screen:
        await screen.press("F")
        assert "[b]x[/nope]" in screen.text()


@pytest.mark.end_to_end
async def test_headers_after_a_filter_without_a_match(show: Show, image: Exploration) -> None:
    """The headers fit the rows again when a longer filter matches after a shorter one that did not."""
    async with show(image, size=(120, 36)) as screen:
        await screen.press("F", "slash")
        for key in "is:deleted":
            await screen.press(key)
        assert listed(screen).count
        assert "severity▾" in screen.text()
        assert " layer " in screen.text()


def test_a_step_shows_its_instruction() -> None:
    """A row without room keeps the end of a path, and the start of a step."""
    step = made_finding("a", FindingKind.PRACTICE, place=StepPlace(1, name="RUN make install " + "x" * 40), layer=None)
    assert "".join(text for text, _ in row_words(step, 40)).partition("  ")[2].startswith("RUN make")
