"""An image straight from a registry: the same answer as from an archive, fetched patiently, and never a secret told."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import shutil
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from email.utils import formatdate
from pathlib import Path
from typing import Any

import pytest

from explorer.cli import main
from explorer.errors import (
    Cancelled,
    ChoiceNeeded,
    ExplorerError,
    ImageError,
    ImageNotFound,
    RegistryError,
    Stalled,
    UnreadableImage,
    UnreadableLayer,
    UsageError,
)
from explorer.layers.cache import Cache
from explorer.model import Image, Progress
from explorer.pipeline import explore
from explorer.sources import interruptible, open_image
from explorer.sources.registries import client, retry
from explorer.sources.registries.client import Repository, is_local
from explorer.sources.registries.registry import ImageName
from explorer.sources.request import Request
from explorer.sources.selection import host_platform
from tests.conftest import skip_or_fail
from tests.fake_registry import NAME, Answer, FakeRegistry, basic, push
from tests.images import (
    Watching,
    content_of,
    docker_archive,
    explored,
    file,
    gzipped,
    image,
    layer,
    oci_files,
    write_layout,
    zstded,
)
from tests.sources.test_sources import MADE, _answer
from tests.test_architecture import modules_after

SECRET = "open-sesame-7"
NOISE = os.urandom(300_000)
LARGE = image(layer(file("noise", NOISE)), layer(file("more", NOISE[::-1])))
ARM = image(layer(file("arm", b"333")), architecture="arm64", variant="v8")
AMD = image(layer(file("amd", b"4444")))
S390 = image(layer(file("s390", b"55555")), architecture="s390x")


@pytest.fixture(autouse=True)
def _hurried(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    """Short pauses, this machine taken for linux/amd64, and no temporary file left when a test has ended."""
    monkeypatch.setattr(retry, "FIRST_PAUSE", 0.002)
    monkeypatch.setattr(interruptible, "INTERVAL", 0.02)
    monkeypatch.setattr("platform.machine", lambda: "x86_64")
    place = tmp_path / "temporary"
    place.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(place))
    yield
    assert list(place.iterdir()) == []


@pytest.fixture
def shop() -> Iterator[FakeRegistry]:
    """A running registry with nothing in it."""
    with FakeRegistry().running() as running:
        yield running


@pytest.fixture
def held(shop: FakeRegistry) -> FakeRegistry:
    """A running registry with an image of two layers that do not compress."""
    shop.add("1", LARGE, compress=gzipped, suffix="+gzip")
    return shop


@pytest.fixture
def log_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Writes the Docker configuration."""

    def write(**config: Any) -> None:
        folder = tmp_path / "docker"
        folder.mkdir(exist_ok=True)
        (folder / "config.json").write_text(json.dumps(config))
        monkeypatch.setenv("DOCKER_CONFIG", str(folder))

    return write


