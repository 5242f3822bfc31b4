"""Reading the layers of an image for secrets: above the base, once, cached and with bounds."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from explorer.analysis.base.base import Base, Evidence
from explorer.analysis.findings.finding import FindingKind
from explorer.analysis.findings.secrets import engine, image_secrets, read_secrets, scan_layer, scannable
from explorer.analysis.findings.secrets.layer_secrets import LayerSecrets
from explorer.errors import Cancelled
from explorer.layers.cache import Cache
from explorer.model import Layer, Progress, Watcher
from explorer.pipeline import Exploration, explore
from tests.analysis.findings.secrets.made_secrets import OTHER_TOKEN, WITH_TOKEN, fates, secrets
from tests.images import (
    docker_archive,
    explored_layers,
    file,
    gzipped,
    image,
    layer,
    oci_archive,
    opened,
    whiteout,
)

IMAGE = image(layer(file("base", WITH_TOKEN)), layer(file("a\x1b[2J", OTHER_TOKEN.encode())), layer(whiteout("base")))


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Returns the numbers of the layers that are searched."""
    numbers: list[int] = []

    def counting(layer_: Layer, *arguments: Any) -> LayerSecrets:
        numbers.append(layer_.number)
        return scan_layer.scan_layer(layer_, *arguments)

    monkeypatch.setattr(read_secrets, "scan_layer", counting)
    return numbers


def cached(path: Path, cache: Cache) -> Exploration:
    """Explores an archive with a cache."""
    return explore(opened(path), cache=cache)


def test_a_second_look_reads_no_file(tmp_path: Path, reads: list[int]) -> None:
    """The cache has the secrets of each layer, and nothing of their texts."""
    path, cache = tmp_path / "image.tar", Cache(tmp_path / "cache")
    path.write_bytes(oci_archive(IMAGE, compress=gzipped, suffix="+gzip"))
    first = fates(cached(path, cache))
    assert reads == [0, 1]
    assert fates(cached(path, cache)) == first
    assert reads == [0, 1]
    stored = [each.read_bytes() for each in (tmp_path / "cache").rglob("*.secrets")]
    assert len(stored) == 2


def test_layers_of_the_base_are_not_searched(tmp_path: Path, reads: list[int]) -> None:
    """Only a base that is certain is left out."""
    path = tmp_path / "image.tar"
    path.write_bytes(docker_archive(IMAGE))
    base = Base(1, "base:1", "", Evidence.OPTION, exact=True, reason="")
    exploration = explore(opened(path))
    exact = replace(exploration, find_given_base=lambda: base)
    assert [path for path, *_ in fates(exact)] == ["a\x1b[2J"]
    guessed = replace(exploration, find_given_base=lambda: replace(base, exact=False))
    assert [path for path, *_ in fates(guessed)] == ["base", "a\x1b[2J"]
    assert reads == [1, 0, 1]


@pytest.mark.parametrize("evidence", [Evidence.ANNOTATION, Evidence.HISTORY, Evidence.PROVENANCE, Evidence.BUILDPACKS])
def test_a_base_that_only_the_image_claims_is_searched(tmp_path: Path, evidence: Evidence) -> None:
    """Its secrets are findings of the image, and the remedy says whose layer it seems to be."""
    path = tmp_path / "image.tar"
    path.write_bytes(docker_archive(IMAGE))
    base = Base(1, "base:1", "", evidence, exact=True, reason="")
    found = secrets(replace(explore(opened(path)), find_given_base=lambda: base))
    assert [(each.layer, each.is_base) for each in found] == [(0, False), (1, False)]
    assert "Layer 0 seems to be the base image's" in found[0].do


def test_a_content_of_the_base_is_not_searched_again(tmp_path: Path) -> None:
    """A layer that ships a file of the base again does not bring its secrets."""
    path = tmp_path / "image.tar"
    path.write_bytes(docker_archive(image(layer(file("a", WITH_TOKEN)), layer(file("a", WITH_TOKEN, mode=0o600)))))
    base = Base(1, "base:1", "", Evidence.OPTION, exact=True, reason="")
    assert fates(replace(explore(opened(path)), find_given_base=lambda: base)) == []


