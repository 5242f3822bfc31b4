"""Names in registries, addresses and platforms."""

from __future__ import annotations

import pytest

from explorer.errors import (
    UsageError,
)
from explorer.sources.platforms import host_platform
from explorer.sources.registries.client import Repository, is_local
from explorer.sources.registries.registry import ImageName
from tests.sources.registries.samples import (
    SECRET,
    open_sample,
)


class TestNames:
    """The meanings of references."""

    digest = f"sha256:{'0' * 64}"

    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            ("debian", ("docker.io", "library/debian", "latest", "")),
            ("debian:12", ("docker.io", "library/debian", "12", "")),
            ("me/tool", ("docker.io", "me/tool", "latest", "")),
            ("docker.io/debian", ("docker.io", "library/debian", "latest", "")),
            ("index.docker.io/me/tool:x", ("docker.io", "me/tool", "x", "")),
            ("localhost/tool", ("localhost", "tool", "latest", "")),
            ("localhost:5000/a/b/c:1.2-x", ("localhost:5000", "a/b/c", "1.2-x", "")),
            ("ghcr.io/me/tool@" + digest, ("ghcr.io", "me/tool", "", digest)),
            ("shop.example:443/tool:1@" + digest, ("shop.example:443", "tool", "1", digest)),
            ("[::1]:5000/tool", ("[::1]:5000", "tool", "latest", "")),
        ],
    )
    def test_a_name_is_read_as_docker_reads_it(self, text: str, expected: tuple[str, ...]) -> None:
        """Host, repository, tag and digest are parsed with Docker's defaults."""
        name = ImageName.parse(text)
        assert (name.host, name.repository, name.tag, name.digest) == expected

    def test_the_default_registry(self) -> None:
        """Names without a host belong to Docker Hub, whose API has another host, and are shown short."""
        assert ImageName.parse("debian").address == "registry-1.docker.io"
        assert str(ImageName.parse("docker.io/library/debian:12")) == "debian:12"
        assert str(ImageName.parse("me/tool")) == "me/tool:latest"
        assert str(ImageName.parse("localhost:5000/tool")) == "localhost:5000/tool:latest"

    @pytest.mark.parametrize(
        "text",
        [
            "Debian",
            "host.example/",
            "host.example/../x",
            "host.example/a//b",
            "host.example:port/a",
            "-x.example/a",
            "a:",
            "a:b/c",
            "a@sha256:12",
            "a@md5:" + "0" * 32,
            f"me:{SECRET}@host.example/a",
            "a\x1b[2J",
            "host.example/" + "a" * 300,
        ],
    )
    def test_what_is_no_name_is_wrong_usage(self, text: str) -> None:
        """An invalid name is an error with the expected form, and without a login in the reference."""
        with pytest.raises(UsageError) as caught:
            open_sample(f"registry://{text}")
        assert SECRET not in str(caught.value)
        assert "\x1b" not in str(caught.value)
        assert caught.value.hint

    @pytest.mark.parametrize(
        ("host", "local"),
        [
            ("localhost", True),
            ("127.0.0.1", True),
            ("127.8.9.10", True),
            ("[::1]", True),
            ("::1", True),
            ("127.0.0.1.example.com", False),
            ("localhost.example.com", False),
            ("10.0.0.1", False),
            ("example.com", False),
            (None, False),
        ],
    )
    def test_only_this_machine_is_local(self, host: str | None, local: bool) -> None:
        """Plain HTTP is used only for addresses that must be this machine's."""
        assert is_local(host) is local

    @pytest.mark.parametrize(
        ("address", "plain", "scheme"),
        [("example.com", False, "https"), ("example.com", True, "http"), ("localhost:5000", False, "http")],
    )
    def test_plain_http_is_for_this_machine_unless_asked(self, address: str, plain: bool, scheme: str) -> None:
        """Other registries are asked with TLS, except by ``registry+http://``."""
        assert Repository(address, address, "x", plain=plain)._base == f"{scheme}://{address}"

    @pytest.mark.parametrize(
        ("machine", "expected"),
        [("x86_64", "linux/amd64"), ("arm64", "linux/arm64"), ("armv7l", "linux/arm/v7"), ("s390x", "linux/s390x")],
    )
    def test_the_platform_of_this_machine(self, monkeypatch: pytest.MonkeyPatch, machine: str, expected: str) -> None:
        """The machine's architecture gets its name in the image specification."""
        monkeypatch.setattr("platform.machine", lambda: machine)
        assert host_platform() == expected
