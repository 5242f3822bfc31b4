"""Redirects to the host that stores the blobs."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from explorer.errors import (
    RegistryError,
)
from tests.fake_registry import NAME, Answer, FakeRegistry
from tests.sources.registries.samples import (
    SECRET,
    auth,
    failure,
    shipped_bytes,
)


class TestRedirects:
    """Blobs that are stored on another host."""

    @pytest.fixture
    def elsewhere(self, held: FakeRegistry) -> Iterator[FakeRegistry]:
        """A second server with the blobs, to which the registry redirects with a signed address."""
        with FakeRegistry(blobs=held.blobs).running() as running:
            target = f"http://{running.address}/v2/{NAME}/blobs"
            held.answers = [
                Answer(f"/blobs/{name}", 307, headers={"Location": f"{target}/{name}?X-Signature={SECRET}"})
                for name in held.blobs
            ]
            yield running

    @pytest.mark.parametrize("bearer", [False, True])
    def test_credentials_stay_with_the_registry(
        self, held: FakeRegistry, elsewhere: FakeRegistry, log_in: Callable[..., None], bearer: bool
    ) -> None:
        """The host of the blobs gets neither the login nor the token."""
        held.bearer, held.login = bearer, ("me", SECRET)
        log_in(auths={held.address: auth(), elsewhere.address: auth()})
        assert shipped_bytes(held.reference()) == 600_000
        assert len(elsewhere.heard) == 3
        assert {request.authorization for request in elsewhere.heard} == {""}

    def test_whoever_has_the_blobs_cannot_ask_for_credentials(
        self, held: FakeRegistry, elsewhere: FakeRegistry, log_in: Callable[..., None]
    ) -> None:
        """A challenge from a host other than the registry is not answered."""
        held.login, elsewhere.bearer = ("me", SECRET), True
        log_in(auths={held.address: auth()})
        failure(held.reference(), "gives no permission", RegistryError)
        assert not elsewhere.asked("/token")
        assert {request.authorization for request in elsewhere.heard} == {""}

    def test_a_broken_download_is_continued_there(self, held: FakeRegistry, elsewhere: FakeRegistry) -> None:
        """A broken download asks the registry again, and follows its next redirect."""
        elsewhere.cut, elsewhere.cuts = 100_000, 2
        assert shipped_bytes(held.reference()) == 600_000

    def test_a_signed_address_is_not_told(self, held: FakeRegistry, elsewhere: FakeRegistry) -> None:
        """The error about a broken download names only the host."""
        elsewhere.answers = [Answer("/blobs/", 403, b"X-Signature")]
        failure(held.reference(), "denies access", RegistryError)
        held.answers = [Answer("/blobs/", 307, headers={"Location": f"http://127.0.0.1:1/?X-Signature={SECRET}"})]
        failure(held.reference(), "127.0.0.1, where the registry .* redirects to, cannot be reached", RegistryError)

    @pytest.mark.parametrize(
        "location", ["http://127.0.0.1.example/x", "http://192.0.2.1/", "file:///etc/passwd", "http://["]
    )
    def test_redirects_out_of_tls_are_not_followed(self, held: FakeRegistry, location: str) -> None:
        """A redirect to plain HTTP is followed only to this machine."""
        held.answers = [Answer("/blobs/", 302, headers={"Location": location})]
        failure(held.reference(), "redirects to .* without TLS", RegistryError)

    def test_redirects_come_to_an_end(self, held: FakeRegistry) -> None:
        """Redirects in a circle are an error."""
        held.answers = [Answer("/blobs/", 302, headers={"Location": "?again"})]
        failure(held.reference(), "redirects more than", RegistryError)
        assert len(held.asked("/blobs/")) <= 8
