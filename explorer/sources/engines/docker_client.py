"""The Docker SDK's client, with limited responses and without redirects."""

from __future__ import annotations

from typing import Any

from docker import APIClient
from docker.transport import SSHHTTPAdapter
from requests import PreparedRequest, RequestException, Response
from requests.adapters import BaseAdapter

MAX_RESPONSE_BYTES = 32 << 20
"""Limit for a response that is not streamed. The changes of a container may be some hundred thousand paths."""
_CHUNK = 64 << 10
_SSH_PORT = ":22"


class BoundedClient(APIClient):  # type: ignore[misc]  # the SDK has no types
    """A client that limits the size of responses and refuses redirects."""

    def __init__(self, base_url: str, version: str = "auto", **settings: Any) -> None:
        """Asks the engine for its API version, if none is given. Raises DockerException."""
        self._names_port = base_url.endswith(_SSH_PORT)
        super().__init__(base_url, version=version, use_ssh_client=True, **settings)

    def mount(self, prefix: str | bytes, adapter: BaseAdapter) -> None:
        """See requests.Session."""
        if isinstance(adapter, SSHHTTPAdapter) and not self._names_port:
            # The SDK adds the default port, which would override the one in the user's ssh configuration.
            adapter.ssh_host = adapter.ssh_host.removesuffix(_SSH_PORT)
        super().mount(prefix, adapter)

    def build_cache(self) -> Any:
        """Returns the engine's answer about the cache of its builder."""
        # The SDK has no way to ask for less than everything, which takes long. Old engines answer with everything, too.
        return self._result(self._get(self._url("/system/df"), params={"type": "build-cache"}), json=True)

    def send(self, request: PreparedRequest, **settings: Any) -> Response:
        """See requests.Session. Raises RequestException if too long, or a redirect."""
        streamed = settings.get("stream")
        # Because the SDK would read a redirect of any length, too. No engine redirects.
        response: Response = super().send(request, **{**settings, "stream": True, "allow_redirects": False})
        try:
            if response.is_redirect:
                raise RequestException("it redirects, which no engine does")
            if not streamed or not response.ok:
                # The attribute in which requests itself keeps a body.
                response._content = _bounded(response)
        except BaseException:
            response.close()
            raise
        return response


def _bounded(response: Response) -> bytes:
    content = bytearray()
    for chunk in response.iter_content(_CHUNK):
        content += chunk
        if len(content) > MAX_RESPONSE_BYTES:
            raise RequestException(f"its response has more than {MAX_RESPONSE_BYTES:,} bytes")
    return bytes(content)
