"""The web server of ``textual-serve``, told to be careful and quiet. Importing this needs the package."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable

from aiohttp import web
from textual_serve.server import Server

_POLICY = (
    "default-src 'self'; style-src 'self' 'unsafe-inline'; script-src 'self' 'unsafe-inline'; img-src 'self' data:"
)
"""Nothing is fetched from elsewhere, fonts neither."""

_MOMENT = 0.2
"""Seconds in which it becomes clear whether the address can be had."""

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
Welcome = Callable[[str, str, "str | None"], bool]
"""Whether a request with this path, host and origin is answered."""


class WebServer(Server):
    """Runs a command for every page that is opened; ``started`` is called once it listens."""

    def __init__(
        self, command: str, host: str, port: int, title: str, welcome: Welcome, started: Callable[[], object]
    ) -> None:
        super().__init__(command, host, port, title)
        self._welcome = welcome
        self._started = started
        self._open: set[asyncio.Task[object]] = set()

    def initialize_logging(self) -> None:
        for name in ("textual-serve", "aiohttp"):
            logging.getLogger(name).addHandler(logging.NullHandler())

    async def _make_app(self) -> web.Application:
        app = await super()._make_app()

        @web.middleware
        async def guard(request: web.Request, handler: Handler) -> web.StreamResponse:
            return await self._guarded(request, handler)

        app.middlewares.append(guard)
        app.on_response_prepare.append(self._restrict)
        return app

    async def _restrict(self, request: web.Request, response: web.StreamResponse) -> None:
        # Not every browser counts a web socket as one's own.
        sockets = f"connect-src 'self' ws://{request.host} wss://{request.host}"
        response.headers["Content-Security-Policy"] = f"{_POLICY}; {sockets}" if response.status < 400 else _POLICY
        response.headers["X-Frame-Options"] = "DENY"

    async def _guarded(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        if not self._welcome(request.path, request.host, request.headers.get("Origin")):
            raise web.HTTPForbidden(text="This page is not for you.")
        # The page finds the rest where it was itself found, whatever name that was.
        self.public_url = f"{request.scheme}://{request.host}"
        task = asyncio.current_task()
        if task is not None and request.path == "/ws":
            self._open.add(task)
            task.add_done_callback(self._open.discard)
        return await handler(request)

    async def on_startup(self, _: web.Application) -> None:
        # It listens only after this; and when that fails, nobody is told that it does.
        asyncio.get_running_loop().call_later(_MOMENT, self._started)

    async def on_shutdown(self, _: web.Application) -> None:
        # A page that stays open would keep the server from ending.
        for task in self._open:
            task.cancel()
