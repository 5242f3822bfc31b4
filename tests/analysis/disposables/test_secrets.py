"""Names of files that look like private keys or logins."""

from __future__ import annotations

import pytest

from explorer.analysis.disposables.secrets import secrets


@pytest.mark.parametrize(
    "path",
    [
        "root/.ssh/id_rsa",
        "home/a/.ssh/id_ed25519",
        "etc/ssl/private-key.pem",
        "srv/privkey.pem",
        ".env",
        "app/.env",
        "root/.netrc",
        "root/.docker/config.json",
        "root/.aws/credentials",
        "app/.npmrc",
        "root/.pypirc",
    ],
)
def test_names_of_keys_and_logins(path: str) -> None:
    """Each of these names looks like a private key or a login."""
    assert secrets([path, path]) == [path]


@pytest.mark.parametrize(
    "path",
    [
        "root/.ssh/id_rsa.pub",
        "root/.ssh/known_hosts",
        "etc/ssl/certs/ca.pem",
        "app/.env.example",
        "app/config.json",
        "app/node_modules/x/.npmrc",
        "usr/lib/python3/dist-packages/x/key.pem",
        "usr/share/doc/x/key.pem",
        "etc/id_x",
    ],
)
def test_other_names(path: str) -> None:
    """Public keys, certificates, examples and the files of packages do not look like secrets."""
    assert secrets([path]) == []
