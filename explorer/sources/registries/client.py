"""A client of a registry's distribution API, with retries and limits.

A registry's answers are not trusted. Documents have a maximum length. Blobs must have the size and the digest that the
manifest promises. Redirects and retries end. Only the registry itself and its token service get the user's credentials.
"""

from __future__ import annotations

import ipaddress
import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.cookiejar import DefaultCookiePolicy
from urllib.parse import SplitResult, urljoin, urlsplit

import requests

from explorer import __version__
from explorer.errors import ImageNotFound, RegistryError, UnreadableImage, UnreadableLayer
from explorer.layers.digests import is_digest, shown
from explorer.layers.streams import FileRange
from explorer.sources.archives.json_documents import MAX_DOCUMENT_BYTES
from explorer.sources.registries.blob_download import CHUNK, BlobDownload, RangeDownload, temporary_file_for
from explorer.sources.registries.content_length import content_length
from explorer.sources.registries.credentials import Challenge, Credentials, token_from
from explorer.sources.registries.errors import CONNECTION_ERRORS, connection_error, permission_error, response_error
from explorer.sources.registries.logins import find_credentials
from explorer.sources.registries.retry import RetryBudget
from explorer.text.printable import printable

_TIMEOUT_SECONDS = (10, 30)
"""Limits for a connection, and for the next bytes."""
_MAX_REDIRECTS = 5
_MAX_TOKEN_BYTES = 1 << 20
_REDIRECTS = (301, 302, 303, 307, 308)
_NO_PROXY = {"http": "", "https": "", "all": ""}


