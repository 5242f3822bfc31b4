"""Logins in the files of Docker, Podman and skopeo: which file counts, and which of its keys."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from explorer.errors import RegistryError
from explorer.sources.registries.logins import find_credentials
from tests.fake_registry import FakeRegistry
from tests.sources.registries.samples import SECRET, auth, shipped_bytes

HOST = "registry.example:5000"
DOCKER, RUNTIME, CONFIG, LEGACY = (
    ".docker/config.json",
    ".run/containers/auth.json",
    ".config/containers/auth.json",
    ".dockercfg",
)


@pytest.fixture
def keep(tmp_path: Path) -> Callable[..., Path]:
    """Writes a document to a file below the home."""

    def write(name: str, **document: Any) -> Path:
        path = tmp_path / "home" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(document))
        return path

    return write


def user(repository: str = "shop/made", host: str = HOST) -> str:
    """The name that a repository is opened with; empty if there is none."""
    return find_credentials(host, repository).username


def logins(**users: str) -> dict[str, Any]:
    """Entries of a file, with a user for each key."""
    return {key: auth(name) for key, name in users.items()}


@pytest.mark.parametrize("name", [DOCKER, RUNTIME, CONFIG, LEGACY])
def test_each_file_is_read(keep: Callable[..., Path], name: str) -> None:
    """A login is found in Docker's file, in both of Podman's, and in the oldest one, which has no ``auths``."""
    entries = {HOST: auth("me")}
    origin = keep(name, **(entries if name == LEGACY else {"auths": entries}))
    found = find_credentials(HOST, "shop/made")
    assert (found.username, found.password, found.origin) == ("me", SECRET, str(origin))


def test_dockers_files_come_first(keep: Callable[..., Path]) -> None:
    """The first file with a login for the registry counts, whatever later ones have."""
    for name in (LEGACY, CONFIG, RUNTIME, DOCKER):
        keep(name, auths={HOST: auth(name)})
        assert user() == name
    keep(DOCKER, auths={HOST: {}, "other.example": auth("other")})
    assert user() == RUNTIME


def test_variables_name_other_files(keep: Callable[..., Path], monkeypatch: pytest.MonkeyPatch) -> None:
    """REGISTRY_AUTH_FILE replaces Podman's files, DOCKER_CONFIG Docker's, and DOCKER_AUTH_CONFIG is before all."""
    keep(RUNTIME, auths={HOST: auth("runtime")})
    monkeypatch.setenv("REGISTRY_AUTH_FILE", str(keep("other.json", auths={})))
    assert user() == ""
    keep("other.json", auths={HOST: auth("other")})
    assert user() == "other"
    keep(DOCKER, auths={HOST: auth("docker")})
    monkeypatch.setenv("DOCKER_CONFIG", str(keep("elsewhere/config.json", auths={HOST: auth("elsewhere")}).parent))
    assert user() == "elsewhere"
    monkeypatch.setenv("DOCKER_AUTH_CONFIG", json.dumps({"auths": {HOST: auth("variable")}}))
    assert user() == "variable"


@pytest.mark.parametrize(
    ("repository", "expected"),
    [("shop/made", "made"), ("shop/made/more", "made"), ("shop/other", "shop"), ("shopping", "host"), ("x", "host")],
)
def test_the_most_specific_key_counts(keep: Callable[..., Path], repository: str, expected: str) -> None:
    """A key may have a namespace or a whole repository; the longest one that contains the image counts."""
    keep(RUNTIME, auths=logins(**{HOST: "host", f"{HOST}/shop": "shop", f"{HOST}/shop/made": "made"}))
    assert user(repository) == expected


def test_a_key_of_another_namespace_is_not_used(keep: Callable[..., Path]) -> None:
    """A login for one namespace does not go to another namespace of the registry."""
    keep(RUNTIME, auths=logins(**{f"{HOST}/private": "private"}))
    assert user() == ""
    assert user("private/x") == "private"


@pytest.mark.parametrize("key", [f"https://{HOST}", f"http://{HOST}/", f"https://{HOST}/v2/", f"{HOST}/v1/"])
def test_other_spellings_of_a_registry(keep: Callable[..., Path], key: str) -> None:
    """A key may be an address, with or without the version of the API."""
    keep(DOCKER, auths=logins(**{key: "me"}))
    assert user() == "me"


@pytest.mark.parametrize(
    "key", ["https://index.docker.io/v1/", "index.docker.io", "docker.io", "registry-1.docker.io", "docker.io/library"]
)
def test_all_names_of_the_default_registry(keep: Callable[..., Path], key: str) -> None:
    """The default registry has several names."""
    keep(DOCKER, auths=logins(**{key: "me"}))
    assert user("library/debian", "docker.io") == "me"


def test_a_helper_gets_the_name_of_its_key(keep: Callable[..., Path], credential_helper: Callable[[str], None]) -> None:
    """A helper is asked for the key that names it; the one for all is asked as Docker does, also for Docker Hub."""
    credential_helper('echo "{\\"Username\\": \\"$(cat)\\", \\"Secret\\": \\"x\\"}"; echo noise >&2')
    keep(RUNTIME, credHelpers={HOST: "vault", "docker.io": "vault"}, auths={f"{HOST}/shop": auth("not me")})
    assert user() == HOST
    assert user("library/debian", "docker.io") == "docker.io"
    keep(DOCKER, credsStore="vault")
    assert user("library/debian", "docker.io") == "https://index.docker.io/v1/"
    assert user("x", "other.example") == "other.example"


def test_a_helper_that_has_nothing(keep: Callable[..., Path], credential_helper: Callable[[str], None]) -> None:
    """After a helper without a login come the file's own logins, then the next file."""
    credential_helper("echo credentials not found in native keychain; exit 1")
    keep(RUNTIME, auths={HOST: auth("podman")})
    keep(DOCKER, credsStore="vault")
    assert user() == "podman"
    keep(DOCKER, credsStore="vault", auths={HOST: auth("docker")})
    assert user() == "docker"


