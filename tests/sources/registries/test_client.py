"""Registries that fail, refuse, stall or send invalid answers."""

from __future__ import annotations

from email.utils import formatdate

import pytest
from urllib3.exceptions import InvalidHeader

from explorer.cli import main
from explorer.errors import (
    Cancelled,
    ImageNotFound,
    RegistryError,
    Stalled,
    UnreadableImage,
)
from explorer.model import Progress
from explorer.sources import interruptible, open_image
from explorer.sources.registries import client, retry
from explorer.sources.registries.errors import connection_error
from explorer.sources.request import Request
from tests.fake_registry import NAME, Answer, FakeRegistry
from tests.images import (
    Watching,
    explored,
)
from tests.sources.registries.samples import (
    failure,
    open_sample,
    shipped_bytes,
)


class TestTrouble:
    """Registries with faults."""

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
        """A permanent bad status is one error after a few attempts, with any body."""
        held.answers = [Answer(part, status, b"" if status == 204 else b"<html>\x1b[2J")]
        failure(held.reference(), words)
        assert len(held.asked(part)) <= 3 * retry.MAX_ATTEMPTS

    @pytest.mark.parametrize("status", [408, 429, 500, 502, 503, 504])
    def test_a_bad_moment_passes(self, held: FakeRegistry, status: int) -> None:
        """A temporary failure is retried, for documents and for layers."""
        held.answers = [Answer("/manifests/", status, times=2), Answer("/blobs/", status, times=2)]
        assert shipped_bytes(held.reference()) == 600_000

    @pytest.mark.parametrize(("value", "seconds"), [("0.3", None), ("date", 50.0), ("1", 1.0), ("0", 0.0)])
    def test_retry_after_is_honoured(
        self, held: FakeRegistry, monkeypatch: pytest.MonkeyPatch, value: str, seconds: float | None
    ) -> None:
        """The next attempt waits as the registry asks, in seconds or until a date; invalid values are ignored."""
        pauses: list[float | None] = []
        monkeypatch.setattr(retry.RetryBudget, "_pause", lambda _, retryable: pauses.append(retryable.pause))
        monkeypatch.setattr("explorer.sources.registries.errors.time.time", lambda: 1_000_000_000.0)
        after = formatdate(1_000_000_050, usegmt=True) if value == "date" else value
        held.answers = [Answer("/manifests/", 429, headers={"Retry-After": after}, times=1)]
        open_sample(held.reference())
        assert pauses == [seconds]

    @pytest.mark.parametrize("value", ["61", "100000", "9" * 5000, "Fri, 31 Dec 9999 23:59:59 GMT"])
    def test_long_pauses_are_refused(self, held: FakeRegistry, value: str) -> None:
        """A registry that asks for a pause of more than a minute is not retried."""
        held.answers = [Answer("/manifests/", 429, headers={"Retry-After": value})]
        failure(held.reference(), "too many requests", RegistryError)
        assert len(held.heard) == 1

    @pytest.mark.parametrize(
        ("body", "words"),
        [
            (b"", "not a JSON document"),
            (b"<html>hello</html>", "not a JSON document"),
            (b"[" * 100_000, "more than 100 deep"),
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
        """An invalid manifest is one clear error."""
        shop.manifests["1"] = body
        with pytest.raises(UnreadableImage, match=words) as caught:
            explored(shop.reference())
        assert "\n" not in caught.value.message

    def test_an_endless_document(self, held: FakeRegistry, monkeypatch: pytest.MonkeyPatch) -> None:
        """A document is read only up to the limit."""
        monkeypatch.setattr(client, "MAX_DOCUMENT_BYTES", 50_000)
        held.put("1", b" " * 100_000 + held.manifests["1"])
        failure(held.reference(), "more than 50,000 bytes", UnreadableImage)

    def test_a_forged_configuration(self, held: FakeRegistry) -> None:
        """A configuration is checked against its digest."""
        name = open_sample(held.reference()).id
        held.blobs[name] = held.blobs[name].replace(b"step", b"leap")
        failure(held.reference(), "the image configuration is damaged", UnreadableImage)

    def test_a_manifest_that_is_not_what_the_registry_says(self, held: FakeRegistry) -> None:
        """The digest in the response header must be that of the document."""
        headers = {"Docker-Content-Digest": f"sha256:{'0' * 64}"}
        held.answers = [Answer("/manifests/", 200, held.manifests["1"], headers)]
        failure(held.reference(), "the manifest of .* is damaged", UnreadableImage)

    def test_nobody_there(self) -> None:
        """A port where nothing listens is an error that says so."""
        failure(f"registry://127.0.0.1:1/{NAME}", "127.0.0.1:1 cannot be reached: nothing listens there", RegistryError)

    def test_a_name_that_no_host_has(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """An unknown host is named as the reason."""
        import socket

        def unknown(*_: object, **__: object) -> None:
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

        monkeypatch.setattr(socket, "getaddrinfo", unknown)
        failure(f"registry://nowhere.example/{NAME}", "there is no host of that name", RegistryError)

    def test_a_registry_that_speaks_tls_here(self, held: FakeRegistry) -> None:
        """A registry on this machine that needs TLS is asked with TLS; an invalid certificate is an error."""
        held.answers = [Answer("/manifests/", 400, b"Client sent an HTTP request to an HTTPS server.\n", times=1)]
        error = failure(held.reference(), "it does not speak TLS as expected", RegistryError)
        assert "registry+http://" in error.hint

    def test_a_connection_that_breaks_at_once(self, held: FakeRegistry) -> None:
        """A connection that closes without a response is tried a few times."""
        held.answers = [Answer("/manifests/", 200, b"", {"Content-Length": "100", "Connection": "close"})]
        failure(held.reference(), "stopped sending: the connection broke", RegistryError)
        assert len(held.heard) == retry.MAX_ATTEMPTS

    def test_chunks_that_end_too_early(self, held: FakeRegistry) -> None:
        """A chunked body that ends early counts as a broken connection."""
        headers = {"Transfer-Encoding": "chunked", "Connection": "close"}
        held.answers = [Answer("/manifests/", 200, b"5\r\nabc", headers), Answer("/v2/", 200, b"x\r\n", headers)]
        failure(held.reference(), "stopped sending: the connection broke", RegistryError)
        held.answers.pop(0)
        failure(held.reference(), "stopped sending: the connection broke", RegistryError)

    @pytest.mark.parametrize("length", ["abc", "-5", "", "1e3", "٣", "5, 5", "9" * 19])
    @pytest.mark.parametrize("part", ["/manifests/", "/blobs/"])
    def test_a_length_that_is_none_is_refused_at_once(self, held: FakeRegistry, part: str, length: str) -> None:
        """A Content-Length that is no number is an error, although the connection stays open."""
        held.answers = [Answer(part, 200, b"x", {"Content-Length": length.encode().decode("latin-1")})]
        failure(held.reference(), "Content-Length", RegistryError)
        assert len(held.asked(part)) == 1

    def test_two_lengths_are_no_invalid_address(self) -> None:
        """The HTTP library refuses two lengths, and the error names the header."""
        error = connection_error(InvalidHeader("Content-Length contained multiple values"), "it", has_answered=False)
        assert "Content-Length" in str(error)

    @pytest.mark.parametrize("part", ["/manifests/", "/blobs/"])
    def test_a_length_that_is_huge_is_refused_at_once(self, held: FakeRegistry, part: str) -> None:
        """Bytes beyond the limit are not waited for."""
        held.answers = [Answer(part, 200, b"x", {"Content-Length": str(10**17)})]
        failure(held.reference(), "more than .* bytes|has 100,000,000,000,000,000 bytes", UnreadableImage)

    def test_an_error_with_a_huge_length_is_not_read(self, held: FakeRegistry) -> None:
        """The text of an error is not waited for if it is longer than any that a registry sends."""
        held.answers = [Answer("/manifests/", 404, b"{", {"Content-Length": str(10**12)})]
        failure(held.reference(), "has no image", ImageNotFound)

    def test_a_registry_that_drips(self, held: FakeRegistry, monkeypatch: pytest.MonkeyPatch) -> None:
        """A registry that sends almost nothing for too long is an error."""
        monkeypatch.setattr(interruptible, "MAX_STALL_SECONDS", 0.2)
        held.piece, held.pause = 10, 0.02
        failure(held.reference(), "has sent next to nothing", Stalled)

    @pytest.mark.parametrize("waiting", ["for the manifest", "between attempts"])
    def test_waiting_for_a_document_can_be_left(self, held: FakeRegistry, waiting: str) -> None:
        """The watcher can stop the wait for a document at any moment."""
        held.answers = [Answer("/manifests/", 429, headers={"Retry-After": "30"})]
        if waiting == "for the manifest":
            held.answers = [Answer("/manifests/", 200, b"x", {"Content-Length": "100000"})]

        class Impatient(Watching):
            def progress(self, progress: Progress) -> None:
                super().progress(progress)
                if len(self.steps) > 5:
                    raise Cancelled("enough")

        with pytest.raises(Cancelled):
            open_image(Request(held.reference(), Impatient()))

    @pytest.mark.parametrize("waiting", ["for bytes", "between attempts"])
    def test_waiting_for_a_layer_can_be_left(self, held: FakeRegistry, waiting: str) -> None:
        """Reading a layer can be cancelled at any moment, and started again later."""
        contents = open_sample(held.reference()).layers[0].contents
        held.piece, held.pause = 20_000, 0.05
        if waiting == "between attempts":
            held.answers = [Answer("/blobs/", 429, headers={"Retry-After": "30"})]
        heard: list[int] = []

        def on_progress(done: int) -> None:
            heard.append(done)
            if len(heard) > 5:
                raise Cancelled("enough")

        with pytest.raises(Cancelled):
            contents.index(on_progress)
        held.answers, held.pause = [], 0
        assert contents.index(lambda _: None).shipped_bytes == 300_000

    def test_the_command_line_says_it_in_two_lines(
        self, held: FakeRegistry, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """The command line prints one line of error and one of hint, with exit code 3."""
        with pytest.raises(SystemExit) as ended:
            main(["report", held.reference(":nope")])
        assert ended.value.code == 3
        lines = capsys.readouterr().err.splitlines()
        assert lines[0].endswith(f"the registry {held.address} has no image {held.address}/{NAME}:nope")
        assert len(lines) == 2
