"""A Docker Engine on a socket or a port, with one image and every kind of failure."""

from __future__ import annotations

import json
import re
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any, cast

from tests.images import MadeImage, digest, docker_archive


@dataclass
class FakeEngine:
    """The engine's answers, and the requests to it."""

    answers: dict[str, tuple[int, bytes]]
    """Status and body for each path, without the version and with or without its query; other paths get 404."""
    ids: dict[str, str] = field(default_factory=dict)
    """Name of the image for each ID. A path with an ID has the answer of the name, unless it has one of its own."""
    url: str = ""
    asked: list[str] = field(default_factory=list)
    """Paths with the version, in order."""
    hold: str = ""
    """A path whose answer waits for ``released``."""
    released: threading.Event = field(default_factory=threading.Event)
    drip: str = ""
    """A path whose answer comes byte by byte, and never ends."""
    location: str = ""
    """The Location header of answers."""
    cut: int = 0
    """Bytes of the saved archive that are announced but not sent."""

    @classmethod
    def of(cls, *images: MadeImage, version: str = "1.41") -> FakeEngine:
        """Returns an engine with these images, the first one being the one to open."""
        answers = {"/version": json.dumps({"ApiVersion": version}).encode()}
        for made in images:
            answers |= {
                f"/images/{made.tag}/json": json.dumps(_inspected(made)).encode(),
                f"/images/{made.tag}/history": json.dumps(_history(made)).encode(),
                f"/images/{made.tag}/get": docker_archive(made),
            }
        if images[1:]:
            answers["/images/json"] = json.dumps([_inspected(made) for made in images]).encode()
        ids = {digest(made.config_bytes): made.tag for made in images}
        return cls({path: (200, body) for path, body in answers.items()}, ids)

    def rebuild(self, made: MadeImage) -> None:
        """Gives the name of an image to another one. The first one keeps its ID."""
        for image_id, name in self.ids.items():
            for path in [path for path in self.answers if f"/{name}/" in path]:
                self.answers.setdefault(path.replace(name, image_id), self.answers[path])
        newer = FakeEngine.of(made)
        self.answers |= newer.answers
        self.ids = newer.ids

    @contextmanager
    def on(self, socket: Path | None = None) -> Iterator[FakeEngine]:
        """The engine, listening on a socket, or on a free port."""
        server: socketserver.BaseServer
        if socket:
            server = _UnixServer(str(socket), _Handler)
            self.url = f"unix://{socket}"
        else:
            server = _TCPServer(("127.0.0.1", 0), _Handler)
            self.url = f"tcp://127.0.0.1:{server.server_address[1]}"
        cast("Any", server).fake = self
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield self
        finally:
            self.released.set()
            server.shutdown()
            thread.join()
            server.server_close()


class _UnixServer(socketserver.ThreadingUnixStreamServer):
    pass


class _TCPServer(socketserver.ThreadingTCPServer):
    allow_reuse_address = True


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        fake: FakeEngine = cast("Any", self.server).fake
        fake.asked.append(self.path)
        path = re.sub(r"^/v[\d.]+(?=/)", "", self.path)
        for image_id, name in fake.ids.items() if path not in fake.answers else ():
            path = path.replace(image_id, name)
        if path == fake.hold:
            fake.released.wait(30)
        if path == fake.drip:
            self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n")
            with suppress(OSError):
                while not fake.released.wait(0.02):
                    self.wfile.write(b" ")
            return
        unknown = (404, b'{"message": "No such image: nope:1"}')
        status, body = fake.answers.get(path) or fake.answers.get(path.partition("?")[0], unknown)
        if not status:
            self.wfile.write(body)
            return
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        if fake.location:
            self.send_header("Location", fake.location)
        self.end_headers()
        try:
            self.wfile.write(body[: len(body) - fake.cut] if path.endswith("/get") else body)
        except OSError:
            fake.asked.append("(went away)")

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 -- named so by http.server
        pass


def _inspected(made: MadeImage) -> dict[str, Any]:
    return {
        "Id": digest(made.config_bytes),
        "RepoTags": [made.tag, "other:1"],
        "RepoDigests": [f"made@{digest(b'manifest')}"],
        "Os": made.config["os"],
        "Architecture": made.config["architecture"],
        "Created": made.config["created"],
        "Config": made.config["config"],
        "Size": sum(map(len, made.layers)),
        "RootFS": {"Type": "layers", "Layers": made.config["rootfs"]["diff_ids"]},
    }


def _history(made: MadeImage) -> list[dict[str, Any]]:
    """Returns the history as engines do: newest first, without the layers of the steps."""
    sizes = iter(made.layers)
    steps = [
        {
            "CreatedBy": step["created_by"],
            "Created": 1_700_000_000,
            "Size": 0 if step.get("empty_layer") else len(next(sizes)),
        }
        for step in made.config["history"]
    ]
    return steps[::-1]