def is_local(host: str | None) -> bool:
    """True if a host, without a port, can only be this machine."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address((host or "").strip("[]")).is_loopback
    except ValueError:
        return False


class Repository:
    """One repository of a registry. Several threads may fetch from it."""

    def __init__(self, host: str, address: str, name: str, *, plain: bool) -> None:
        """Takes the host in references, and the address of its API."""
        self.registry = f"the registry {host}"
        """The registry's name in messages."""
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
        # Because digests are of the stored bytes, proxies must not compress them.
        self._session.headers["Accept-Encoding"] = "identity"
        # Otherwise requests reads ~/.netrc, and prefers it to the header that is set here.
        self._session.auth = lambda request: request

    def document(self, path: str, accept: str, what: str, budget: RetryBudget) -> tuple[bytes, Mapping[str, str]]:
        """Returns a document and the headers of its response. Errors call it ``what``."""

        def attempt() -> tuple[bytes, Mapping[str, str]]:
            with self._request(path, {"Accept": accept}, what, budget) as response:
                return _bounded(response, MAX_DOCUMENT_BYTES, f"{what} from {self.registry}", budget), response.headers

        return budget.run(attempt)

    def blob(self, digest: str, size: int, name: str, budget: RetryBudget) -> FileRange:
        """Returns a verified blob; broken downloads are resumed. Raises UnreadableLayer."""
        if not is_digest(digest):
            raise UnreadableLayer(
                f"{name} cannot be verified: “{shown(digest)}” is not a sha256 or sha512 digest",
                "Push the image again with a current tool.",
            )
        with temporary_file_for(size, name) as file:
            download = BlobDownload(file, digest, size, name, budget)

            def attempt() -> None:
                headers = {"Range": f"bytes={download.done}-"} if download.done else {}
                with self._request(f"blobs/{digest}", headers, f"blob {digest}, {name}", budget) as response:
                    download.append(response)

            if size:
                budget.run(attempt)
            return download.verified()

    def blob_range(self, digest: str, offset: int, size: int, name: str, budget: RetryBudget) -> bytes:
        """Returns a part of a blob, not verified; it may be short at the blob's end.

        Raises RangesRefused if the registry only gives the whole blob.
        """
        download = RangeDownload(offset, size, f"blob {digest}, {name}, from {self.registry}", budget)

        def attempt() -> None:
            headers = {"Range": f"bytes={offset + download.done}-{offset + size - 1}"}
            with self._request(f"blobs/{digest}", headers, f"blob {digest}, {name}", budget) as response:
                download.append(response)

        budget.run(attempt)
        return download.content

    def has_blob(self, digest: str, name: str, budget: RetryBudget) -> bool:
        """True if the registry has a blob. Raises RegistryError if it does not say."""

        def attempt() -> bool:
            # Not HEAD, because some registries have it only for manifests.
            with self._request(f"blobs/{digest}", {"Range": "bytes=0-0"}, f"blob {digest}, {name}", budget):
                return True

        try:
            return is_digest(digest) and budget.run(attempt)
        except ImageNotFound:
            return False

    @contextmanager
    def _request(
        self, path: str, headers: Mapping[str, str], what: str, budget: RetryBudget
    ) -> Iterator[requests.Response]:
        """Yields a successful response with an unread body.

        Raises Retryable or RegistryError for any other response, and if the connection breaks before the body ends.
        """
        try:
            while True:
                url = f"{self._base}/v2/{self.name}/{path}"
                authorization = self._authorization
                with self._follow_redirects(url, headers, authorization, budget) as response:
                    if response.status_code in (200, 206):
                        budget.has_answered = True
                        yield response
                        return
                    # A host that the registry redirects to must not ask for the registry's credentials.
                    is_registry = _origin(str(response.url)) == _origin(url)
                    if response.status_code == 401 and is_registry and not budget.is_renewed:
                        self._authorise(response.headers.get("WWW-Authenticate", ""), authorization, what, budget)
                        budget.is_renewed = True
                        continue
                    if response.status_code == 416 and "Range" in headers:
                        # It refuses a part. The whole blob starts over.
                        headers = {}
                        continue
                    if self._speaks_tls(response):
                        self._base = self._base.replace("http://", "https://", 1)
                        continue
                    raise response_error(response, self.registry, what, self._credentials, authorization)
        except CONNECTION_ERRORS as error:
            raise connection_error(error, self.registry, has_answered=budget.has_answered) from error

    def _speaks_tls(self, response: requests.Response) -> bool:
        """True if a registry on this machine rejects plain HTTP because it speaks TLS."""
        if response.status_code != 400 or self._plain or not self._base.startswith("http://"):
            return False
        return b"HTTPS" in response.raw.read(CHUNK, decode_content=False)

    @contextmanager
    def _follow_redirects(
        self, url: str, headers: Mapping[str, str], authorization: str, budget: RetryBudget
    ) -> Iterator[requests.Response]:
        """Yields the last response; only the registry itself gets the authorization."""
        registry_origin = _origin(url)
        peer = self.registry
        for _ in range(_MAX_REDIRECTS + 1):
            login = {"Authorization": authorization} if authorization and _origin(url) == registry_origin else {}
            with self._send(requests.Request("GET", url, headers={**headers, **login}), peer, budget) as response:
                location = response.headers.get("Location")
                if response.status_code not in _REDIRECTS or not location:
                    yield response
                    return
                url, host = self._redirect_target(url, location)
                peer = f"{host}, where {self.registry} redirects to,"
        raise RegistryError(
            f"{self.registry} redirects more than {_MAX_REDIRECTS} times", "Its administrator must fix it."
        )

    def _redirect_target(self, url: str, location: str) -> tuple[str, str]:
        """Returns address and host of a redirect. Raises RegistryError if it leaves TLS."""
        target = _split_url(location, url)
        host = printable(target.hostname or "nowhere")
        if target.scheme == "https" or (target.scheme == "http" and (self._plain or self._stays_local(target))):
            return target.geturl(), host
        raise RegistryError(f"{self.registry} redirects to {host} without TLS", "It was not followed.")

    def _stays_local(self, target: SplitResult) -> bool:
        """True if a local registry names a local address, which needs no TLS."""
        return self._local and is_local(target.hostname)

    def _send(self, request: requests.Request, peer: str, budget: RetryBudget) -> requests.Response:
        """Returns the response to one request. Raises Retryable or RegistryError."""
        try:
            prepared = self._session.prepare_request(request)
            url = str(prepared.url)
            proxies = dict(_NO_PROXY) if is_local(urlsplit(url).hostname) else {}
            settings = self._session.merge_environment_settings(url, proxies, True, None, None)
            # Not Session.send, because it reads the bodies of redirects whole, of any length.
            response = self._session.get_adapter(url).send(prepared, timeout=_TIMEOUT_SECONDS, **settings)
        except CONNECTION_ERRORS as error:
            raise connection_error(error, peer, has_answered=budget.has_answered) from error
        try:
            content_length(response)
        except RegistryError as error:
            response.close()
            raise RegistryError(f"{peer} cannot be read: {error.message}", error.hint) from error
        return response

    def _authorise(self, header: str, rejected: str, what: str, budget: RetryBudget) -> None:
        """Replaces the rejected authorization. Raises RegistryError if there is none."""
        with self._lock:
            if self._authorization != rejected:
                return
            challenge = Challenge.parse(header)
            if challenge is None:
                raise RegistryError(
                    f"{self.registry} asks for a login of an unknown kind",
                    "Supported are the basic and the bearer scheme.",
                )
            if self._credentials is None:
                self._credentials = find_credentials(self._host, self.name)
            if challenge.scheme == "bearer":
                self._authorization = f"Bearer {self._token(challenge, what, budget)}"
            elif self._credentials.basic and self._credentials.basic != rejected:
                self._authorization = self._credentials.basic
            else:
                raise permission_error(self.registry, what, self._credentials)

    def _token(self, challenge: Challenge, what: str, budget: RetryBudget) -> str:
        """Returns a token of the service that the registry names. Raises RegistryError."""
        credentials = self._credentials or Credentials()
        target = _split_url(challenge.realm)
        if target.scheme != "https" and not (target.scheme == "http" and self._stays_local(target)):
            raise RegistryError(
                f"{self.registry} names a token service without TLS: {printable(target.hostname or 'none')}",
                "No credentials were sent there.",
            )
        service = f"the token service {printable(target.hostname or '')} of {self.registry}"
        scope = challenge.scope or f"repository:{self.name}:pull"
        params = {"scope": scope, **({"service": challenge.service} if challenge.service else {})}
        login = {"Authorization": credentials.basic} if credentials.basic else {}
        request = requests.Request("GET", challenge.realm, params=params, headers=login)
        if credentials.identity_token:
            grant = {"grant_type": "refresh_token", "refresh_token": credentials.identity_token}
            request = requests.Request("POST", challenge.realm, data={**grant, **params, "client_id": "layer-explorer"})
        with self._send(request, service, budget) as response:
            if response.status_code in (401, 403):
                raise permission_error(service, what, credentials)
            if response.status_code != 200:
                raise response_error(response, service, "token", credentials)
            body = _bounded(response, _MAX_TOKEN_BYTES, f"a token from {service}", budget)
        try:
            token = token_from(json.loads(body))
        except (ValueError, RecursionError):
            token = ""
        if not token:
            raise RegistryError(f"{service} answers without a token", "Its administrator must fix it.")
        return token


def _bounded(response: requests.Response, limit: int, what: str, budget: RetryBudget) -> bytes:
    """Returns the body of a response. Raises UnreadableImage if it is too long."""
    content = bytearray()
    too_long = UnreadableImage(f"{what} has more than {limit:,} bytes", "Valid documents are much shorter.")
    if (content_length(response) or 0) > limit:
        raise too_long
    for chunk in response.raw.stream(CHUNK, decode_content=False):
        content += chunk
        if len(content) > limit:
            raise too_long
        budget.arrived(budget.transfer.done)
    return bytes(content)


def _split_url(url: str, base: str = "") -> SplitResult:
    """Returns the parts of an address, relative to ``base``; empty if invalid."""
    try:
        parts = urlsplit(urljoin(base, url))
        _ = parts.port
    except ValueError:
        return urlsplit("")
    return parts


def _origin(url: str) -> tuple[str, str | None, int | None]:
    parts = _split_url(url)
    return parts.scheme, parts.hostname, parts.port or {"http": 80, "https": 443}.get(parts.scheme)
