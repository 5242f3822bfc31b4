"""Saved explorations for tests: made from an image, and written with other members."""

from __future__ import annotations

import io
import json
import sys
import tarfile
from typing import TYPE_CHECKING, Any

from explorer.layers.derived_format import pack_bytes
from explorer.model import Watcher
from explorer.pipeline.save import save
from explorer.saved import DOCUMENT_NAME
from explorer.saved.document import INDEXES_NAME, PACKAGES_HEAD, PACKAGES_NAME
from tests.images import big, directory, explored_layers, file, hardlink, layer, symlink, whiteout

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from explorer.pipeline import Exploration

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

TOKEN = "ghp_" + "ogyjey4XVnHrkgn5ZYXltMT02fLPFlDf51Hs"
_STATUS = b"Package: bash\nStatus: install ok installed\nVersion: 5.2\nArchitecture: amd64\n"
_LAYERS = (
    layer(
        directory("etc"),
        file("etc/passwd", b"root::0:0:root:/root:/bin/sh\n"),
        file("var/lib/dpkg/status", _STATUS),
        file("var/lib/dpkg/info/bash.list", b"/.\n/bin\n/bin/bash\n"),
        big("bin/bash", 0.2),
        symlink("sh", "bin/bash"),
        file(b"caf\xe9".decode("utf-8", "surrogateescape"), b"latin"),
    ),
    layer(file("app/key", f"token = {TOKEN}\n".encode()), hardlink("app/same", "app/key"), big("app/data", 0.3)),
    layer(whiteout("app/key"), big("app/data", 0.3), file("copy", b"x" * 9000, xattrs={"user.a": "b"})),
)
_HISTORY = [
    {"created_by": "FROM debian"},
    {"created_by": f"RUN |1 TOKEN={TOKEN} /bin/sh -c make # buildkit"},
    {"created_by": "COPY . . # buildkit"},
]
_CONFIG = {"Env": [f"TOKEN={TOKEN}", "PATH=/bin"], "Labels": {"a": "b"}, "User": "app"}


def saved_image(tmp_path: Path) -> Exploration:
    """Returns an image with a package, a deleted secret, waste and a name that is not UTF-8."""
    return explored_layers(tmp_path, *_LAYERS, history=_HISTORY, config=_CONFIG, author=f"me {TOKEN}")


def saved(exploration: Exploration) -> bytes:
    """Returns the file of a saved exploration, which lacks nothing."""
    content, problems = save(exploration, Watcher())
    assert not problems
    return content


def members(content: bytes) -> dict[str, bytes]:
    """Returns the members of a saved exploration."""
    with tarfile.open(fileobj=io.BytesIO(content)) as archive:
        files = ((member.name, archive.extractfile(member)) for member in archive)
        return {name: part.read() for name, part in files if part is not None}


def archive_of(parts: Mapping[str, bytes]) -> bytes:
    """Returns a tar with these members."""
    whole = io.BytesIO()
    with tarfile.open(fileobj=whole, mode="w") as archive:
        for name, content in parts.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return whole.getvalue()


def rewritten(
    content: bytes,
    edit: Callable[[dict[str, Any]], object] = lambda _: None,
    indexes: Sequence[bytes] = (),
    packages: bytes | None = None,
) -> bytes:
    """Returns a saved exploration with another document, other indexes, or other packages as JSON."""
    parts = members(content)
    document = json.loads(parts[DOCUMENT_NAME])
    if indexes:
        parts[INDEXES_NAME] = b"".join(indexes)
        document["indexes"] = [{"bytes": len(index)} for index in indexes]
    if packages is not None:
        parts[PACKAGES_NAME] = pack_bytes(PACKAGES_HEAD, packages)
    edit(document)
    parts[DOCUMENT_NAME] = json.dumps(document).encode()
    return archive_of(parts)


def unpacked(content: bytes) -> bytes:
    """Returns all bytes of a saved exploration, with the compressed ones unpacked."""
    frames = content.split(b"\x28\xb5\x2f\xfd")[1:]
    texts = [zstd.ZstdDecompressor().decompress(b"\x28\xb5\x2f\xfd" + frame) for frame in frames]
    return b"\n".join([content, *texts])
