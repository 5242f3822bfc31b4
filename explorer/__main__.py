"""Runs the program as ``lx`` and as ``python -m explorer``."""

from __future__ import annotations

# Because ``signal`` imports other modules, and Ctrl+C in that time would show a traceback.
import _signal as signal  # type: ignore[import-not-found]
import os
import sys

from explorer import SIGNAL_EXIT_CODE

_MEMORY_ERROR = (
    b"layer-explorer: there is not enough memory for the program\n"
    b"Raise the memory limit (ulimit -v, or the container's), or use a larger machine.\n"
)
_EXIT_CODE = 3


def _leave(number: int, _: object) -> None:
    os._exit(SIGNAL_EXIT_CODE + number)


# It is another handler if the shell ignores Ctrl+C for a program in the background.
if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
    # Otherwise Python would show a traceback.
    signal.signal(signal.SIGINT, _leave)


def main() -> None:
    """Runs the command line. Ctrl+C ends it quietly, also while modules are imported."""
    try:
        from explorer.cli import main as run
        from explorer.cli.signals import COMMAND_SIGNALS, end_program, handling

        with handling(COMMAND_SIGNALS, end_program):
            run()
    except MemoryError:
        # There is no memory to make a message.
        os.write(2, _MEMORY_ERROR)
    except Exception as error:
        if os.environ.get("LAYER_EXPLORER_DEBUG"):
            raise
        # Libraries that find no memory raise it, too.
        os.write(2, f"layer-explorer: the program cannot be loaded: {type(error).__name__}: {error}\n".encode())
        os.write(2, b"Install the program again, or raise the memory limit (ulimit -v, or the container's).\n")
    else:
        return
    # Only here, because the error keeps the values of all calls that failed.
    sys.exit(_EXIT_CODE)


if __name__ == "__main__":
    from pathlib import Path

    # Python -m looks for all modules in the current directory first, which may hold anything.
    if not sys.flags.safe_path and sys.path[0] != str(Path(__file__).parents[1]):
        del sys.path[0]
    main()
