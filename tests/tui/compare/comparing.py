"""The running screen of two images, for tests."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager

from explorer.model import Watcher
from explorer.pipeline import Exploration, ImageDiff, compare
from explorer.tui.app import ExplorerApp
from explorer.tui.compare.compared_tree import ComparedTree
from explorer.tui.compare.loading import PairLoad
from explorer.tui.compare.pair_list import PairList
from explorer.tui.compare.screen import CompareScreen
from explorer.tui.history.history_bar import HistoryBar
from tests.tui.driving import Screen


class Comparison(Screen):
    """The running screen of two images, with names for what tests look at."""

    @property
    def compared(self) -> CompareScreen:
        return next(each for each in self.app.screen_stack if isinstance(each, CompareScreen))

    @property
    def tree(self) -> ComparedTree:
        return self.compared.query_one(ComparedTree)

    @property
    def pairs(self) -> PairList:
        return self.compared.query_one(PairList)

    @property
    def names(self) -> list[str]:
        """The names of the files' rows."""
        return [row.name for row in self.tree.rows or ()]

    @property
    def bottom(self) -> str:
        """The line about the selected path."""
        return self.compared.query_one(HistoryBar).render().plain


ShowPair = Callable[..., AbstractAsyncContextManager[Comparison]]


def loading_pair(old: Exploration, new: Exploration) -> PairLoad:
    """A load that compares two finished explorations."""

    def load(_: Watcher, watcher: Watcher) -> ImageDiff:
        return compare(old, new, watcher)

    return load


@asynccontextmanager
async def showing(
    load: PairLoad, size: tuple[int, int] = (120, 36), *, notifications: bool = False
) -> AsyncIterator[Comparison]:
    """Runs the screen on a load."""
    app = ExplorerApp(lambda settings: CompareScreen("shop:1", "shop:2", load, settings))
    app.animation_level = "none"
    async with app.run_test(size=size, notifications=notifications) as pilot:
        screen = Comparison(app, pilot)
        await screen.loaded()
        yield screen
