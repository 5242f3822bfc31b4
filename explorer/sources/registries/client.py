"""A registry's distribution API over HTTP: documents and blobs, fetched with patience and within limits.

Everything that a registry sends is a stranger's: documents are bounded, blobs have the size and the digest that a
manifest promised, redirects and waits come to an end, and credentials go to the registry alone.
"""

from __future__ import annotations

import ipaddress
import json
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http.cookiejar import DefaultCookiePolicy
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import SplitResult, urljoin, urlsplit

import requests

from explorer import __version__
from explorer.errors import RegistryError, UnreadableImage, UnreadableLayer
from explorer.layers.digests import is_digest
from explorer.layers.streams import FileRange
from explorer.sources.archives.json_documents import MAX_DOCUMENT
from explorer.sources.registries.blob_download import CHUNK, ArrivingBlob, temporary_file
from explorer.sources.registries.credentials import Challenge, Credentials, docker_credentials, token_in
from explorer.sources.registries.errors import BROKEN, breakage, no_permission, refusal
from explorer.sources.registries.retry import RetryBudget
from explorer.text.printable import printable

if TYPE_CHECKING:
    from requests import PreparedRequest

_TIMEOUT = (10, 30)
"""Seconds until a connection, and until the next bytes."""
_MAX_REDIRECTS = 5
_MAX_TOKEN = 1 << 20
_REDIRECTS = (301, 302, 303, 307, 308)
_NO_PROXY = {"http": "", "https": "", "all": ""}

_Taken = TypeVar("_Taken")


