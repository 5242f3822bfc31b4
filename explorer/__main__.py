"""Runs the program as ``lx`` and as ``python -m explorer``."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path
from types import FrameType

from explorer import SIGNAL_EXIT_CODE


def main() -> None:
    """Runs the command line. Ctrl+C ends it quietly, also while modules are imported."""

    def leave(number: int, _: FrameType | None) -> None:
        os._exit(SIGNAL_EXIT_CODE + number)

    # It is another handler if the shell ignores Ctrl+C for a program in the background.
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        # Otherwise Python would show a traceback.
        signal.signal(signal.SIGINT, leave)
    from explorer.cli import main as run
    from explorer.cli.signals import COMMAND_SIGNALS, end_program, handling

    with handling(COMMAND_SIGNALS, end_program):
        run()


if __name__ == "__main__":
    # Python -m looks for all modules in the current directory first, which may hold anything.
    if not sys.flags.safe_path and sys.path[0] != str(Path(__file__).parents[1]):
        del sys.path[0]
    main()
