"""The words for what a registry refuses and for what breaks on the way to it.

No message repeats an address that a registry redirects to, nor what a library says of it: such an address is signed,
and whoever has it has the blob.
"""

from __future__ import annotations

import json
import socket
import ssl
import time
from collections.abc import Iterable, Iterator
from email.utils import parsedate_to_datetime
from http import HTTPStatus

import requests
from requests.exceptions import ConnectTimeout, ProxyError
from urllib3.exceptions import HTTPError, NewConnectionError

from explorer.errors import ExplorerError, ImageNotFound, RegistryError
from explorer.sources.registries.credentials import Credentials
from explorer.sources.registries.retry import Retryable
from explorer.text.printable import printable

BROKEN = (requests.RequestException, HTTPError, OSError, ValueError)
"""What the libraries raise when a connection fails or breaks; names that cannot be names are ValueErrors."""
_RETRYABLE = (408, 425, 429, 500, 502, 503, 504)
_MAX_DETAIL = 8192
_AT_ONCE = (socket.gaierror, ConnectionRefusedError, ConnectTimeout, NewConnectionError, ssl.SSLError, ProxyError)
"""What will not be otherwise a second later; an address that makes no sense neither."""


def refusal(
    response: requests.Response, whom: str, what: str, credentials: Credentials | None, authorization: str = ""
) -> Exception:
    """The error for an answer that is not the one hoped for; Retryable when another attempt may fare better.

    ``whom`` is who answered, ``what`` was asked for; ``credentials`` and ``authorization`` are what has been tried.
    """
    status = response.status_code
    secrets = (*(credentials.secrets if credentials else ()), authorization.partition(" ")[2])
    known, detail = _told(response, secrets)
    failure: ExplorerError
    if status == 401:
        failure = no_permission(whom, what, credentials)
    elif status == 403:
        failure = RegistryError(f"{whom} denies access to {what}{detail}", "Log in as somebody who may: docker login")
    elif status == 404:
        hint = "Look at the name and the tag." if known else "Look at the name, and whether it is a registry."
        if not what.startswith("image "):
            hint = "A part of the image is missing there: push it again."
        failure = ImageNotFound(f"{whom} has no {what}", hint)
    elif status == 429:
        failure = RegistryError(
            f"{whom} has had too many requests from here (429){detail}",
            "Try again later; `docker login` raises some registries' limits.",
        )
    elif status >= 500:
        failure = RegistryError(
            f"{whom} fails when asked for {what}: {_status(status)}{detail}", "Try again later; its log may say why."
        )
    else:
        failure = RegistryError(
            f"{whom} answers a request for {what} with {_status(status)}{detail}", "Look whether it is a registry."
        )
    return Retryable(failure, _retry_after(response)) if status in _RETRYABLE else failure


def no_permission(whom: str, what: str, credentials: Credentials | None) -> RegistryError:
    """The error for whoever is not let in."""
    if credentials:
        return RegistryError(
            f"{whom} gives no permission for {what}",
            "The credentials of the Docker configuration are not enough, or out of date: docker login",
        )
    lacking = credentials.lacking if credentials is not None else ""
    return RegistryError(
        f"{whom} gives no permission for {what}, or does not have it",
        f"{lacking}Look at the name; if it wants a login: docker login",
    )


def breakage(error: Exception, whom: str, *, begun: bool) -> Exception:
    """The error for a connection that failed or broke; Retryable unless it is certain to fail again.

    ``begun`` says that it has worked before, so that nothing is certain.
    """
    reason, hint, certain = _reason(error)
    failure = RegistryError(f"{whom} cannot be reached: {reason}", hint)
    if begun:
        failure = RegistryError(f"{whom} stopped sending: {reason}", "Try again; look at the network.")
    return failure if certain and not begun else Retryable(failure)


def _reason(error: Exception) -> tuple[str, str, bool]:
    """Why, a hint, and whether it will be so the next time."""
    network = "Look at the name, the port and the network."
    causes = list(_causes(error))
    certain = isinstance(error, ValueError) or any(isinstance(cause, _AT_ONCE) for cause in causes)
    for cause in causes:
        if isinstance(cause, ssl.SSLCertVerificationError):
            trusted = "REQUESTS_CA_BUNDLE names a file with the certificates to trust."
            return f"its certificate is not trusted: {printable(str(cause.verify_message))}", trusted, certain
        if isinstance(cause, ssl.SSLError):
            plain = "If it is meant to speak plain HTTP: registry+http://HOST/NAME"
            return "it does not speak TLS as expected", plain, certain
        if isinstance(cause, socket.gaierror):
            return "there is no host of that name", network, certain
        if isinstance(cause, ConnectionRefusedError):
            return "nothing listens there", network, certain
        if isinstance(cause, ProxyError):
            return "the proxy does not let the request through", "Look at HTTPS_PROXY and NO_PROXY.", certain
        if isinstance(cause, (TimeoutError, requests.Timeout)):
            return "it does not answer in time", network, certain
    if isinstance(error, ValueError):
        return "its address makes no sense", network, certain
    for cause in causes:
        if isinstance(cause, OSError) and cause.strerror:
            return printable(cause.strerror), network, certain
    return "the connection broke", network, certain


def _causes(error: BaseException) -> Iterator[BaseException]:
    """An error and what is behind it; the libraries keep that in several places."""
    pending, seen = [error], 0
    while pending and seen < 32:
        found = pending.pop(0)
        seen += 1
        yield found
        behind = [found.__cause__, found.__context__, getattr(found, "reason", None), *found.args]
        pending.extend(cause for cause in behind if isinstance(cause, BaseException))


def _told(response: requests.Response, secrets: Iterable[str]) -> tuple[bool, str]:
    """Whether the answer is in a registry's words, and those words, short, printable and without secrets."""
    try:
        body = response.raw.read(_MAX_DETAIL, decode_content=False)
        errors = json.loads(body)["errors"]
        words = " ".join(str(errors[0].get(key) or "") for key in ("code", "message")).strip()
    except (*BROKEN, LookupError, TypeError, AttributeError, RecursionError):
        return False, ""
    for secret in filter(None, secrets):
        words = words.replace(secret, "…")
    return True, f" ({printable(words)[:200]})" if words else ""


def _status(status: int) -> str:
    try:
        return f"{status} {HTTPStatus(status).phrase}"
    except ValueError:
        return str(status)


def _retry_after(response: requests.Response) -> float | None:
    """Seconds that the registry asks to wait, by number or by date; None when it does not say."""
    value = response.headers.get("Retry-After", "").strip()
    if value.isdecimal():
        return float(value[:9])
    try:
        return max(0.0, parsedate_to_datetime(value).timestamp() - time.time())
    except (ValueError, TypeError, OverflowError):
        return None
