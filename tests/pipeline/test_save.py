"""Saved explorations: what is known of an image comes back, and nothing else is in the file."""

from __future__ import annotations

import io
import json
import sys
import tarfile
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from explorer.errors import NoContents
from explorer.layers.index_format import decode_index
from explorer.model import Watcher
from explorer.pipeline.save import save
from explorer.preview.versions import file_versions
from explorer.report import packages
from explorer.report.formats import FORMATS
from explorer.report.page import Page
from tests.images import NOW, big, directory, explored, explored_layers, file, hardlink, layer, symlink, whiteout

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from explorer.pipeline import Exploration

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

TOKEN = "ghp_" + "ogyjey4XVnHrkgn5ZYXltMT02fLPFlDf51Hs"
STATUS = b"Package: bash\nStatus: install ok installed\nVersion: 5.2\nArchitecture: amd64\n"
LAYERS = (
    layer(
        directory("etc"),
        file("etc/passwd", b"root::0:0:root:/root:/bin/sh\n"),
        file("var/lib/dpkg/status", STATUS),
        file("var/lib/dpkg/info/bash.list", b"/.\n/bin\n/bin/bash\n"),
        big("bin/bash", 0.2),
        symlink("sh", "bin/bash"),
        file(b"caf\xe9".decode("utf-8", "surrogateescape"), b"latin"),
    ),
    layer(file("app/key", f"token = {TOKEN}\n".encode()), hardlink("app/same", "app/key"), big("app/data", 0.3)),
    layer(whiteout("app/key"), big("app/data", 0.3), file("copy", b"x" * 9000, xattrs={"user.a": "b"})),
)
HISTORY = [
    {"created_by": "FROM debian"},
    {"created_by": f"RUN |1 TOKEN={TOKEN} /bin/sh -c make # buildkit"},
    {"created_by": "COPY . . # buildkit"},
]
CONFIG = {"Env": [f"TOKEN={TOKEN}", "PATH=/bin"], "Labels": {"a": "b"}, "User": "app"}


@pytest.fixture
def original(tmp_path: Path) -> Exploration:
    """An image with a package, a deleted secret, waste and names that are not UTF-8."""
    return explored_layers(tmp_path, *LAYERS, history=HISTORY, config=CONFIG, author=f"me {TOKEN}")


def saved(exploration: Exploration) -> bytes:
    content, problems = save(exploration, Watcher())
    assert not problems
    return content


@pytest.fixture
def reopened(original: Exploration, tmp_path: Path) -> Exploration:
    """The same image, from its saved exploration."""
    path = tmp_path / "shop.lx"
    path.write_bytes(saved(original))
    return explored(path)


def members(content: bytes) -> Mapping[str, bytes]:
    """Returns the members of a saved exploration."""
    with tarfile.open(fileobj=io.BytesIO(content)) as archive:
        files = ((member.name, archive.extractfile(member)) for member in archive)
        return {name: part.read() for name, part in files if part is not None}


def figures(exploration: Exploration) -> object:
    """Returns the report, the packages and the findings as JSON, without the names of the file."""
    report = json.loads(FORMATS["json"](exploration, NOW, Page()))
    del report["image"]["reference"], report["image"]["source"]
    found = exploration.read_packages(Watcher())
    listed = json.loads(packages.as_json(found.usages, found, exploration.known_base_layers))
    findings = [repr(each) for each in exploration.read_findings(Watcher()).findings]
    return report, listed, findings


def test_all_figures_come_back(original: Exploration, reopened: Exploration) -> None:
    """The report, the packages, the findings and each entry are those of the image."""
    assert figures(reopened) == figures(original)
    assert [list(index.entries) for index in reopened.tree.layers] == [
        list(index.entries) for index in original.tree.layers
    ]
    assert replace(reopened.image.config, others=()) == replace(original.image.config, others=())
    assert reopened.image.history == original.image.history
    assert "github-token" in {finding.id for finding in reopened.read_findings(Watcher()).findings}


def test_the_file_has_all_fingerprints_and_no_secret(original: Exploration) -> None:
    """Each content has its fingerprint; no text of a secret is in the unpacked bytes."""
    parts = members(saved(original))
    index = decode_index(parts["indexes"][: json.loads(parts["layer-explorer.json"])["indexes"][0]["bytes"]])
    assert len(index.fingerprints) == 5
    unpacked = [parts["layer-explorer.json"]]
    for name in ("indexes", "packages"):
        frames = parts[name].split(b"\x28\xb5\x2f\xfd")[1:]
        unpacked += [zstd.ZstdDecompressor().decompress(b"\x28\xb5\x2f\xfd" + frame) for frame in frames]
    assert not [each for each in unpacked if TOKEN[4:14].encode() in each]
    assert b"ghp_****" in unpacked[0]


def test_the_same_image_makes_the_same_file(original: Exploration, reopened: Exploration) -> None:
    """Neither the time nor the machine is in the file, and a saved one is saved again with the same indexes."""
    assert saved(original) == saved(original)
    assert members(saved(reopened))["indexes"] == members(saved(original))["indexes"]


def test_contents_are_not_there(reopened: Exploration) -> None:
    """A file cannot be read, and the error says why and what to do."""
    node = reopened.tree.find("bin/bash")
    assert node is not None
    with pytest.raises(NoContents, match=r"shop\.lx holds no contents of files: it is a saved exploration"):
        reopened.contents.read(file_versions(node)[0], lambda _: None)
