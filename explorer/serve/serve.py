"""Serves the screen to browsers: each opened page runs the program once.

Anyone who can reach the server can read the image and save its files. So it listens on the loopback interface by
default, and pages of other sites get no connection.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Sequence
from functools import partial

from explorer.errors import UsageError

_LOOPBACK_NAMES = ("127.0.0.1", "localhost", "[::1]")
_HOST = re.compile(r"(\[[0-9a-fA-F:.]+\]|[A-Za-z0-9._-]+)(:[0-9]{1,5})?")


def is_allowed(path: str, host: str, origin: str | None, listening: str) -> bool:
    """True if a request comes from a page of this server, by an allowed name.

    On the loopback interface, another name means that a foreign site resolves its name to this machine. Browsers send
    an origin with each web socket, so a web socket without one is refused. ``host`` and ``origin`` are headers of the
    request; ``listening`` is the address of the server.
    """
    host_match = _HOST.fullmatch(host)
    if host_match is None or (listening in (*_LOOPBACK_NAMES, "::1") and host_match[1].lower() not in _LOOPBACK_NAMES):
        return False
    own_origins = (f"http://{host}", f"https://{host}")
    return origin in own_origins if path == "/ws" else origin is None or origin in own_origins


def serve(arguments: Sequence[str], host: str, port: int, title: str, say: Callable[[str], object]) -> None:
    """Serves the program until Ctrl+C. Raises UsageError if it cannot."""
    try:
        from explorer.serve.server import WebServer
    except ImportError:
        raise UsageError(
            "--serve needs the package textual-serve, which is not installed",
            "pip install 'layer-explorer[serve]', or from a checkout: pip install '.[serve]'",
        ) from None

    def started() -> None:
        shown = f"[{host}]" if ":" in host else host
        say(f"http://{shown}:{port} shows {title} until you press Ctrl+C.")

    try:
        WebServer(shlex.join(arguments), host, port, title, partial(is_allowed, listening=host), started).serve()
    except OSError as error:
        raise UsageError(
            f"{host}:{port} cannot be served: {error.strerror or error}",
            "Choose another address with --serve-port and --serve-host.",
        ) from error
