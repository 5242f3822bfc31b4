"""A registry on a port of this machine, with images made in memory and every kind of failure."""

from __future__ import annotations

import base64
import json
import re
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, cast
from urllib.parse import parse_qs, urlsplit

from tests.images import MadeImage, digest, oci_files

NAME = "shop/made"
INDEX = "application/vnd.oci.image.index.v1+json"
MANIFEST = "application/vnd.oci.image.manifest.v1+json"
REALM_PATH = "/token"


@dataclass
class Answer:
    """An answer in place of the right one, for paths that match a pattern."""

    pattern: str
    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    times: int = -1
    """Number of times; negative: always."""


@dataclass
class Heard:
    """One request."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes = b""

    @property
    def authorization(self) -> str:
        return self.headers.get("Authorization", "")


@dataclass
class FakeRegistry:
    """The registry's contents, its faults, and the requests to it."""

    manifests: dict[str, bytes] = field(default_factory=dict)
    """Manifests by tag and by digest."""
    blobs: dict[str, bytes] = field(default_factory=dict)
    answers: list[Answer] = field(default_factory=list)
    login: tuple[str, str] | None = None
    """The user name and password that the registry or its token service requires."""
    identity_token: str = ""
    bearer: bool = False
    """True if it asks for a token."""
    token: str = "token-1"
    realm: str = ""
    """The token service, if it is not at this registry."""
    cut: int = -1
    """Bytes of a blob after which the connection breaks; negative: never."""
    cuts: int = -1
    """Number of times it breaks; negative: always."""
    ranges: bool = True
    """True if it supports ranges."""
    part_bytes: int = 1 << 40
    """Bytes of the longest part that it sends."""
    piece: int = 1 << 20
    pause: float = 0
    """Seconds between two pieces of a blob."""
    chunked: bool = False
    """True if blobs come without their length."""
    address: str = ""
    heard: list[Heard] = field(default_factory=list)

    def add(self, tag: str, *images: MadeImage, compress: Callable[[bytes], bytes] = bytes, suffix: str = "") -> bytes:
        """Adds images: one as a manifest, several as an index. Returns that document."""
        files = oci_files(*images, compress=compress, suffix=suffix)
        index = json.loads(files["index.json"])
        for name, content in files.items():
            if name.startswith("blobs/"):
                self.blobs[digest(content)] = content
        for descriptor in index["manifests"]:
            del descriptor["annotations"]
            self.manifests[descriptor["digest"]] = self.blobs.pop(descriptor["digest"])
        if len(images) == 1:
            return self.put(tag, self.manifests[index["manifests"][0]["digest"]])
        return self.put(tag, json.dumps({**index, "mediaType": INDEX}).encode())

    def add_files(self, tag: str, files: Mapping[str, bytes]) -> bytes:
        """Adds the only image of a layout. Returns its manifest."""
        blobs = {digest(content): content for name, content in files.items() if name.startswith("blobs/")}
        manifest = blobs.pop(json.loads(files["index.json"])["manifests"][0]["digest"])
        self.blobs |= blobs
        return self.put(tag, manifest)

    def put(self, tag: str, document: bytes) -> bytes:
        """Adds a document under a tag and under its digest."""
        self.manifests[tag] = self.manifests[digest(document)] = document
        return document

    def edit(self, tag: str, change: Callable[[dict[str, Any]], object]) -> bytes:
        """Changes the document of a tag."""
        document = json.loads(self.manifests[tag])
        change(document)
        return self.put(tag, json.dumps(document).encode())

    def reference(self, tag: str = ":1") -> str:
        """Returns the reference of an image in this registry."""
        return f"registry://{self.address}/{NAME}{tag}"

    def asked(self, part: str = "") -> list[str]:
        """Returns the paths of the requests so far that contain a text."""
        return [request.path for request in self.heard if part in request.path]

    @contextmanager
    def running(self) -> Iterator[FakeRegistry]:
        """The registry, listening on a free port."""
        server = _Server(("127.0.0.1", 0), _Handler)
        server.fake = self
        self.address = f"127.0.0.1:{server.server_address[1]}"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield self
        finally:
            server.shutdown()
            thread.join()
            server.server_close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    fake: FakeRegistry


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def handle(self) -> None:
        with suppress(ConnectionError):
            super().handle()

    @property
    def fake(self) -> FakeRegistry:
        return cast("_Server", self.server).fake

    def do_GET(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        request = Heard(self.command, self.path, dict(self.headers.items()), body)
        self.fake.heard.append(request)
        for answer in self.fake.answers:
            if answer.times and re.search(answer.pattern, self.path):
                answer.times -= 1
                self._say(answer.status, answer.body, answer.headers)
                return
        path = urlsplit(self.path).path
        if path == REALM_PATH:
            self._token(request)
        elif not self._admitted(request):
            self._challenge()
        elif path.startswith(f"/v2/{NAME}/manifests/"):
            self._manifest(path.rpartition("/")[2])
        elif path.startswith(f"/v2/{NAME}/blobs/") and path.rpartition("/")[2] in self.fake.blobs:
            self._blob(self.fake.blobs[path.rpartition("/")[2]])
        else:
            self._refuse(404, "NAME_UNKNOWN", "repository name not known to registry")

    do_POST = do_GET  # noqa: N815 -- named so by http.server

    def _admitted(self, request: Heard) -> bool:
        if self.fake.bearer:
            return request.authorization == f"Bearer {self.fake.token}"
        return self.fake.login is None or request.authorization == basic(*self.fake.login)

    def _challenge(self) -> None:
        challenge = 'Basic realm="the shop"'
        if self.fake.bearer:
            realm = self.fake.realm or f"http://{self.fake.address}{REALM_PATH}"
            challenge = f'Bearer realm="{realm}",service="the, shop",scope="repository:{NAME}:pull"'
        self._refuse(401, "UNAUTHORIZED", "authentication required", {"WWW-Authenticate": challenge})

    def _token(self, request: Heard) -> None:
        fake = self.fake
        if request.method == "POST":
            asked = parse_qs(request.body.decode())
            admitted = asked["grant_type"] == ["refresh_token"] and asked["refresh_token"] == [fake.identity_token]
        else:
            asked = parse_qs(urlsplit(request.path).query)
            admitted = fake.login is None or request.authorization == basic(*fake.login)
        if not admitted or asked["service"] != ["the, shop"] or asked["scope"] != [f"repository:{NAME}:pull"]:
            self._refuse(401, "UNAUTHORIZED", "incorrect username or password")
            return
        self._say(200, json.dumps({"access_token": fake.token, "expires_in": 300}).encode())

    def _manifest(self, reference: str) -> None:
        document = self.fake.manifests.get(reference)
        if document is None:
            self._refuse(404, "MANIFEST_UNKNOWN", "manifest unknown")
            return
        self._say(200, document, {"Content-Type": MANIFEST, "Docker-Content-Digest": digest(document)})

    def _blob(self, content: bytes) -> None:
        asked = re.fullmatch(r"bytes=(\d+)-(\d*)", self.headers.get("Range", "")) if self.fake.ranges else None
        start, end = (int(asked[1]), len(content)) if asked else (0, len(content))
        if asked and asked[2]:
            end = min(end, int(asked[2]) + 1)
        if start >= len(content) and content:
            self._say(416, b"")
            return
        if asked:
            end = min(end, start + self.fake.part_bytes)
        is_part = start > 0 or end < len(content)
        self.send_response(206 if is_part else 200)
        if is_part:
            self.send_header("Content-Range", f"bytes {start}-{end - 1}/{len(content)}")
        if self.fake.chunked:
            self.send_header("Connection", "close")
        else:
            self.send_header("Content-Length", str(end - start))
        self.end_headers()
        whole_end = end
        if self.fake.cut >= 0 and self.fake.cuts:
            self.fake.cuts -= 1
            end = min(end, start + self.fake.cut)
        with suppress(OSError):
            while start < end:
                self.wfile.write(content[start : min(end, start + self.fake.piece)])
                start += self.fake.piece
                time.sleep(self.fake.pause)
        if self.fake.chunked or end < whole_end:
            self.close_connection = True

    def _refuse(self, status: int, code: str, message: str, headers: Mapping[str, str] | None = None) -> None:
        self._say(status, json.dumps({"errors": [{"code": code, "message": message}]}).encode(), headers or {})

    def _say(self, status: int, body: bytes, headers: Mapping[str, str] | None = None) -> None:
        with suppress(OSError):
            self.send_response(status)
            for name, value in {"Content-Length": str(len(body)), **(headers or {})}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 -- named so by http.server
        pass


def basic(username: str, password: str) -> str:
    """Returns the Authorization header of a login."""
    return "Basic " + base64.b64encode(f"{username}:{password}".encode()).decode()


def push(
    address: str,
    tag: str,
    *images: MadeImage,
    compress: Callable[[bytes], bytes] = bytes,
    suffix: str = "",
    login: tuple[str, str] | None = None,
) -> None:
    """Pushes images to a real registry."""
    held = FakeRegistry()
    held.add(tag, *images, compress=compress, suffix=suffix)
    _push_all(address, held, {"Authorization": basic(*login)} if login else {})


def push_files(address: str, tag: str, files: Mapping[str, bytes]) -> None:
    """Pushes the only image of a layout to a real registry."""
    held = FakeRegistry()
    held.add_files(tag, files)
    _push_all(address, held, {})


def _push_all(address: str, held: FakeRegistry, headers: Mapping[str, str]) -> None:
    connection = HTTPConnection(address, timeout=20)

    def ask(method: str, path: str, body: bytes = b"", kind: str = "application/octet-stream") -> str:
        connection.request(method, path, body, {**headers, "Content-Type": kind})
        answer = connection.getresponse()
        content = answer.read()
        assert answer.status in (201, 202), (method, path, answer.status, content)
        return answer.headers.get("Location", "")

    try:
        for name, content in held.blobs.items():
            place = urlsplit(ask("POST", f"/v2/{NAME}/blobs/uploads/"))
            ask("PUT", f"{place.path}?{place.query}&digest={name}", content)
        # Manifests before the index that names them.
        for name, document in sorted(held.manifests.items(), key=lambda item: b'"manifests"' in item[1]):
            kind = json.loads(document)["mediaType"]
            ask("PUT", f"/v2/{NAME}/manifests/{name}", document, kind)
    finally:
        connection.close()
