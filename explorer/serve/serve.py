"""The same screen in a browser: a small web server that runs the program once for every page that is opened.

Whoever reaches it has the screen, and with it the image and the right to save its files. So it listens on the loopback
interface unless told otherwise, and a page of some other site that the browser shows gets no connection.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Sequence

from explorer.errors import UsageError

_LOOPBACK_NAMES = ("127.0.0.1", "localhost", "[::1]")
_HOST = re.compile(r"(\[[0-9a-fA-F:.]+\]|[A-Za-z0-9._-]+)(:[0-9]{1,5})?")


def is_welcome(path: str, host: str, origin: str | None, listening: str) -> bool:
    """Whether a request may be answered: one for a host by a name that is ours, from a page of ours.

    A name of ours is asked for on the loopback interface alone: there a foreign name means that a foreign site had its
    name pointed here. Browsers send the origin with every web socket, and nothing else may open one.
    """
    named = _HOST.fullmatch(host)
    if named is None or (listening in (*_LOOPBACK_NAMES, "::1") and named[1].lower() not in _LOOPBACK_NAMES):
        return False
    ours = (f"http://{host}", f"https://{host}")
    return origin in ours if path == "/ws" else origin is None or origin in ours


def serve(arguments: Sequence[str], host: str, port: int, title: str, say: Callable[[str], object]) -> None:
    """Serve the program with these arguments until somebody stops it. Raises UsageError when that cannot be done."""
    try:
        from explorer.serve.server import WebServer
    except ImportError:
        raise UsageError(
            "--serve needs the package textual-serve, which is not installed",
            "pip install 'layer-explorer[serve]', or from a checkout: pip install '.[serve]'",
        ) from None

    def welcome(path: str, asked_for: str, origin: str | None) -> bool:
        return is_welcome(path, asked_for, origin, host)

    def started() -> None:
        shown = f"[{host}]" if ":" in host else host
        say(f"http://{shown}:{port} shows {title} until you press Ctrl+C.")

    try:
        WebServer(shlex.join(arguments), host, port, title, welcome, started).serve()
    except OSError as error:
        raise UsageError(
            f"{host}:{port} cannot be served: {error.strerror or error}",
            "--serve-port and --serve-host name another address.",
        ) from error