@pytest.fixture
def credential_helper(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Puts a credential helper on PATH: docker-credential-vault, a shell script with this body."""

    def write(body: str) -> None:
        program = tmp_path / "bin" / "docker-credential-vault"
        program.parent.mkdir()
        program.write_text(f"#!/bin/sh\n{body}\n")
        program.chmod(0o755)
        monkeypatch.setenv("PATH", f"{program.parent}:{os.environ['PATH']}")

    return write


def _auth(username: str = "me", password: str = SECRET) -> dict[str, str]:
    return {"auth": base64.b64encode(f"{username}:{password}".encode()).decode()}


def _opened(reference: str, platform: str | None = None) -> Image:
    return open_image(Request(reference, Watching(), platform=platform))


def _shipped(reference: str, platform: str | None = None) -> int:
    return explored(reference, platform).usage.shipped_bytes


def _failure(reference: str, words: str, kind: type[ExplorerError] = ImageError) -> ExplorerError:
    """The error that exploring raises: one line, a hint, and no secret."""
    with pytest.raises(kind, match=words) as caught:
        explored(reference)
    error = caught.value
    assert error.exit_code == 3
    assert "\n" not in error.message
    assert error.hint
    for secret in (SECRET, _auth()["auth"], "token-1", "Bearer", "X-Signature"):
        assert secret not in f"{error.message} {error.hint}"
    return error


class TestNames:
    """What a reference means."""

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
        """Host, repository, tag and digest, with Docker's defaults."""
        name = ImageName.parse(text)
        assert (name.host, name.repository, name.tag, name.digest) == expected

    def test_the_default_registry(self) -> None:
        """Names without a host are Docker Hub's, whose API is elsewhere, and are written short."""
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
        """The error says what is expected, and repeats no login that somebody put into the reference."""
        with pytest.raises(UsageError) as caught:
            _opened(f"registry://{text}")
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
        """Plain HTTP is for addresses that cannot be anybody else's."""
        assert is_local(host) is local

    @pytest.mark.parametrize(
        ("address", "plain", "scheme"),
        [("example.com", False, "https"), ("example.com", True, "http"), ("localhost:5000", False, "http")],
    )
    def test_plain_http_is_for_this_machine_unless_asked(self, address: str, plain: bool, scheme: str) -> None:
        """Every other registry is asked with TLS, except by ``registry+http://``."""
        assert Repository(address, address, "x", plain=plain)._base == f"{scheme}://{address}"

    @pytest.mark.parametrize(
        ("machine", "expected"),
        [("x86_64", "linux/amd64"), ("arm64", "linux/arm64"), ("armv7l", "linux/arm/v7"), ("s390x", "linux/s390x")],
    )
    def test_the_platform_of_this_machine(self, monkeypatch: pytest.MonkeyPatch, machine: str, expected: str) -> None:
        """The machine's name for itself becomes the image specification's."""
        monkeypatch.setattr("platform.machine", lambda: machine)
        assert host_platform() == expected


class TestOpening:
    """From a name to an image."""

    @pytest.mark.parametrize(("compress", "suffix"), [(bytes, ""), (gzipped, "+gzip"), (zstded, "+zstd")])
    def test_the_answer_is_the_archives(
        self, shop: FakeRegistry, tmp_path: Path, compress: Callable[[bytes], bytes], suffix: str
    ) -> None:
        """Identity, configuration, history and every figure are those of the same image in an archive."""
        (tmp_path / "reference.tar").write_bytes(docker_archive(MADE))
        manifest = shop.add("1", MADE, compress=compress, suffix=suffix)
        found = explored(shop.reference())
        assert _answer(found) == _answer(explored(tmp_path / "reference.tar"))
        assert found.image.tags == (f"{shop.address}/{NAME}:1",)
        assert found.image.source == f"registry {shop.address}"
        assert found.image.digest == f"sha256:{hashlib.sha256(manifest).hexdigest()}"
        assert found.download_bytes == sum(len(compress(data)) for data in MADE.layers)

    def test_registry_http_asks_for_plain_http(self, held: FakeRegistry) -> None:
        """``registry+http://`` is the same without TLS."""
        assert _shipped(held.reference().replace("registry:", "registry+http:")) == 600_000

    def test_layers_are_fetched_when_they_are_read(self, held: FakeRegistry) -> None:
        """Opening fetches the manifest and the configuration; every layer comes once, when somebody looks."""
        opened = _opened(held.reference())
        assert [layer.step.created_by for layer in opened.layers if layer.step] == ["RUN step 0", "RUN step 1"]
        assert len(held.asked()) == 2
        index = opened.layers[0].contents.index(lambda _: None)
        for _ in range(2):
            assert content_of(opened.layers[0].contents, index, index.entries[0]) == NOISE
        assert len(held.asked()) == 3

    def test_content_is_fetched_once_by_whoever_wants_it_first(self, held: FakeRegistry) -> None:
        """Several threads may open files of a layer that was never indexed here; it is downloaded once."""
        held.piece, held.pause = 50_000, 0.01
        index = explored(held.reference()).tree.layers[1]
        held.heard.clear()
        contents = _opened(held.reference()).layers[1].contents

        def read(_: int) -> bytes:
            return content_of(contents, index, index.entries[0])

        with ThreadPoolExecutor(4) as pool:
            assert set(pool.map(read, range(4))) == {NOISE[::-1]}
        assert len(held.asked()) == 3

    def test_layers_are_downloaded_side_by_side(self, held: FakeRegistry) -> None:
        """While one layer is on its way, the next is asked for."""
        held.piece, held.pause = 30_000, 0.02
        together = threading.Event()

        class Watcher(Watching):
            def progress(self, progress: Progress) -> None:
                if len(held.asked("/blobs/")) == 3 and not self.read:
                    together.set()

        watcher = Watcher()
        explore(open_image(Request(held.reference(), watcher)), watcher)
        assert together.is_set() or os.cpu_count() == 1

    @pytest.mark.parametrize("compress", [bytes, gzipped])
    def test_known_layers_are_not_downloaded(
        self, shop: FakeRegistry, tmp_path: Path, compress: Callable[[bytes], bytes]
    ) -> None:
        """What a cache knows of verified layers is not fetched again, until somebody looks into a file."""
        shop.add("1", LARGE, compress=compress)
        cache = Cache(tmp_path / "cache")
        first = explore(_opened(shop.reference()), cache=cache)
        shop.heard.clear()
        found = explore(_opened(shop.reference()), cache=cache)
        assert found.usage == first.usage
        assert len(shop.asked()) == 2
        index = found.tree.layers[1]
        assert content_of(found.image.layers[1].contents, index, index.entries[0]) == NOISE[::-1]
        assert len(shop.asked()) == 3

    def test_an_absent_layer_is_not_remembered(self, shop: FakeRegistry, tmp_path: Path) -> None:
        """Where the same layer is included, it is read."""
        shop.add("2", LARGE, compress=gzipped)
        kind = "application/vnd.oci.image.layer.nondistributable.v1.tar+gzip"
        shop.put("1", shop.manifests["2"])
        shop.edit("1", lambda manifest: manifest["layers"][0].update(mediaType=kind))
        cache = Cache(tmp_path / "cache")
        assert explore(_opened(shop.reference(":1")), cache=cache).usage.shipped_bytes == 300_000
        assert explore(_opened(shop.reference(":2")), cache=cache).usage.shipped_bytes == 600_000

    def test_progress_rises_to_the_layers_size(self, held: FakeRegistry) -> None:
        """Downloading and indexing add up to the stored bytes, and are told of several times a second."""
        held.piece, held.pause = 30_000, 0.02
        contents = _opened(held.reference()).layers[0].contents
        steps: list[int] = []
        contents.index(steps.append)
        assert steps == sorted(steps)
        assert steps[-1] == contents.stored_bytes
        assert len({step for step in steps if 0 < step < contents.stored_bytes}) > 3

    def test_a_digest_is_the_manifests(self, held: FakeRegistry) -> None:
        """NAME@DIGEST asks by the digest, NAME:TAG@DIGEST too, and other bytes are refused."""
        digest = _opened(held.reference()).digest
        assert _opened(held.reference(f"@{digest}")).tags == ()
        assert _opened(held.reference(f":gone@{digest}")).tags == (f"{held.address}/{NAME}:gone",)
        other = f"sha256:{'0' * 64}"
        held.manifests[other] = held.manifests["1"]
        _failure(held.reference(f"@{other}"), "damaged: its digest is", UnreadableImage)

    def test_sha512_is_verified_too(self, held: FakeRegistry) -> None:
        """A blob that goes by another digest than sha256 is checked by that one."""
        content = gzipped(LARGE.layers[0])
        name = f"sha512:{hashlib.sha512(content).hexdigest()}"
        held.blobs[name] = content
        held.edit("1", lambda manifest: manifest["layers"][0].update(digest=name))
        assert _shipped(held.reference()) == 600_000
        held.blobs[name] = b"\0" * len(content)
        _failure(held.reference(), "its digest is sha512:", UnreadableLayer)

    def test_foreign_layers_are_shown_as_not_included(self, shop: FakeRegistry) -> None:
        """A layer that is not distributed with the image is there, empty, with a problem that says so."""
        shop.add("1", MADE, compress=gzipped)
        kind = "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip"
        shop.edit("1", lambda manifest: manifest["layers"][0].update(mediaType=kind, urls=["http://127.0.0.1:1/x"]))
        found = explored(shop.reference())
        assert found.layers[0].problems == (f"the layer is not included: {kind} is not distributed with the image",)
        assert (found.layers[0].bytes, found.layers[0].files) == (0, 0)
        assert len(shop.asked("/blobs/")) == 3

    def test_a_foreign_layer_that_is_not_in_a_layout(self, tmp_path: Path) -> None:
        """The same goes for a layout directory; a layer of any other kind has to be there."""
        files = oci_files(MADE)
        index = json.loads(files["index.json"])
        name = f"blobs/sha256/{index['manifests'][0]['digest'].partition(':')[2]}"
        manifest = json.loads(files[name])
        kind = "application/vnd.oci.image.layer.nondistributable.v1.tar+gzip"
        manifest["layers"][1]["mediaType"] = kind
        document = json.dumps(manifest).encode()
        name = hashlib.sha256(document).hexdigest()
        index["manifests"][0].update(digest=f"sha256:{name}", size=len(document))
        del files[f"blobs/sha256/{manifest['layers'][1]['digest'].partition(':')[2]}"]
        files |= {f"blobs/sha256/{name}": document, "index.json": json.dumps(index).encode()}
        found = explored(write_layout(tmp_path / "layout", files))
        assert kind in found.layers[1].problems[0]
        contents = found.image.layers[1].contents
        with pytest.raises(UnreadableLayer, match=r"layer 1 .* not included"):
            content_of(contents, found.tree.layers[1], found.tree.layers[0].entries[0])

    def test_what_is_no_image_says_so(self, shop: FakeRegistry) -> None:
        """Registries keep charts and signatures, too."""
        shop.add("1", MADE)
        chart = b'{"name": "chart", "version": "1"}'
        shop.blobs[f"sha256:{hashlib.sha256(chart).hexdigest()}"] = chart
        shop.edit("1", lambda it: it["config"].update(digest=f"sha256:{hashlib.sha256(chart).hexdigest()}"))
        _failure(shop.reference(), "not a container image", UnreadableImage)


class TestPlatforms:
    """An index with several platforms."""

    def test_this_machines_platform_is_the_default(self, shop: FakeRegistry, monkeypatch: pytest.MonkeyPatch) -> None:
        """Without --platform it is the machine's own, and only that manifest is fetched."""
        shop.add("1", ARM, AMD, S390)
        assert _shipped(shop.reference()) == 4
        assert len(shop.asked("/manifests/")) == 2
        monkeypatch.setattr("platform.machine", lambda: "aarch64")
        assert _shipped(shop.reference()) == 3

    def test_a_platform_is_chosen(self, shop: FakeRegistry) -> None:
        """--platform takes any of those there are; another is an error that lists them."""
        shop.add("1", ARM, AMD, S390)
        assert _shipped(shop.reference(), "linux/s390x") == 5
        assert _shipped(shop.reference(), "linux/arm64") == 3
        assert _shipped(shop.reference(), "arm64") == 3
        with pytest.raises(ImageNotFound, match="linux/riscv64") as caught:
            _opened(shop.reference(), "linux/riscv64")
        assert "linux/arm64/v8" in caught.value.hint

    def test_a_platform_that_is_not_there_asks_for_a_choice(self, shop: FakeRegistry) -> None:
        """Without this machine's platform the error lists the others."""
        shop.add("1", ARM, S390)
        with pytest.raises(ChoiceNeeded, match="choose one with --platform") as caught:
            _opened(shop.reference())
        assert "linux/s390x" in caught.value.hint
        assert len(shop.asked()) == 1

    def test_several_variants_ask_for_a_choice(self, shop: FakeRegistry, monkeypatch: pytest.MonkeyPatch) -> None:
        """Where several fit, one that fits exactly is meant, and without one the user chooses."""
        old, new = (image(layer(file("v", b"v" * n)), architecture="arm", variant=f"v{n}") for n in (6, 7))
        shop.add("1", old, new, AMD)
        monkeypatch.setattr("platform.machine", lambda: "arm")
        with pytest.raises(ChoiceNeeded) as caught:
            _opened(shop.reference())
        assert "linux/arm/v6" in caught.value.hint
        assert "amd64" not in caught.value.hint
        monkeypatch.setattr("platform.machine", lambda: "armv7l")
        assert _shipped(shop.reference()) == 7

    def test_an_exact_platform_wins(self, shop: FakeRegistry) -> None:
        """linux/amd64 is not linux/amd64/v3, though both would do."""
        shop.add("1", image(layer(file("v", b"v" * 9)), variant="v3"), AMD)
        assert _shipped(shop.reference()) == 4
        assert _shipped(shop.reference(), "linux/amd64") == 4
        assert _shipped(shop.reference(), "linux/amd64/v3") == 9

    def test_images_of_one_platform_are_told_apart_by_digest(self, shop: FakeRegistry) -> None:
        """As there are for different versions of Windows."""
        shop.add("1", AMD, image(layer(file("other", b"22222"))))
        with pytest.raises(ChoiceNeeded, match="@DIGEST") as caught:
            _opened(shop.reference())
        assert "sha256:" in caught.value.hint

    def test_attestations_are_skipped(self, shop: FakeRegistry) -> None:
        """What builders add for provenance is neither offered nor fetched."""
        shop.add("1", ARM, AMD)

        def attest(index: dict[str, Any]) -> None:
            index["manifests"][0]["platform"] = {"os": "unknown", "architecture": "unknown"}

        shop.edit("1", attest)
        assert _shipped(shop.reference()) == 4
        assert len(shop.asked("/manifests/")) == 2

    def test_an_index_that_names_no_platforms(self, shop: FakeRegistry) -> None:
        """The platforms are then in the configurations."""
        shop.add("1", ARM, AMD)
        shop.edit("1", lambda index: [descriptor.pop("platform") for descriptor in index["manifests"]])
        assert _shipped(shop.reference()) == 4
        assert _shipped(shop.reference(), "linux/arm64") == 3

    def test_a_single_image_of_another_platform(self, shop: FakeRegistry) -> None:
        """There is nothing to choose; only a wish for another platform is an error."""
        shop.add("1", ARM)
        assert _shipped(shop.reference()) == 3
        with pytest.raises(ImageNotFound, match="linux/amd64"):
            _opened(shop.reference(), "linux/amd64")

    def test_a_manifest_that_an_index_names_and_nobody_has(self, shop: FakeRegistry) -> None:
        """The error names it."""
        shop.add("1", ARM, AMD)
        index = json.loads(shop.manifests["1"])
        del shop.manifests[index["manifests"][1]["digest"]]
        _failure(shop.reference(), "has no manifest sha256:", ImageNotFound)


class TestLogin:
    """Credentials of the Docker configuration, sent to the registry they belong to."""

    def test_basic_authentication(self, held: FakeRegistry, log_in: Callable[..., None]) -> None:
        """The name and password of the configuration open the registry, and are only sent when asked for."""
        held.login = ("me", SECRET)
        log_in(auths={held.address: _auth(), "other.example": _auth("other", "other")})
        assert _shipped(held.reference()) == 600_000
        assert [request.authorization for request in held.heard][:2] == ["", basic("me", SECRET)]

    def test_no_credentials(self, held: FakeRegistry, log_in: Callable[..., None]) -> None:
        """Credentials for other registries are not tried."""
        held.login = ("me", SECRET)
        log_in(auths={"other.example": _auth()})
        assert "docker login" in _failure(held.reference(), "no permission", RegistryError).hint
        assert {request.authorization for request in held.heard} == {""}

    def test_wrong_credentials(self, held: FakeRegistry, log_in: Callable[..., None]) -> None:
        """The error says that they are refused, and they are tried once."""
        held.login = ("me", "something else")
        log_in(auths={held.address: _auth()})
        assert "out of date" in _failure(held.reference(), "no permission", RegistryError).hint
        assert len(held.heard) == 2

    def test_a_registry_that_repeats_a_secret(self, held: FakeRegistry, log_in: Callable[..., None]) -> None:
        """A message of the registry is shown without the secrets that it heard."""
        held.login = ("me", SECRET)
        log_in(auths={held.address: _auth()})
        said = json.dumps({"errors": [{"message": f"no {SECRET} {_auth()['auth']} \x1b[2J here"}]}).encode()
        held.answers = [Answer("/blobs/", 403, said)]
        error = _failure(held.reference(), "denies access", RegistryError)
        assert "no … … \\x1b[2J here" in error.message
        held.bearer = True
        held.answers = [Answer("/blobs/", 403, b'{"errors": [{"message": "not with token-1"}]}')]
        _failure(held.reference(), "not with …", RegistryError)

    def test_a_credential_helper(
        self, held: FakeRegistry, log_in: Callable[..., None], credential_helper: Callable[[str], None]
    ) -> None:
        """The helper that is configured for the registry is asked for it by name."""
        held.login = ("me", SECRET)
        credential_helper(
            f'[ "$1 $(cat)" = "get {held.address}" ] && echo \'{{"Username": "me", "Secret": "{SECRET}"}}\''
        )
        log_in(credHelpers={held.address: "vault"})
        assert _shipped(held.reference()) == 600_000
        log_in(credsStore="vault")
        assert _shipped(held.reference()) == 600_000

    @pytest.mark.parametrize("said", [f"echo {SECRET}", f"echo {SECRET}; exit 1", "echo '{}'", "exit 3"])
    def test_a_credential_helper_that_fails(
        self, held: FakeRegistry, log_in: Callable[..., None], credential_helper: Callable[[str], None], said: str
    ) -> None:
        """The error names the helper, and not what it printed."""
        held.login = ("me", SECRET)
        credential_helper(said)
        log_in(credsStore="vault")
        _failure(held.reference(), "credential helper docker-credential-vault", RegistryError)

    def test_a_credential_helper_that_is_not_there(self, held: FakeRegistry, log_in: Callable[..., None]) -> None:
        """Without it one is nobody, and the hint says why."""
        held.login = ("me", SECRET)
        log_in(credsStore="nowhere")
        assert "docker-credential-nowhere" in _failure(held.reference(), "no permission", RegistryError).hint
        held.login = None
        assert _shipped(held.reference()) == 600_000

    def test_a_broken_configuration(self, held: FakeRegistry, log_in: Callable[..., None]) -> None:
        """It only matters when a login is wanted, and then it is named."""
        log_in(auths={held.address: {"auth": f"{SECRET}!"}})
        assert _shipped(held.reference()) == 600_000
        held.login = ("me", SECRET)
        _failure(held.reference(), "the Docker configuration cannot be read", RegistryError)

    def test_docker_is_not_loaded_without_a_login(self) -> None:
        """The SDK is for the credentials alone."""
        assert "docker" not in modules_after("import explorer.sources.registries.registry")

    def test_netrc_is_not_asked(self, held: FakeRegistry) -> None:
        """Credentials come from the Docker configuration alone."""
        Path("~/.netrc").expanduser().write_text(f"machine 127.0.0.1\nlogin me\npassword {SECRET}\n")
        assert _shipped(held.reference()) == 600_000
        assert {request.authorization for request in held.heard} == {""}

    def test_an_anonymous_token(self, held: FakeRegistry) -> None:
        """A token is asked for once, for what is wanted, without a login."""
        held.bearer = True
        assert _shipped(held.reference()) == 600_000
        assert len(held.asked("/token")) == 1
        assert {request.authorization for request in held.heard if "/token" in request.path} == {""}

    def test_a_token_for_a_login(self, held: FakeRegistry, log_in: Callable[..., None]) -> None:
        """The login goes to the token service, the token to the registry."""
        held.bearer, held.login = True, ("me", SECRET)
        log_in(auths={held.address: _auth()})
        assert _shipped(held.reference()) == 600_000
        for request in held.heard:
            own = basic("me", SECRET) if "/token" in request.path else "Bearer token-1"
            assert request.authorization in ("", own)

    def test_a_token_for_an_identity_token(self, held: FakeRegistry, log_in: Callable[..., None]) -> None:
        """An identity token is exchanged by POST, and appears in no address."""
        held.bearer, held.identity_token, held.login = True, SECRET, ("me", "unknown")
        log_in(auths={held.address: {"auth": "", "identitytoken": SECRET}})
        assert _shipped(held.reference()) == 600_000
        assert not held.asked(SECRET)

    def test_a_token_that_expires_is_renewed(self, held: FakeRegistry) -> None:
        """The rest of the image is fetched with another one."""
        held.bearer = True
        opened = _opened(held.reference())
        held.token = "token-2"
        assert explore(opened).usage.shipped_bytes == 600_000

    def test_a_login_that_the_token_service_refuses(self, held: FakeRegistry, log_in: Callable[..., None]) -> None:
        """The error names the service."""
        held.bearer, held.login = True, ("me", "something else")
        log_in(auths={held.address: _auth()})
        _failure(held.reference(), "the token service 127.0.0.1 of the registry .* no permission", RegistryError)

    @pytest.mark.parametrize("body", [b"", b"<html>", b"{}", b'{"token": 5}', b'{"token": "a\\nb"}', b"[" * 99_999])
    def test_a_token_service_that_talks_nonsense(self, held: FakeRegistry, body: bytes) -> None:
        """An answer without a token is one clear error."""
        held.bearer = True
        held.answers = [Answer("/token", 200, body)]
        _failure(held.reference(), "answers without a token", RegistryError)

    def test_a_token_service_with_a_bad_moment(self, held: FakeRegistry) -> None:
        """It is asked again."""
        held.bearer = True
        held.answers = [Answer("/token", 503, times=2)]
        assert _shipped(held.reference()) == 600_000

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
        """Only a registry on this machine may have one, and only on this machine."""
        held.bearer, held.login, held.realm = True, ("me", SECRET), realm or "nothing"
        log_in(auths={held.address: _auth()})
        _failure(held.reference(), "token service without TLS", RegistryError)

    def test_another_kind_of_login(self, held: FakeRegistry) -> None:
        """A scheme that nobody speaks here is named as such."""
        held.answers = [Answer("/v2/", 401, headers={"WWW-Authenticate": "Negotiate"})]
        _failure(held.reference(), "a login of an unknown kind", RegistryError)


class TestRedirects:
    """Blobs that lie elsewhere."""

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
        """Whoever has the blobs hears neither the login nor the token."""
        held.bearer, held.login = bearer, ("me", SECRET)
        log_in(auths={held.address: _auth(), elsewhere.address: _auth()})
        assert _shipped(held.reference()) == 600_000
        assert len(elsewhere.heard) == 3
        assert {request.authorization for request in elsewhere.heard} == {""}

    def test_whoever_has_the_blobs_cannot_ask_for_credentials(
        self, held: FakeRegistry, elsewhere: FakeRegistry, log_in: Callable[..., None]
    ) -> None:
        """A challenge that does not come from the registry itself is not answered."""
        held.login, elsewhere.bearer = ("me", SECRET), True
        log_in(auths={held.address: _auth()})
        _failure(held.reference(), "gives no permission", RegistryError)
        assert not elsewhere.asked("/token")
        assert {request.authorization for request in elsewhere.heard} == {""}

    def test_a_broken_download_is_continued_there(self, held: FakeRegistry, elsewhere: FakeRegistry) -> None:
        """The registry is asked again, and redirects again."""
        elsewhere.cut, elsewhere.cuts = 100_000, 2
        assert _shipped(held.reference()) == 600_000

    def test_a_signed_address_is_not_told(self, held: FakeRegistry, elsewhere: FakeRegistry) -> None:
        """The error for a broken download names the host alone."""
        elsewhere.answers = [Answer("/blobs/", 403, b"X-Signature")]
        _failure(held.reference(), "denies access", RegistryError)
        held.answers = [Answer("/blobs/", 307, headers={"Location": f"http://127.0.0.1:1/?X-Signature={SECRET}"})]
        _failure(held.reference(), "127.0.0.1, where the registry .* redirects to, cannot be reached", RegistryError)

    @pytest.mark.parametrize(
        "location", ["http://127.0.0.1.example/x", "http://192.0.2.1/", "file:///etc/passwd", "http://["]
    )
    def test_redirects_out_of_tls_are_not_followed(self, held: FakeRegistry, location: str) -> None:
        """Plain HTTP leads to this machine or nowhere."""
        held.answers = [Answer("/blobs/", 302, headers={"Location": location})]
        _failure(held.reference(), "redirects to .* without TLS", RegistryError)

    def test_redirects_come_to_an_end(self, held: FakeRegistry) -> None:
        """A circle is left."""
        held.answers = [Answer("/blobs/", 302, headers={"Location": "?again"})]
        _failure(held.reference(), "redirects more than", RegistryError)
        assert len(held.asked("/blobs/")) <= 8


class TestDownloads:
    """Blobs on their way."""

    def test_a_broken_download_is_continued(self, held: FakeRegistry) -> None:
        """It goes on where it broke off, as often as it breaks, as long as something comes."""
        held.cut = 70_000
        assert _shipped(held.reference()) == 600_000
        ranges = [request.headers.get("Range", "") for request in held.heard]
        assert "bytes=70000-" in ranges
        assert "bytes=280000-" in ranges

    def test_a_broken_download_starts_over_without_ranges(self, held: FakeRegistry) -> None:
        """A registry that sends all of it again is taken at its word."""
        held.cut, held.cuts, held.ranges = 100_000, 3, False
        assert _shipped(held.reference()) == 600_000

    def test_a_download_that_never_ends_well(self, held: FakeRegistry) -> None:
        """Without progress there is an end to the patience."""
        held.cut, held.ranges = 1000, False
        _failure(held.reference(), "it ends after 1,000 bytes|stopped sending", ImageError)
        assert len(held.asked("/blobs/")) <= 12

    def test_without_a_length(self, held: FakeRegistry) -> None:
        """A body that ends where the connection does is as good, and continued when it is short."""
        held.chunked, held.cut, held.cuts = True, 100_000, 2
        assert _shipped(held.reference()) == 600_000

    @pytest.mark.parametrize("compress", [bytes, gzipped])
    def test_wrong_bytes_are_found(self, shop: FakeRegistry, compress: Callable[[bytes], bytes]) -> None:
        """Compressed or not, a layer is checked while it is downloaded."""
        shop.add("1", LARGE, compress=compress)
        name = f"sha256:{hashlib.sha256(compress(LARGE.layers[1])).hexdigest()}"
        shop.blobs[name] = shop.blobs[name][:-9] + b"#" * 9
        _failure(shop.reference(), "layer 1 cannot be read: its digest is .* expected sha256", UnreadableLayer)

    @pytest.mark.parametrize("chunked", [False, True])
    @pytest.mark.parametrize("change", [1, 100_000])
    def test_a_longer_blob_is_refused(self, held: FakeRegistry, chunked: bool, change: int) -> None:
        """No more is taken than the manifest says, however long the body is."""
        held.chunked = chunked
        name = f"sha256:{hashlib.sha256(gzipped(LARGE.layers[0])).hexdigest()}"
        held.blobs[name] += b"#" * change
        _failure(held.reference(), "layer 0 cannot be read: .*expected", UnreadableLayer)

    def test_a_shorter_blob_is_refused(self, held: FakeRegistry) -> None:
        """A blob of another length is not tried twice."""
        name = f"sha256:{hashlib.sha256(gzipped(LARGE.layers[0])).hexdigest()}"
        held.blobs[name] = held.blobs[name][:-5]
        _failure(held.reference(), "layer 0 cannot be read: the registry has", UnreadableLayer)

    @pytest.mark.parametrize("compress", [bytes, gzipped, zstded])
    def test_a_diff_id_that_lies(self, shop: FakeRegistry, compress: Callable[[bytes], bytes]) -> None:
        """The configuration's digest of a layer has to be that of its tar, compressed or not."""
        shop.add("1", image(*MADE.layers, rootfs={"diff_ids": [f"sha256:{'1' * 64}"] * 3}), compress=compress)
        _failure(shop.reference(), "its uncompressed digest .* expected sha256:1111", UnreadableLayer)

    @pytest.mark.parametrize("size", [None, -1, "5", True])
    def test_a_layer_without_a_size(self, held: FakeRegistry, size: object) -> None:
        """What has no end in sight is not begun."""
        held.edit("1", lambda manifest: manifest["layers"][0].update(size=size))
        _failure(held.reference(), "does not give the size of layer 0", UnreadableImage)

    @pytest.mark.parametrize("name", ["sha256:../../../x", "md5:d41d8cd98f00b204e9800998ecf8427e", "sha256:ABC", ""])
    def test_a_digest_that_is_none(self, held: FakeRegistry, name: str) -> None:
        """What cannot be verified is not asked for."""
        held.edit("1", lambda manifest: manifest["layers"][0].update(digest=name))
        _failure(held.reference(), "cannot be verified", UnreadableLayer)

    def test_no_space_left(self, held: FakeRegistry, monkeypatch: pytest.MonkeyPatch) -> None:
        """A full disk is named as such."""
        opened = _opened(held.reference())
        with open("/dev/full", "r+b", buffering=0) as full:
            monkeypatch.setattr(tempfile, "TemporaryFile", lambda **_: full)
            with pytest.raises(ImageError, match="No space left") as caught:
                opened.layers[0].contents.index(lambda _: None)
        assert "TMPDIR" in caught.value.hint

    def test_no_space_for_what_is_to_come(self, held: FakeRegistry) -> None:
        """More than the disk has room for is not begun."""
        held.edit("1", lambda manifest: manifest["layers"][1].update(size=1 << 60))
        assert "TMPDIR" in _failure(held.reference(), "layer 1 has 1.2 EB, and .* has room for").hint

    def test_no_place_for_temporary_files(self, held: FakeRegistry, monkeypatch: pytest.MonkeyPatch) -> None:
        """A directory that is gone is named as such."""
        monkeypatch.setattr(tempfile, "tempdir", "/nowhere/at/all")
        assert "TMPDIR" in _failure(held.reference(), "temporary file: No such file").hint


class TestTrouble:
    """A registry that does not do as it should."""

    @pytest.mark.parametrize("part", ["/manifests/", "/blobs/"])
    @pytest.mark.parametrize(
        ("status", "words"),
        [
            (403, "denies access to"),
            (404, "has no (image|blob|configuration)"),
            (429, "too many requests"),
            (500, "fails when asked for .*: 500 Internal Server Error"),
            (503, "fails when asked for .*: 503 Service Unavailable"),
            (418, "with 418 I'm a Teapot"),
            (204, "with 204 No Content"),
            (799, "fails when asked for .*: 799"),
        ],
    )
    def test_a_status_is_one_clear_error(self, held: FakeRegistry, part: str, status: int, words: str) -> None:
        """Whoever answers so always, and in whatever words, has been asked a few times at most."""
        held.answers = [Answer(part, status, b"" if status == 204 else b"<html>\x1b[2J")]
        _failure(held.reference(), words)
        assert len(held.asked(part)) <= 3 * retry.MAX_ATTEMPTS

    @pytest.mark.parametrize("status", [408, 429, 500, 502, 503, 504])
    def test_a_bad_moment_passes(self, held: FakeRegistry, status: int) -> None:
        """What may be over soon is tried again, for documents and for layers."""
        held.answers = [Answer("/manifests/", status, times=2), Answer("/blobs/", status, times=2)]
        assert _shipped(held.reference()) == 600_000

    @pytest.mark.parametrize("value", ["0.3", "date", "1"])
    def test_retry_after_is_honoured(self, held: FakeRegistry, value: str) -> None:
        """The registry is given the time that it asks for, in seconds or until a date; an odd value is none."""
        asked = formatdate(time.time() + 1, usegmt=True) if value == "date" else value
        held.answers = [Answer("/manifests/", 429, headers={"Retry-After": asked}, times=1)]
        began = time.monotonic()
        _opened(held.reference())
        if value == "1":
            assert time.monotonic() - began >= 1
        assert time.monotonic() - began < 3

    @pytest.mark.parametrize("value", ["100000", "9" * 5000, "Fri, 31 Dec 9999 23:59:59 GMT"])
    def test_nobody_waits_for_long(self, held: FakeRegistry, value: str) -> None:
        """A registry that asks for more than a minute is not waited for."""
        held.answers = [Answer("/manifests/", 429, headers={"Retry-After": value})]
        began = time.monotonic()
        _failure(held.reference(), "too many requests", RegistryError)
        assert time.monotonic() - began < 2
        assert len(held.heard) == 1

    @pytest.mark.parametrize(
        ("body", "words"),
        [
            (b"", "not a JSON document"),
            (b"<html>hello</html>", "not a JSON document"),
            (b"[" * 100_000, "not a JSON document"),
            (b"[]", "schema 1"),
            (b'{"schemaVersion": 1, "fsLayers": []}', "schema 1"),
            (b"{}", "lacks a configuration"),
            (b'{"config": {}, "layers": []}', "lacks a configuration"),
            (b'{"manifests": []}', "names no image"),
            (b'{"manifests": 5}', "no list of manifests"),
            (b'{"config": {"digest": "sha256:../x"}, "layers": []}', "cannot be verified"),
            (b'{"manifests": [{"digest": "../../x"}]}', "cannot be verified"),
        ],
    )
    def test_garbage_for_a_manifest(self, shop: FakeRegistry, body: bytes, words: str) -> None:
        """Whatever is no manifest is one clear error."""
        shop.manifests["1"] = body
        with pytest.raises(UnreadableImage, match=words) as caught:
            explored(shop.reference())
        assert "\n" not in caught.value.message

    def test_an_endless_document(self, held: FakeRegistry, monkeypatch: pytest.MonkeyPatch) -> None:
        """No more of a document is read than any has."""
        monkeypatch.setattr(client, "MAX_DOCUMENT_BYTES", 50_000)
        held.put("1", b" " * 100_000 + held.manifests["1"])
        _failure(held.reference(), "more than 50,000 bytes", UnreadableImage)

    def test_a_forged_configuration(self, held: FakeRegistry) -> None:
        """A configuration is checked against its digest."""
        name = _opened(held.reference()).id
        held.blobs[name] = held.blobs[name].replace(b"step", b"leap")
        _failure(held.reference(), "the image configuration is damaged", UnreadableImage)

    def test_a_manifest_that_is_not_what_the_registry_says(self, held: FakeRegistry) -> None:
        """The digest in the answer's header has to be the document's."""
        headers = {"Docker-Content-Digest": f"sha256:{'0' * 64}"}
        held.answers = [Answer("/manifests/", 200, held.manifests["1"], headers)]
        _failure(held.reference(), "the manifest of .* is damaged", UnreadableImage)

    def test_nobody_there(self) -> None:
        """A port where nothing listens, and a host that does not exist."""
        _failure(
            f"registry://127.0.0.1:1/{NAME}", "127.0.0.1:1 cannot be reached: nothing listens there", RegistryError
        )

    def test_a_name_that_no_host_has(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """The error says that it is the host's name."""
        import socket

        def unknown(*_: object, **__: object) -> None:
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

        monkeypatch.setattr(socket, "getaddrinfo", unknown)
        _failure(f"registry://nowhere.example/{NAME}", "there is no host of that name", RegistryError)

    def test_a_registry_that_speaks_tls_here(self, held: FakeRegistry) -> None:
        """One on this machine that answers so is asked with TLS, and then the TLS has to be right."""
        held.answers = [Answer("/manifests/", 400, b"Client sent an HTTP request to an HTTPS server.\n", times=1)]
        error = _failure(held.reference(), "it does not speak TLS as expected", RegistryError)
        assert "registry+http://" in error.hint

    def test_a_connection_that_breaks_at_once(self, held: FakeRegistry) -> None:
        """Whoever closes it without a word has been asked a few times."""
        held.answers = [Answer("/manifests/", 200, b"", {"Content-Length": "100", "Connection": "close"})]
        _failure(held.reference(), "stopped sending: the connection broke", RegistryError)
        assert len(held.heard) == retry.MAX_ATTEMPTS

    def test_chunks_that_end_too_early(self, held: FakeRegistry) -> None:
        """A broken body of chunks is a broken connection."""
        headers = {"Transfer-Encoding": "chunked", "Connection": "close"}
        held.answers = [Answer("/manifests/", 200, b"5\r\nabc", headers), Answer("/v2/", 200, b"x\r\n", headers)]
        _failure(held.reference(), "stopped sending: the connection broke", RegistryError)
        held.answers.pop(0)
        _failure(held.reference(), "stopped sending: the connection broke", RegistryError)

    def test_a_registry_that_drips(self, held: FakeRegistry, monkeypatch: pytest.MonkeyPatch) -> None:
        """Next to nothing for too long is nothing."""
        monkeypatch.setattr(interruptible, "MAX_STALL_SECONDS", 0.2)
        held.piece, held.pause = 10, 0.02
        _failure(held.reference(), "has sent next to nothing", Stalled)

    @pytest.mark.parametrize("waiting", ["for the manifest", "between attempts"])
    def test_waiting_for_a_document_can_be_left(self, held: FakeRegistry, waiting: str) -> None:
        """The watcher is asked all the time, and when it stops the work, it stops."""
        held.answers = [Answer("/manifests/", 429, headers={"Retry-After": "30"})]
        if waiting == "for the manifest":
            held.answers = [Answer("/manifests/", 200, b"x", {"Content-Length": "100000"})]

        class Impatient(Watching):
            def progress(self, progress: Progress) -> None:
                super().progress(progress)
                if len(self.steps) > 5:
                    raise Cancelled("enough")

        began = time.monotonic()
        with pytest.raises(Cancelled):
            open_image(Request(held.reference(), Impatient()))
        assert time.monotonic() - began < 2

    @pytest.mark.parametrize("waiting", ["for bytes", "between attempts"])
    def test_waiting_for_a_layer_can_be_left(self, held: FakeRegistry, waiting: str) -> None:
        """Whoever reads a layer is asked all the time, and can come back later."""
        contents = _opened(held.reference()).layers[0].contents
        held.piece, held.pause = 20_000, 0.05
        if waiting == "between attempts":
            held.answers = [Answer("/blobs/", 429, headers={"Retry-After": "30"})]
        heard: list[int] = []

        def on_progress(done: int) -> None:
            heard.append(done)
            if len(heard) > 5:
                raise Cancelled("enough")

        began = time.monotonic()
        with pytest.raises(Cancelled):
            contents.index(on_progress)
        assert time.monotonic() - began < 2
        held.answers, held.pause = [], 0
        assert contents.index(lambda _: None).shipped_bytes == 300_000

    def test_the_command_line_says_it_in_two_lines(
        self, held: FakeRegistry, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """One line of error, one of hint, exit code 3."""
        with pytest.raises(SystemExit) as ended:
            main(["report", held.reference(":nope")])
        assert ended.value.code == 3
        said = capsys.readouterr().err.splitlines()
        assert said[0].endswith(f"the registry {held.address} has no image {held.address}/{NAME}:nope")
        assert len(said) == 2


class TestRealRegistry:
    """The registry that Docker itself is distributed with."""

    users = "me:$2b$04$bdKfZ.oQ2tEuUSRLhHRwWOU/8lfG1pNWXWaYlQSgELr7z7YkVB9I.\n"
    password = "opensesame"

    def test_the_answer_is_the_archives(self, registry: Callable[..., str], tmp_path: Path) -> None:
        """What was pushed comes out as the archive of the same image does."""
        (tmp_path / "reference.tar").write_bytes(docker_archive(MADE))
        address = registry()
        for tag, compress in (("plain", bytes), ("gzip", gzipped), ("zstd", zstded)):
            push(address, tag, MADE, compress=compress)
            found = explored(f"registry://{address}/{NAME}:{tag}")
            assert _answer(found) == _answer(explored(tmp_path / "reference.tar"))

    def test_an_index(self, registry: Callable[..., str]) -> None:
        """The platform is chosen from an index that the registry has checked."""
        address = registry()
        push(address, "multi", ARM, AMD)
        assert _shipped(f"registry://{address}/{NAME}:multi") == 4
        assert _shipped(f"registry://{address}/{NAME}:multi", "linux/arm64") == 3

    def test_unknown_names(self, registry: Callable[..., str]) -> None:
        """A tag or a repository that is not there is not found."""
        address = registry()
        push(address, "1", AMD)
        _failure(f"registry://{address}/{NAME}:nope", "has no image", ImageNotFound)
        _failure(f"registry://{address}/nope", "has no image", ImageNotFound)

    def test_a_login(self, registry: Callable[..., str], log_in: Callable[..., None]) -> None:
        """The registry wants a name and a password, and gets those of the Docker configuration."""
        address = registry(self.users)
        push(address, "1", MADE, compress=gzipped, login=("me", self.password))
        reference = f"registry://{address}/{NAME}:1"
        _failure(reference, "no permission", RegistryError)
        log_in(auths={address: _auth("me", "wrong")})
        _failure(reference, "no permission", RegistryError)
        log_in(auths={address: _auth("me", self.password)})
        assert explored(reference).usage.wasted_bytes == 100_004

    def test_docker_media_types(self, registry: Callable[..., str], tmp_path: Path) -> None:
        """An image that skopeo pushed in Docker's own format is the same image."""
        skopeo = shutil.which("skopeo")
        if skopeo is None:
            skip_or_fail("skopeo is not installed")
        source = tmp_path / "image.tar"
        source.write_bytes(docker_archive(MADE))
        address = registry()
        policy = tmp_path / "policy.json"
        policy.write_text('{"default": [{"type": "insecureAcceptAnything"}]}')
        command = [skopeo, "--policy", str(policy), "copy", "--quiet", "--format", "v2s2", "--dest-tls-verify=false"]
        subprocess.run([*command, f"docker-archive:{source}", f"docker://{address}/{NAME}:skopeo"], check=True)
        found = explored(f"registry://{address}/{NAME}:skopeo")
        assert _answer(found) == _answer(explored(source))
        assert found.image.layers[0].media_type == "application/vnd.docker.image.rootfs.diff.tar.gzip"
