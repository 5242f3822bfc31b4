"""The Docker SDK's client with bounds: an answer has a greatest length, and leads nowhere else."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from docker import APIClient
from docker.transport import SSHHTTPAdapter
from requests import RequestException
from requests.adapters import BaseAdapter

if TYPE_CHECKING:
    from requests import PreparedRequest, Response

MAX_ANSWER = 32 << 20
"""Bytes of an answer that is not streamed: the changes of a container may be some hundred thousand paths."""
_CHUNK = 64 << 10
_DEFAULT_PORT = ":22"


class BoundedClient(APIClient):  # type: ignore[misc]  # the SDK has no types
    """The SDK's client, which by itself would read an answer of any length into memory."""

    def __init__(self, base_url: str, **more: Any) -> None:
        """Ask the engine which version of the API it speaks. Raises DockerException."""
        self._names_port = base_url.endswith(_DEFAULT_PORT)
        super().__init__(base_url, version="auto", use_ssh_client=True, **more)

    def mount(self, prefix: str | bytes, adapter: BaseAdapter) -> None:
        """See requests.Session."""
        if isinstance(adapter, SSHHTTPAdapter) and not self._names_port:
            # The SDK adds the default port, which would win over the one in the user's configuration of ssh.
            adapter.ssh_host = adapter.ssh_host.removesuffix(_DEFAULT_PORT)
        super().mount(prefix, adapter)

    def send(self, request: PreparedRequest, **settings: Any) -> Response:
        """See requests.Session. Raises RequestException for an answer that is too long, or leads elsewhere."""
        streamed = settings.get("stream")
        # What it reads of a redirect is not bounded either, and no engine redirects.
        response: Response = super().send(request, **{**settings, "stream": True, "allow_redirects": False})
        try:
            if response.is_redirect:
                raise RequestException("it redirects to somewhere else, as no engine does")
            if not streamed or not response.ok:
                # Where requests itself keeps what it has read.
                response._content = _bounded(response)
        except BaseException:
            response.close()
            raise
        return response


def _bounded(response: Response) -> bytes:
    content = bytearray()
    for chunk in response.iter_content(_CHUNK):
        content += chunk
        if len(content) > MAX_ANSWER:
            raise RequestException(f"its answer has more than {MAX_ANSWER:,} bytes")
    return bytes(content)
