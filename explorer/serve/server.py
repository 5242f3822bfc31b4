"""The web server of ``textual-serve``, made safe and quiet."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable

from aiohttp import web
from textual_serve.server import Server

_POLICY = (
    "default-src 'self'; style-src 'self' 'unsafe-inline'; script-src 'self' 'unsafe-inline'; img-src 'self' data:"
)
"""The page loads nothing from other hosts, not even fonts."""

_BIND_SECONDS = 0.2
"""The time in which binding the address succeeds or fails."""

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
Allows = Callable[[str, str, "str | None"], bool]
"""True if a request with this path, host and origin may be answered."""


class WebServer(Server):
    """Runs a command for each opened page; calls ``started`` once it listens."""

    def __init__(
        self, command: str, host: str, port: int, title: str, allows: Allows, started: Callable[[], object]
    ) -> None:
        super().__init__(command, host, port, title)
        self._allows = allows
        self._started = started
        self._open: set[asyncio.Task[object]] = set()

    def initialize_logging(self) -> None:
        for name in ("textual-serve", "aiohttp"):
            logging.getLogger(name).addHandler(logging.NullHandler())

    async def _make_app(self) -> web.Application:
        app = await super()._make_app()
        app.middlewares.append(self._guard)
        app.on_response_prepare.append(self._restrict)
        return app

    async def _restrict(self, request: web.Request, response: web.StreamResponse) -> None:
        # Not every browser counts a web socket of this host as 'self'.
        sockets = f"connect-src 'self' ws://{request.host} wss://{request.host}"
        response.headers["Content-Security-Policy"] = f"{_POLICY}; {sockets}" if response.status < 400 else _POLICY
        response.headers["X-Frame-Options"] = "DENY"

    @web.middleware
    async def _guard(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        if not self._allows(request.path, request.host, request.headers.get("Origin")):
            raise web.HTTPForbidden(text="Only pages of this server may connect.")
        # The page loads its other files from the address by which the browser found it.
        self.public_url = f"{request.scheme}://{request.host}"
        task = asyncio.current_task()
        if task is not None and request.path == "/ws":
            self._open.add(task)
            task.add_done_callback(self._open.discard)
        return await handler(request)

    async def on_startup(self, _: web.Application) -> None:
        # The server listens only after this, so the message waits until binding has had time to fail.
        asyncio.get_running_loop().call_later(_BIND_SECONDS, self._started)

    async def on_shutdown(self, _: web.Application) -> None:
        # Otherwise an open page would keep the server from ending.
        for task in self._open:
            task.cancel()