def test_the_search_can_be_cancelled_and_goes_on(tmp_path: Path) -> None:
    """Other findings are known by then."""

    class Impatient(Watcher):
        def progress(self, progress: Progress) -> None:
            if progress.step == "Looking for secrets":
                raise Cancelled("stopped")

    exploration = explored_layers(tmp_path, layer(file("a", WITH_TOKEN)))
    with pytest.raises(Cancelled):
        exploration.read_findings(Impatient())
    partial = exploration.known_findings
    assert partial is not None
    assert partial.is_partial
    assert {finding.kind for finding in partial.findings} == {FindingKind.PRACTICE}
    assert fates(exploration) == [("a", 1, 0, None)]
    assert exploration.known_findings is not None
    assert not exploration.known_findings.is_partial


def test_a_large_file_of_text_is_left_out_and_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The name is printable."""
    monkeypatch.setattr(scan_layer, "_MAX_SCANNED_BYTES", len(WITH_TOKEN))
    findings = explored_layers(tmp_path, layer(file("a", WITH_TOKEN), file("b\x1b", WITH_TOKEN + b"x"))).read_findings(
        Watcher()
    )
    ((number, problem),) = findings.problems
    assert (number, problem) == (0, "/b\\x1b is not searched for secrets: it has 50 B, expected at most 49 B")


def test_the_secrets_of_a_file_and_of_a_layer_are_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file with more says so, and so does a layer."""
    monkeypatch.setattr(scan_layer, "_MAX_FILE_SECRETS", 3)
    monkeypatch.setattr(scan_layer, "_MAX_LAYER_SECRETS", 5)
    exploration = explored_layers(tmp_path, layer(*(file(name, WITH_TOKEN * 9 + name.encode()) for name in "abc")))
    assert [(path, line) for path, line, *_ in fates(exploration)] == [("a", 1), ("a", 2), ("a", 3), ("b", 1), ("b", 2)]
    assert [problem for _, problem in exploration.read_findings(Watcher()).problems] == [
        "only 5 secrets are listed, and it may have more",
        "/a has more secrets than the 3 that are listed",
        "/b has more secrets than the 2 that are listed",
    ]


def test_the_secrets_of_an_image_are_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Layers together list no more, and say so."""
    monkeypatch.setattr(image_secrets, "_MAX_FILE_FINDINGS", 2)
    exploration = explored_layers(tmp_path, *(layer(file(name, WITH_TOKEN + name.encode())) for name in "abc"))
    assert [path for path, *_ in fates(exploration)] == ["a", "b"]
    assert exploration.read_findings(Watcher()).problems == [
        (None, "only 2 secrets of files are listed, and the image has more")
    ]


def test_a_token_behind_too_many_triggers_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The search for secrets with a form of their own goes on, and the file is named."""
    monkeypatch.setattr(engine, "_MAX_TRIGGERS", 10)
    monkeypatch.setattr(scan_layer, "_BLOCK_BYTES", 1_000)
    exploration = explored_layers(tmp_path, layer(file("a.env", b"password=\n" * 20_000 + WITH_TOKEN)))
    assert fates(exploration) == [("a.env", 20_001, 0, None)]
    assert [problem for _, problem in exploration.read_findings(Watcher()).problems] == [
        "/a.env may have more secrets, because too many of its texts look like one"
    ]


def test_one_note_counts_files_that_nothing_can_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """They are no problem, because nothing was to be searched in them."""
    monkeypatch.setattr(scannable, "_MAX_BINARY_BYTES", 1_000)
    files = [file("a.zip", b"PK\x03\x04\x14\0\0\0\x08"), file("b", b"\x1f\x8b\x08\0\0\0\0\0\0\0"), file("c.png")]
    files += [file("core", b"\0" * 2_000), file("usr/share/man/x.gz", b"123456789")]
    path, cache = tmp_path / "image.tar", Cache(tmp_path / "cache")
    path.write_bytes(oci_archive(image(layer(*files)), compress=gzipped, suffix="+gzip"))
    for _ in range(2):
        findings = cached(path, cache).read_findings(Watcher())
        assert findings.problems == []
        assert findings.notes == ["Not searched for secrets: 3 files (archives, and binaries of more than 64 MB)"]