def test_a_helper_may_have_an_identity_token(
    keep: Callable[..., Path], credential_helper: Callable[[str], None]
) -> None:
    """The user name ``<token>`` marks an identity token."""
    credential_helper(f'echo \'{{"Username": "<token>", "Secret": "{SECRET}"}}\'')
    keep(DOCKER, credsStore="vault")
    assert find_credentials(HOST, "shop/made").identity_token == SECRET


@pytest.mark.parametrize(
    "broken",
    [{"auths": [HOST]}, {"auths": {HOST: 5}}, {"credHelpers": [HOST]}, {"auths": {HOST: {"auth": "bm9uZQ=="}}}],
)
def test_a_broken_file_does_not_hide_the_next(keep: Callable[..., Path], broken: dict[str, Any]) -> None:
    """A file that cannot be read is an error only if no other file has a login."""
    path = keep(DOCKER, **broken)
    with pytest.raises(RegistryError, match=r"the credentials in .* cannot be read") as caught:
        user()
    assert str(path) in caught.value.message
    keep(RUNTIME, auths={HOST: auth("podman")})
    assert user() == "podman"


def test_a_damaged_entry_of_another_registry_does_no_harm(keep: Callable[..., Path]) -> None:
    """Only the entry of the registry itself must be valid."""
    keep(DOCKER, auths={"other.example": 5, HOST: auth("me")})
    assert user() == "me"


def test_podmans_login_opens_a_registry(held: FakeRegistry, keep: Callable[..., Path]) -> None:
    """The login that ``podman login`` keeps for a namespace opens its images."""
    held.login = ("me", SECRET)
    keep(RUNTIME, auths={held.address: auth("not me"), f"{held.address}/shop": auth()})
    assert shipped_bytes(held.reference()) == 600_000
