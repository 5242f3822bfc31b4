"""Signals that end the program: after its cleanup, with the exit code of a shell."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from types import FrameType
from typing import NoReturn

from explorer import SIGNAL_EXIT_CODE

COMMAND_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
SCREEN_SIGNALS = (*COMMAND_SIGNALS, signal.SIGQUIT)
"""On the screen also this signal, because it would leave the terminal unusable."""


def end_program(exit_code: int) -> NoReturn:
    """Ends the program with an exit code, after all ``finally`` blocks."""
    raise SystemExit(exit_code)


@contextmanager
def handling(numbers: Sequence[int], end: Callable[[int], object]) -> Iterator[None]:
    """Calls ``end`` with the exit code for the first of some signals.

    Signals that the parent ignores, as ``nohup`` does, stay ignored.
    """
    received: list[int] = []

    def handle(number: int, _: FrameType | None) -> None:
        received.append(number)
        # Because ``timeout`` sends its signal twice, and the second one must not disturb the cleanup.
        if len(received) == 1:
            end(SIGNAL_EXIT_CODE + number)

    wanted = [number for number in numbers if signal.getsignal(number) is not signal.SIG_IGN]
    before = {number: signal.signal(number, handle) for number in wanted}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
