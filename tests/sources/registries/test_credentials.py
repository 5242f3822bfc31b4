"""Logins and tokens: sent only to their registry, and in no message."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from explorer.errors import (
    RegistryError,
)
from explorer.pipeline import explore
from tests.fake_registry import Answer, FakeRegistry, basic
from tests.sources.registries.samples import (
    SECRET,
    auth,
    failure,
    open_sample,
    shipped_bytes,
)
from tests.test_architecture import modules_after


class TestLogin:
    """Credentials of the Docker configuration, sent to the registry they belong to."""

    def test_basic_authentication(self, held: FakeRegistry, log_in: Callable[..., None]) -> None:
        """The configured name and password open the registry, and are sent only on request."""
        held.login = ("me", SECRET)
        log_in(auths={held.address: auth(), "other.example": auth("other", "other")})
        assert shipped_bytes(held.reference()) == 600_000
        assert [request.authorization for request in held.heard][:2] == ["", basic("me", SECRET)]

    def test_no_credentials(self, held: FakeRegistry, log_in: Callable[..., None]) -> None:
        """Credentials for other registries are not tried."""
        held.login = ("me", SECRET)
        log_in(auths={"other.example": auth()})
        assert "docker login" in failure(held.reference(), "no permission", RegistryError).hint
        assert {request.authorization for request in held.heard} == {""}

    def test_wrong_credentials(self, held: FakeRegistry, log_in: Callable[..., None]) -> None:
        """Rejected credentials are tried once, and named in the error."""
        held.login = ("me", "something else")
        log_in(auths={held.address: auth()})
        assert "out of date" in failure(held.reference(), "no permission", RegistryError).hint
        assert len(held.heard) == 2

    def test_a_registry_that_repeats_a_secret(self, held: FakeRegistry, log_in: Callable[..., None]) -> None:
        """A message of the registry is shown without the secrets that it received."""
        held.login = ("me", SECRET)
        log_in(auths={held.address: auth()})
        body = json.dumps({"errors": [{"message": f"no {SECRET} {auth()['auth']} \x1b[2J here"}]}).encode()
        held.answers = [Answer("/blobs/", 403, body)]
        error = failure(held.reference(), "denies access", RegistryError)
        assert "no … … \\x1b[2J here" in error.message
        held.bearer = True
        held.answers = [Answer("/blobs/", 403, b'{"errors": [{"message": "not with token-1"}]}')]
        failure(held.reference(), "not with …", RegistryError)

    def test_a_credential_helper(
        self, held: FakeRegistry, log_in: Callable[..., None], credential_helper: Callable[[str], None]
    ) -> None:
        """The configured helper of the registry gets the registry's name."""
        held.login = ("me", SECRET)
        credential_helper(
            f'[ "$1 $(cat)" = "get {held.address}" ] && echo \'{{"Username": "me", "Secret": "{SECRET}"}}\''
        )
        log_in(credHelpers={held.address: "vault"})
        assert shipped_bytes(held.reference()) == 600_000
        log_in(credsStore="vault")
        assert shipped_bytes(held.reference()) == 600_000

    @pytest.mark.parametrize("script", [f"echo {SECRET}", f"echo {SECRET}; exit 1", "echo '{}'", "exit 3"])
    def test_a_credential_helper_that_fails(
        self, held: FakeRegistry, log_in: Callable[..., None], credential_helper: Callable[[str], None], script: str
    ) -> None:
        """The error names the helper, but not its output."""
        held.login = ("me", SECRET)
        credential_helper(script)
        log_in(credsStore="vault")
        failure(held.reference(), "credential helper docker-credential-vault", RegistryError)

    def test_a_credential_helper_that_is_not_there(self, held: FakeRegistry, log_in: Callable[..., None]) -> None:
        """A missing helper means no login, and the hint names it."""
        held.login = ("me", SECRET)
        log_in(credsStore="nowhere")
        assert "docker-credential-nowhere" in failure(held.reference(), "no permission", RegistryError).hint
        held.login = None
        assert shipped_bytes(held.reference()) == 600_000

    def test_a_broken_configuration(self, held: FakeRegistry, log_in: Callable[..., None]) -> None:
        """A broken configuration is an error only if a login is needed."""
        log_in(auths={held.address: {"auth": f"{SECRET}!"}})
        assert shipped_bytes(held.reference()) == 600_000
        held.login = ("me", SECRET)
        failure(held.reference(), r"the credentials in .*docker/config\.json cannot be read", RegistryError)

    def test_docker_is_not_loaded_without_a_login(self) -> None:
        """The Docker SDK is imported only for credentials."""
        assert "docker" not in modules_after("import explorer.sources.registries.registry")

    def test_netrc_is_not_asked(self, held: FakeRegistry) -> None:
        """Credentials come only from the Docker configuration."""
        Path("~/.netrc").expanduser().write_text(f"machine 127.0.0.1\nlogin me\npassword {SECRET}\n")
        assert shipped_bytes(held.reference()) == 600_000
        assert {request.authorization for request in held.heard} == {""}

    def test_a_token_is_preferred_to_a_login(self, held: FakeRegistry) -> None:
        """If a registry offers both, a token is requested, because it may need no login."""
        held.bearer = True
        realm = f'Bearer realm="http://{held.address}/token",service="the, shop"'
        held.answers = [Answer("/v2/", 401, headers={"WWW-Authenticate": f'Basic realm="x", {realm}'}, times=1)]
        assert shipped_bytes(held.reference()) == 600_000

    def test_an_anonymous_token(self, held: FakeRegistry) -> None:
        """A token is requested once, for this repository and without a login."""
        held.bearer = True
        assert shipped_bytes(held.reference()) == 600_000
        assert len(held.asked("/token")) == 1
        assert {request.authorization for request in held.heard if "/token" in request.path} == {""}

    def test_a_token_for_a_login(self, held: FakeRegistry, log_in: Callable[..., None]) -> None:
        """The login goes to the token service, the token to the registry."""
        held.bearer, held.login = True, ("me", SECRET)
        log_in(auths={held.address: auth()})
        assert shipped_bytes(held.reference()) == 600_000
        for request in held.heard:
            own = basic("me", SECRET) if "/token" in request.path else "Bearer token-1"
            assert request.authorization in ("", own)

    def test_a_token_service_elsewhere_gets_the_login(self, held: FakeRegistry, log_in: Callable[..., None]) -> None:
        """A token service on another host gets the registry's login, because the protocol has it so."""
        held.bearer = True
        log_in(auths={held.address: auth()})
        with FakeRegistry(bearer=True, login=("me", SECRET)).running() as elsewhere:
            held.realm = f"http://{elsewhere.address}/token"
            assert shipped_bytes(held.reference()) == 600_000
        assert {request.authorization for request in elsewhere.heard} == {basic("me", SECRET)}
        assert {request.authorization for request in held.heard} == {"", "Bearer token-1"}

    def test_a_token_for_an_identity_token(self, held: FakeRegistry, log_in: Callable[..., None]) -> None:
        """An identity token is exchanged by POST, and is in no address."""
        held.bearer, held.identity_token, held.login = True, SECRET, ("me", "unknown")
        log_in(auths={held.address: {"auth": "", "identitytoken": SECRET}})
        assert shipped_bytes(held.reference()) == 600_000
        assert not held.asked(SECRET)

    def test_a_token_that_expires_is_renewed(self, held: FakeRegistry) -> None:
        """If a token expires, the rest of the image is fetched with a new one."""
        held.bearer = True
        opened = open_sample(held.reference())
        held.token = "token-2"
        assert explore(opened).usage.shipped_bytes == 600_000

    def test_a_login_that_the_token_service_refuses(self, held: FakeRegistry, log_in: Callable[..., None]) -> None:
        """The error about a refused login names the token service."""
        held.bearer, held.login = True, ("me", "something else")
        log_in(auths={held.address: auth()})
        failure(held.reference(), "the token service 127.0.0.1 of the registry .* no permission", RegistryError)

    @pytest.mark.parametrize("body", [b"", b"<html>", b"{}", b'{"token": 5}', b'{"token": "a\\nb"}', b"[" * 99_999])
    def test_a_token_service_that_talks_nonsense(self, held: FakeRegistry, body: bytes) -> None:
        """A response without a token is one clear error."""
        held.bearer = True
        held.answers = [Answer("/token", 200, body)]
        failure(held.reference(), "answers without a token", RegistryError)

    def test_a_token_service_with_a_bad_moment(self, held: FakeRegistry) -> None:
        """A temporary failure of the token service is retried."""
        held.bearer = True
        held.answers = [Answer("/token", 503, times=2)]
        assert shipped_bytes(held.reference()) == 600_000

    @pytest.mark.parametrize(
        "realm",
        [
            "http://auth.example/token",
            "ftp://127.0.0.1/x",
            "",
            "http://[",
            "http://127.0.0.1.example/",
            "//127.0.0.1/x",
        ],
    )
    def test_a_token_service_without_tls_hears_nothing(
        self, held: FakeRegistry, log_in: Callable[..., None], realm: str
    ) -> None:
        """A token service without TLS is used only on this machine, by a registry on this machine."""
        held.bearer, held.login, held.realm = True, ("me", SECRET), realm or "nothing"
        log_in(auths={held.address: auth()})
        failure(held.reference(), "token service without TLS", RegistryError)

    def test_another_kind_of_login(self, held: FakeRegistry) -> None:
        """An unknown kind of login is an error."""
        held.answers = [Answer("/v2/", 401, headers={"WWW-Authenticate": "Negotiate"})]
        failure(held.reference(), "a login of an unknown kind", RegistryError)
