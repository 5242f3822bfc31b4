"""Errors for what a registry refuses and for connections that fail.

No message repeats an address that a registry redirects to, or a library's text that may contain one. These addresses
are signed: anyone who has one can download the blob.
"""

from __future__ import annotations

import json
import socket
import ssl
import time
from collections.abc import Iterable, Iterator
from email.utils import parsedate_to_datetime
from http.client import responses

import requests
from requests.exceptions import ConnectTimeout, InvalidProxyURL, InvalidSchema, ProxyError
from urllib3.exceptions import HTTPError, InvalidHeader, NewConnectionError

from explorer.errors import ExplorerError, ImageNotFound, RegistryError
from explorer.sources.registries.content_length import content_length
from explorer.sources.registries.credentials import Credentials
from explorer.sources.registries.retry import Retryable
from explorer.text.printable import printable

CONNECTION_ERRORS = (requests.RequestException, HTTPError, OSError, ValueError)
"""Exceptions of the libraries for a failed or broken connection; ValueError for an impossible address."""
_RETRYABLE_STATUSES = (408, 425, 429, 500, 502, 503, 504)
_MAX_MESSAGE_BYTES = 8192
_PERMANENT_ERRORS = (
    socket.gaierror,
    ConnectionRefusedError,
    ConnectTimeout,
    NewConnectionError,
    ssl.SSLError,
    ProxyError,
)
"""Errors that a second attempt will not change."""


def response_error(
    response: requests.Response, peer: str, what: str, credentials: Credentials | None, authorization: str = ""
) -> Exception:
    """Returns the error for a bad status; Retryable if another attempt may succeed.

    It has the registry's own message, without the secrets of ``credentials`` and ``authorization``.
    """
    status = response.status_code
    status_text = f"{status} {responses.get(status, '')}".rstrip()
    secrets = (*(credentials.secrets if credentials else ()), authorization.partition(" ")[2])
    is_registry, detail = _registry_message(response, secrets)
    error: ExplorerError
    if status == 401:
        error = permission_error(peer, what, credentials)
    elif status == 403:
        error = RegistryError(f"{peer} denies access to {what}{detail}", "Log in as a user with access: docker login")
    elif status == 404:
        hint = "Check the name and the tag." if is_registry else "Check the name, and that this is a registry."
        if not what.startswith("image "):
            hint = "A part of the image is missing there: push it again."
        error = ImageNotFound(f"{peer} has no {what}", hint)
    elif status == 429:
        error = RegistryError(
            f"{peer} refuses for now: too many requests from here (429){detail}",
            "Try again later; `docker login` raises some registries' limits.",
        )
    elif status >= 500:
        error = RegistryError(
            f"{peer} fails when asked for {what}: {status_text}{detail}",
            "Try again later; its log may say why.",
        )
    else:
        error = RegistryError(
            f"{peer} answers a request for {what} with {status_text}{detail}", "Check that this is a registry."
        )
    return Retryable(error, _retry_after(response)) if status in _RETRYABLE_STATUSES else error


def permission_error(peer: str, what: str, credentials: Credentials | None) -> RegistryError:
    """Returns the error for a user without permission."""
    if credentials:
        return RegistryError(
            f"{peer} gives no permission for {what}",
            f"The credentials of {credentials.origin} are not enough, or out of date: docker login, or podman login",
        )
    missing_helper = credentials.missing_helper if credentials is not None else ""
    return RegistryError(
        f"{peer} gives no permission for {what}, or does not have it",
        f"{missing_helper}Check the name; if it needs a login: docker login",
    )


def connection_error(error: Exception, peer: str, *, has_answered: bool) -> Exception:
    """Returns the error for a failed connection; Retryable unless it is permanent.

    After a first answer no failure is certain.
    """
    reason, hint = _reason(error)
    if has_answered:
        return Retryable(RegistryError(f"{peer} stopped sending: {reason}", "Check the network and try again."))
    failure = RegistryError(f"{peer} cannot be reached: {reason}", hint)
    permanent = isinstance(error, ValueError) or any(isinstance(cause, _PERMANENT_ERRORS) for cause in _causes(error))
    return failure if permanent else Retryable(failure)


def _reason(error: Exception) -> tuple[str, str]:
    """Returns the reason of a failure, and a hint."""
    network = "Check the name, the port and the network."
    causes = list(_causes(error))
    for cause in causes:
        if isinstance(cause, ssl.SSLCertVerificationError):
            trusted = "REQUESTS_CA_BUNDLE names a file with the certificates to trust."
            return f"its certificate is not trusted: {printable(str(cause.verify_message))}", trusted
        if isinstance(cause, ssl.SSLError):
            return "it does not speak TLS as expected", "If it speaks plain HTTP: registry+http://HOST/NAME"
        if isinstance(cause, socket.gaierror):
            return "there is no host of that name", network
        if isinstance(cause, ConnectionRefusedError):
            return "nothing listens there", network
        if isinstance(cause, (InvalidProxyURL, InvalidSchema)):
            return "the address of the proxy cannot be used", "HTTPS_PROXY must be an HTTP proxy: http://HOST:PORT"
        if isinstance(cause, (requests.exceptions.InvalidHeader, InvalidHeader)):
            return (
                "it sends an invalid Content-Length",
                "Its administrator or its proxy's must fix it.",
            )
        if isinstance(cause, ProxyError):
            return "the proxy refuses the request", "Check HTTPS_PROXY and NO_PROXY."
        if isinstance(cause, (TimeoutError, requests.Timeout)):
            return "it does not answer in time", network
    if isinstance(error, ValueError):
        return "its address is invalid", network
    texts = (printable(cause.strerror) for cause in causes if isinstance(cause, OSError) and cause.strerror)
    return next(texts, "the connection broke"), network


def _causes(error: BaseException) -> Iterator[BaseException]:
    """Yields an error and its causes, which the libraries keep in several places."""
    pending, count = [error], 0
    while pending and count < 32:
        cause = pending.pop(0)
        count += 1
        yield cause
        deeper = [cause.__cause__, cause.__context__, getattr(cause, "reason", None), *cause.args]
        pending.extend(item for item in deeper if isinstance(item, BaseException))


def _registry_message(response: requests.Response, secrets: Iterable[str]) -> tuple[bool, str]:
    """Returns True for a registry's error document, and its text without secrets."""
    if (content_length(response) or 0) > _MAX_MESSAGE_BYTES:
        # It would be cut, or never come.
        return False, ""
    try:
        body = response.raw.read(_MAX_MESSAGE_BYTES, decode_content=False)
        errors = json.loads(body)["errors"]
        words = " ".join(str(errors[0].get(key) or "") for key in ("code", "message")).strip()
    except (*CONNECTION_ERRORS, LookupError, TypeError, AttributeError, RecursionError):
        return False, ""
    for secret in filter(None, secrets):
        words = words.replace(secret, "…")
    return True, f" ({printable(words)[:200]})" if words else ""


def _retry_after(response: requests.Response) -> float | None:
    """Returns the seconds that the registry asks to wait, by number or by date."""
    value = response.headers.get("Retry-After", "").strip()
    if value.isdecimal():
        return float(value[:9])
    try:
        return max(0.0, parsedate_to_datetime(value).timestamp() - time.time())
    except (ValueError, TypeError, OverflowError):
        return None
