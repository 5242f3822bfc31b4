"""Background work that lets keys go first.

Python runs one thread at a time. A key waits for work in the background at each of its steps, from the terminal to the
painted line.
"""

from __future__ import annotations

import time

THREAD_SWITCH_SECONDS = 0.001
"""Time after which Python takes turns between threads. With its usual 0.005, a key waits five times as long."""
_QUIET_SECONDS = 0.1
"""Time after a key without another one, after which the user only looks. A key that is held comes each 0.03 seconds."""
_MAX_PAUSE_SECONDS = 0.2
"""Longest pause of some work. It reports each 0.05 seconds, so a key that is held for ever does not stop it."""

_last_key_at = float("-inf")


def note_key() -> None:
    """Notes that the user presses a key."""
    global _last_key_at
    _last_key_at = time.monotonic()


def pause_for_keys() -> None:
    """Waits until no key comes, or for the longest pause.

    Any thread but the screen's may call it.
    """
    latest = time.monotonic() + _MAX_PAUSE_SECONDS
    while (seconds := min(latest, _last_key_at + _QUIET_SECONDS) - time.monotonic()) > 0:
        time.sleep(seconds)