def is_local(host: str | None) -> bool:
    """Whether a host, without a port, is this machine by its own word."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address((host or "").strip("[]")).is_loopback
    except ValueError:
        return False


class Repository:
    """One repository of a registry. Several threads may fetch from it."""

    def __init__(self, host: str, address: str, name: str, *, plain: bool) -> None:
        """``host`` is the registry's name in references, ``address`` where its API is, ``plain`` without TLS."""
        self.whom = f"the registry {host}"
        self.name = name
        self._host = host
        self._local = is_local(urlsplit(f"//{address}").hostname)
        self._base = f"{'http' if plain or self._local else 'https'}://{address}"
        self._plain = plain
        self._credentials: Credentials | None = None
        self._authorization = ""
        self._lock = threading.Lock()
        self._session = requests.Session()
        self._session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=()))
        self._session.headers["User-Agent"] = f"layer-explorer/{__version__}"
        # Digests are of the bytes as they are stored, so nobody may compress them on the way.
        self._session.headers["Accept-Encoding"] = "identity"
        # Otherwise ~/.netrc would be asked, and win over what is sent here.
        self._session.auth = _unchanged

    def document(self, path: str, accept: str, what: str, patience: RetryBudget) -> tuple[bytes, Mapping[str, str]]:
        """A document and the headers it came with; ``path`` is within the repository, ``what`` its name in errors."""

        def attempt() -> tuple[bytes, Mapping[str, str]]:
            with self._asked(path, {"Accept": accept}, what, patience) as response:
                return _bounded(response, MAX_DOCUMENT, f"{what} from {self.whom}", patience), response.headers

        return self._tried(attempt, patience)

    def blob(self, digest: str, size: int, name: str, patience: RetryBudget) -> FileRange:
        """A blob in a temporary file without a name, verified; ``name`` is what errors call it.

        Continued where it broke off, if the registry can. Raises UnreadableLayer for other bytes than promised.
        """
        if not is_digest(digest):
            raise UnreadableLayer(
                f"{name} cannot be verified: “{printable(digest)[:200]}” is no sha256 or sha512 digest",
                "Push the image again with a current tool.",
            )
        with temporary_file(size, name) as file:
            arriving = ArrivingBlob(file, digest, size, name, patience)

            def attempt() -> None:
                headers = {"Range": f"bytes={arriving.done}-"} if arriving.done else {}
                with self._asked(f"blobs/{digest}", headers, f"blob {digest}, {name}", patience) as response:
                    arriving.take(response)

            if size:
                self._tried(attempt, patience)
            return arriving.verified()

    def _tried(self, attempt: Callable[[], _Taken], patience: RetryBudget) -> _Taken:
        def once() -> _Taken:
            try:
                return attempt()
            except BROKEN as error:
                raise breakage(error, self.whom, begun=patience.begun) from error

        return patience.tried(once)

    @contextmanager
    def _asked(
        self, path: str, headers: Mapping[str, str], what: str, patience: RetryBudget
    ) -> Iterator[requests.Response]:
        """The registry's answer, with a body to be read. Raises Retryable or RegistryError for any other."""
        while True:
            url = f"{self._base}/v2/{self.name}/{path}"
            authorization = self._authorization
            with self._sent(url, headers, authorization, patience) as response:
                if response.status_code in (200, 206):
                    patience.begun = True
                    yield response
                    return
                # Wherever a blob lies may not ask for the registry's credentials.
                own = _origin(str(response.url)) == _origin(url)
                if response.status_code == 401 and own and not patience.renewed:
                    self._authorise(response.headers.get("WWW-Authenticate", ""), authorization, what, patience)
                    patience.renewed = True
                    continue
                if self._speaks_tls(response):
                    self._base = self._base.replace("http://", "https://", 1)
                    continue
                raise refusal(response, self.whom, what, self._credentials, authorization)

    def _speaks_tls(self, response: requests.Response) -> bool:
        """Whether a registry on this machine answers a plain request by saying that it speaks TLS."""
        if response.status_code != 400 or self._plain or not self._base.startswith("http://"):
            return False
        return b"HTTPS" in response.raw.read(CHUNK, decode_content=False)

    @contextmanager
    def _sent(
        self, url: str, headers: Mapping[str, str], authorization: str, patience: RetryBudget
    ) -> Iterator[requests.Response]:
        """The answer to a GET, redirects followed by hand: only the registry itself hears the authorization."""
        origin = _origin(url)
        whom = self.whom
        for _ in range(_MAX_REDIRECTS + 1):
            own = {"Authorization": authorization} if authorization and _origin(url) == origin else {}
            with self._send(requests.Request("GET", url, headers={**headers, **own}), whom, patience) as response:
                location = response.headers.get("Location")
                if response.status_code not in _REDIRECTS or not location:
                    yield response
                    return
                url, host = self._redirected(url, location)
                whom = f"{host}, where {self.whom} redirects to,"
        raise RegistryError(
            f"{self.whom} redirects more than {_MAX_REDIRECTS} times", "Its administrator must see to it."
        )

    def _redirected(self, url: str, location: str) -> tuple[str, str]:
        """The address and the host of a redirect. Raises RegistryError when it leads out of TLS."""
        target = _split(location, url)
        host = printable(target.hostname or "nowhere")
        if target.scheme == "https" or (target.scheme == "http" and (self._plain or self._is_ours(target.hostname))):
            return target.geturl(), host
        raise RegistryError(f"{self.whom} redirects to {host} without TLS", "It was not followed.")

    def _is_ours(self, host: str | None) -> bool:
        """Whether plain HTTP is right: from a registry on this machine to this machine."""
        return self._local and is_local(host)

    def _send(self, request: requests.Request, whom: str, patience: RetryBudget) -> requests.Response:
        """The answer to one request, whatever it is. Raises Retryable or RegistryError when there is none."""
        try:
            prepared: PreparedRequest = self._session.prepare_request(request)
            url = str(prepared.url)
            proxies = dict(_NO_PROXY) if is_local(urlsplit(url).hostname) else {}
            settings = self._session.merge_environment_settings(url, proxies, True, None, None)
            # Not by the session's own send: that reads the bodies of redirects whole, however long they are.
            return self._session.get_adapter(url).send(prepared, timeout=_TIMEOUT, **settings)
        except BROKEN as error:
            raise breakage(error, whom, begun=patience.begun) from error

    def _authorise(self, header: str, used: str, what: str, patience: RetryBudget) -> None:
        """Have an Authorization other than the one that was refused. Raises RegistryError when there is none."""
        with self._lock:
            if self._authorization != used:
                return
            challenge = Challenge.read(header)
            if challenge is None:
                raise RegistryError(
                    f"{self.whom} asks for a login of an unknown kind", "Known are the basic and the bearer scheme."
                )
            if self._credentials is None:
                self._credentials = docker_credentials(self._host)
            if challenge.scheme == "bearer":
                self._authorization = f"Bearer {self._token(challenge, what, patience)}"
            elif self._credentials.basic and self._credentials.basic != used:
                self._authorization = self._credentials.basic
            else:
                raise no_permission(self.whom, what, self._credentials)

    def _token(self, challenge: Challenge, what: str, patience: RetryBudget) -> str:
        """A token of the service that the registry names. Raises RegistryError."""
        credentials = self._credentials or Credentials()
        target = _split(challenge.realm)
        if target.scheme != "https" and not (target.scheme == "http" and self._is_ours(target.hostname)):
            raise RegistryError(
                f"{self.whom} names a token service without TLS: {printable(target.hostname or 'none')}",
                "No credentials were sent there.",
            )
        whom = f"the token service {printable(target.hostname or '')} of {self.whom}"
        scope = challenge.scope or f"repository:{self.name}:pull"
        asked = {"scope": scope, **({"service": challenge.service} if challenge.service else {})}
        login = {"Authorization": credentials.basic} if credentials.basic else {}
        request = requests.Request("GET", challenge.realm, params=asked, headers=login)
        if credentials.identity_token:
            grant = {"grant_type": "refresh_token", "refresh_token": credentials.identity_token}
            request = requests.Request("POST", challenge.realm, data={**grant, **asked, "client_id": "layer-explorer"})
        with self._send(request, whom, patience) as response:
            if response.status_code in (401, 403):
                raise no_permission(whom, what, credentials)
            if response.status_code != 200:
                raise refusal(response, whom, "token", credentials)
            body = _bounded(response, _MAX_TOKEN, f"a token from {whom}", patience)
        try:
            token = token_in(json.loads(body))
        except (ValueError, RecursionError):
            token = ""
        if not token:
            raise RegistryError(f"{whom} answers without a token", "Its administrator must see to it.")
        return token


def _bounded(response: requests.Response, limit: int, what: str, patience: RetryBudget) -> bytes:
    """The body of an answer. Raises UnreadableImage when it is longer than any such document."""
    content = bytearray()
    for chunk in response.raw.stream(CHUNK, decode_content=False):
        content += chunk
        if len(content) > limit:
            raise UnreadableImage(f"{what} has more than {limit:,} bytes", "No such document is as long.")
        patience.arrived(patience.done)
    return bytes(content)


def _split(url: str, base: str = "") -> SplitResult:
    """The parts of an address, which may be relative to another; of nothing when it makes no sense."""
    try:
        parts = urlsplit(urljoin(base, url))
        _ = parts.port
    except ValueError:
        return urlsplit("")
    return parts


def _origin(url: str) -> tuple[str, str | None, int | None]:
    parts = _split(url)
    return parts.scheme, parts.hostname, parts.port or {"http": 80, "https": 443}.get(parts.scheme)


def _unchanged(request: PreparedRequest) -> PreparedRequest:
    return request
