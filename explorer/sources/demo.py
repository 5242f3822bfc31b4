"""The demo image: a small web shop whose Dockerfile makes the usual mistakes.

It needs no engine: it is a docker-archive in a temporary file, read like any other. Its large files are holes, so
hundreds of megabytes cost nothing. It shows each cause of waste, each kind of change, and a secret that was "deleted".
"""

from __future__ import annotations

import hashlib
import io
import json
import tarfile
import zlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import BinaryIO

from explorer.model import Image
from explorer.sources.archives.archive import image_in
from explorer.sources.request import Request
from explorer.sources.spool import temporary_file

_CREATED = datetime(2026, 1, 31, 9, 0, tzinfo=UTC)
_MEGABYTE = 1_000_000
_DIFF_IDS = (
    "bfdb185c7542282c1f1071a73c156f9b302105f2e8a92623398a9d91250ddd27",
    "61539d99e9cfd3b7a82060b543eb3684a537fe5a1c41003fa92302b44b0bd5ea",
    "c00c520a88a9105c6c6b925bc39ab4e102c43195928ed15c51023e3b1c79934e",
    "7b9ebeef311134720241f4a630d5706dcd4390b6fc6661ce538284b49a92530d",
    "58ce73ba33ea3ff0ba9fbca8f0af41b8c4b69441701629b56603d1c63ba7297f",
    "c2dfc1ec77b60d5c66d46595e10307db150ea061d6ec7529125c323007bcb8ba",
    "53458709b707495fc5c0d86430036769f490f98bf55a1710595da993a0cf0e76",
    "a2de3e811f72510e1ae92370df4815602bdbe8153ef058d30e498d4676e0ff01",
    "007424cc183ab2fc9656f63d53493a275776beba25e52496f3c9cfd01bbdca26",
    "2b8e071e55b0a3a4a46db78eeaf6ad4ea5500a17722a1fadf63e4f1d74686394",
    "ffa4c7b9424212f8a9414d81b11f2139334f76cee149f5c559e4be96ad529fc3",
    "39a1d3dcdb2dd07905aab46b9d21c233e48f77e527a05a1cd0ec0cbdb3c0856a",
    "c9b0d10e198a5f0699d9d011fd92a68165e9bac187e2306b4546560116db2f18",
)
"""SHA-256 of the layers' tars. They are constant; to compute them takes seconds, so only a test does."""
_DIRECTORY, _FILE, _LINK, _HARDLINK = tarfile.DIRTYPE, tarfile.REGTYPE, tarfile.SYMTYPE, tarfile.LNKTYPE


@dataclass(frozen=True, slots=True)
class _Item:
    """One member of a layer's tar."""

    path: str
    size: int = 0
    text: bytes = b""
    type: bytes = _FILE
    mode: int = 0o644
    owner: int = 0
    link: str = ""
    edition: int = 1
    """Files of one path and size but of different editions hold different bytes."""


@dataclass(frozen=True, slots=True)
class _Step:
    """One step of the Dockerfile; without items it makes no layer."""

    created_by: str
    items: Callable[[], Iterable[_Item]] | None = None


def open_demo(request: Request) -> Image:
    """Opens the demo image. Raises ImageNotFound for another platform."""
    with temporary_file() as file:
        write_demo(file)
        image = image_in(file, request)
    return replace(image, source="built in")


def write_demo(file: BinaryIO) -> None:
    """Writes the demo image as a docker-archive."""
    history: list[dict[str, object]] = []
    names: list[str] = []
    for number, step in enumerate(_STEPS):
        created = (_CREATED + timedelta(minutes=number)).isoformat().replace("+00:00", "Z")
        entry: dict[str, object] = {"created": created, "created_by": step.created_by}
        entry["comment"] = "buildkit.dockerfile.v0"
        if step.items is None:
            entry["empty_layer"] = True
        else:
            names.append(f"{len(names):02}/layer.tar")
            _write_layer(file, names[-1], step.items())
        history.append(entry)
    config = json.dumps(_config(history)).encode()
    config_name = f"{hashlib.sha256(config).hexdigest()}.json"
    manifest = [{"Config": config_name, "RepoTags": ["shop:demo"], "Layers": names}]
    for name, content in ((config_name, config), ("manifest.json", json.dumps(manifest).encode())):
        file.write(_header(_Item(name, len(content))))
        file.write(content.ljust(_padded(len(content)), b"\0"))
    file.write(bytes(2 * tarfile.BLOCKSIZE))
    file.flush()


def _config(history: list[dict[str, object]]) -> dict[str, object]:
    return {
        "architecture": "amd64",
        "os": "linux",
        "created": history[-1]["created"],
        "author": "Layer Explorer",
        "config": {
            "Env": [
                "PATH=/usr/local/bin:/usr/bin:/bin",
                "PYTHONUNBUFFERED=1",
                "SHOP_MODEL=/app/models/recommender.bin",
            ],
            "Entrypoint": ["/app/entrypoint.sh"],
            "Cmd": ["gunicorn", "shop.wsgi:application"],
            "User": "app",
            "WorkingDir": "/app",
            "ExposedPorts": {"8000/tcp": {}},
            "Volumes": {"/app/uploads": {}},
            "Labels": {"org.opencontainers.image.title": "shop", "org.opencontainers.image.version": "1.4.2"},
            "StopSignal": "SIGTERM",
            "Healthcheck": {"Test": ["CMD", "curl", "-f", "http://localhost:8000/health"]},
        },
        "rootfs": {"type": "layers", "diff_ids": [f"sha256:{digest}" for digest in _DIFF_IDS]},
        "history": history,
    }


def _write_layer(file: BinaryIO, name: str, items: Iterable[_Item]) -> None:
    """Writes one layer as a member; files are holes after their first bytes."""
    header_at = file.tell()
    start = header_at + tarfile.BLOCKSIZE
    file.seek(start)
    for item in items:
        content = _content(item)
        file.write(_header(item) + content)
        file.seek(_padded(item.size) - len(content), io.SEEK_CUR)
    file.seek(2 * tarfile.BLOCKSIZE, io.SEEK_CUR)
    end = file.tell()
    file.truncate(end)
    file.seek(header_at)
    file.write(_header(_Item(name, end - start)))
    file.seek(end)


def _content(item: _Item) -> bytes:
    """Returns the first bytes of a file; the rest is a hole."""
    return item.text or f"{item.path} {item.edition}\n".encode()[: item.size]


def _header(item: _Item) -> bytes:
    member = tarfile.TarInfo(item.path)
    member.type, member.mode, member.linkname, member.size = item.type, item.mode, item.link, item.size
    member.uid = member.gid = item.owner
    member.mtime = int((_CREATED + timedelta(hours=item.edition - 1)).timestamp())
    return member.tobuf(tarfile.GNU_FORMAT)


def _padded(size: int) -> int:
    return -(-size // tarfile.BLOCKSIZE) * tarfile.BLOCKSIZE


def _directory(path: str, mode: int = 0o755) -> _Item:
    return _Item(path, type=_DIRECTORY, mode=mode)


def _text(path: str, text: str, mode: int = 0o644, owner: int = 0, edition: int = 1) -> _Item:
    return _Item(path, len(text.encode()), text.encode(), mode=mode, owner=owner, edition=edition)


def _some(directory: str, names: str, total: int, mode: int = 0o644) -> Iterator[_Item]:
    """Yields files of plausible sizes with about ``total`` bytes together."""
    weights = {name: zlib.crc32(f"{directory}/{name}".encode()) % 1000 + 20 for name in names.split()}
    for name, weight in weights.items():
        yield _Item(f"{directory}/{name}", total * weight // sum(weights.values()), mode=mode)


def _base() -> Iterator[_Item]:
    directories = "etc usr usr/bin usr/lib usr/lib/x86_64-linux-gnu usr/share usr/share/doc var var/lib var/lib/dpkg"
    yield from map(_directory, directories.split())
    yield _directory("tmp", 0o1777)
    yield _directory("root", 0o700)
    for link in ("bin", "lib", "sbin"):
        yield _Item(link, type=_LINK, mode=0o777, link=f"usr/{'bin' if link == 'sbin' else link}")
    yield _text(
        "etc/passwd", "root:x:0:0:root:/root:/bin/bash\nnobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin\n"
    )
    yield _text("etc/os-release", 'PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\nID=debian\nVERSION_ID="12"\n')
    yield _text("etc/debian_version", "12.9\n")
    yield from _some(
        "usr/bin",
        "bash cat cp dash dpkg find grep gzip ls mv perl rm sed sh tar tail touch xargs",
        12 * _MEGABYTE,
        0o755,
    )
    yield _Item("usr/bin/perl5.36.0", type=_HARDLINK, mode=0o755, link="usr/bin/perl")
    libraries = (
        "libc.so.6 libcrypto.so.3 libgnutls.so.30 libm.so.6 libperl.so.5.36 libssl.so.3 libstdc++.so.6 libsystemd.so.0"
    )
    yield from _some("usr/lib/x86_64-linux-gnu", libraries, 31 * _MEGABYTE)
    packages = (
        "adduser apt base-files bash coreutils debconf dpkg grep gzip libc6 login mount passwd perl-base sed tar tzdata"
    )
    yield from (_directory(f"usr/share/doc/{name}") for name in packages.split())
    for name in packages.split():
        yield from _some(f"usr/share/doc/{name}", "changelog.gz copyright", 420_000)
    yield _Item("var/lib/dpkg/status", 1_240_000)


def _apt_lists() -> Iterator[_Item]:
    yield _directory("var/lib/apt/lists", 0o755)
    host = "var/lib/apt/lists/deb.example_debian_dists"
    yield _Item(f"{host}_bookworm_main_binary-amd64_Packages", 47_200_000)
    yield _Item(f"{host}_bookworm_InRelease", 151_000)
    yield _Item(f"{host}_bookworm-updates_main_binary-amd64_Packages", 3_100_000)
    yield _Item("var/cache/apt/pkgcache.bin", 26_300_000)
    yield _Item("var/cache/apt/srcpkgcache.bin", 26_200_000)


def _packages() -> Iterator[_Item]:
    yield from _some(
        "usr/lib/gcc/x86_64-linux-gnu/12",
        "cc1 cc1plus collect2 lto1 lto-wrapper libgcc.a libstdc++.a",
        96 * _MEGABYTE,
        0o755,
    )
    yield from _some("usr/bin", "ar as curl g++-12 gcc-12 ld make python3.11 strip", 34 * _MEGABYTE, 0o755)
    yield _Item("usr/bin/python3", type=_LINK, mode=0o777, link="python3.11")
    modules = (
        "argparse ast asyncio collections csv dataclasses datetime email functools http json logging pathlib re typing"
    )
    yield from _some("usr/lib/python3.11", " ".join(f"{name}.py" for name in modules.split()), 4 * _MEGABYTE)
    yield from (
        _Item(f"usr/include/c++/12/{name}", 12_000 + 900 * i)
        for i, name in enumerate(("algorithm", "map", "memory", "string", "vector"))
    )
    yield _Item("var/lib/dpkg/status", 1_410_000, edition=2)
    yield _Item("var/cache/apt/pkgcache.bin", 26_300_000, edition=2)
    yield from _some(
        "var/cache/apt/archives", "cpp-12.deb g++-12.deb gcc-12.deb libstdc++-12-dev.deb python3.11.deb", 41 * _MEGABYTE
    )
    yield _text("etc/passwd", "root:x:0:0:root:/root:/bin/bash\napp:x:1000:1000::/app:/bin/sh\n", edition=2)


def _requirements() -> Iterator[_Item]:
    yield _directory("app")
    yield _text("app/requirements.txt", "django==5.1\ngunicorn==23.0\nnumpy==2.2\npillow==11.1\n")


def _pip() -> Iterator[_Item]:
    site = "usr/local/lib/python3.11/site-packages"
    for name, size in (("django", 24), ("numpy", 38), ("PIL", 14), ("gunicorn", 1)):
        yield from _some(f"{site}/{name}", "__init__.py core.py models.py utils.py version.py", size * _MEGABYTE // 4)
        yield from _some(
            f"{site}/{name}/tests", "__init__.py test_core.py test_models.py test_utils.py", size * _MEGABYTE // 4
        )
        yield from _some(f"{site}/{name}/_native", "accelerate.so tables.so", size * _MEGABYTE // 2, 0o755)
    yield from _some("root/.cache/pip/http-v2", "0a1f 2b6c 4e9d 7f33 a0b8 c41e", 37 * _MEGABYTE)
    yield _Item("usr/local/bin/gunicorn", 212, mode=0o755)


def _source() -> Iterator[_Item]:
    yield _directory("app")
    yield _text("app/entrypoint.sh", '#!/bin/sh\nset -e\npython3 manage.py migrate\nexec "$@"\n')
    yield _text(
        "app/.env", "DATABASE_URL=postgres://shop:hunter2@db/shop\nPAYMENT_API_KEY=k7Qp2XvR9mZt4LbW8sd\n", mode=0o600
    )
    yield _text(
        "app/manage.py",
        "import sys\n\nfrom django.core.management import execute_from_command_line\n\n"
        "execute_from_command_line(sys.argv)\n",
    )
    yield _text("app/config.toml", 'debug = true\nworkers = 2\ncurrency = "EUR"\n')
    yield from _some(
        "app/shop", "__init__.py admin.py apps.py cart.py models.py payment.py urls.py views.py wsgi.py", 180_000
    )
    yield from _some("app/static", "app.css app.js fonts.woff2 hero.jpg logo.svg vendor.js", 9 * _MEGABYTE)
    yield _Item("app/models/recommender.bin", 48_000_000)
    yield from _some("app/.git/objects/pack", "pack-3f1c.idx pack-3f1c.pack", 19 * _MEGABYTE)
    yield _text("app/.git/HEAD", "ref: refs/heads/main\n")
    yield _Item("app/current", type=_LINK, mode=0o777, link="releases/1.4.1")


def _quantise() -> Iterator[_Item]:
    yield _Item("app/models/recommender.bin", 48_000_000, edition=2)


def _bundle() -> Iterator[_Item]:
    yield _Item("app/static/bundle.js", 3_400_000)
    yield from _some("app/static/maps", "app.js.map vendor.js.map", 2 * _MEGABYTE)
    yield _Item("app/static/bundle.js", 3_500_000, edition=2)


def _chown() -> Iterator[_Item]:
    latest = {item.path: item for item in (*_source(), *_quantise(), *_bundle(), *_requirements())}
    for item in latest.values():
        yield replace(item, owner=1000)


def _configure() -> Iterator[_Item]:
    yield _text("app/config.toml", 'debug = false\nworkers = 8\ncurrency = "EUR"\n', owner=1000, edition=3)
    yield _text(
        "app/entrypoint.sh", '#!/bin/sh\nset -e\npython3 manage.py migrate\nexec "$@"\n', mode=0o755, owner=1000
    )
    yield _Item("app/current", type=_LINK, mode=0o777, link="releases/1.4.2", owner=1000, edition=3)


def _delete_secret() -> Iterator[_Item]:
    yield _Item("app/.wh..env")
    yield _Item("app/.wh..git")


def _clean_up() -> Iterator[_Item]:
    yield _Item("usr/lib/.wh.gcc")
    yield _Item("usr/.wh.include")
    for name in ("ar", "as", "g++-12", "gcc-12", "ld", "make", "strip"):
        yield _Item(f"usr/bin/.wh.{name}")
    yield _directory("var/lib/apt/lists")
    yield _Item("var/lib/apt/lists/.wh..wh..opq")
    yield _Item("var/cache/.wh.apt")
    yield _Item("root/.wh..cache")
    yield _Item("var/lib/dpkg/status", 1_290_000, edition=3)
    yield _Item("usr/share/doc", type=_LINK, mode=0o777, link="/dev/null", edition=3)


_STEPS = (
    _Step("ADD rootfs.tar.xz / # buildkit", _base),
    _Step('CMD ["bash"]'),
    _Step("ENV PYTHONUNBUFFERED=1"),
    _Step("RUN /bin/sh -c apt-get update # buildkit", _apt_lists),
    _Step(
        "RUN /bin/sh -c apt-get install -y build-essential curl python3 python3-pip && useradd app # buildkit",
        _packages,
    ),
    _Step("WORKDIR /app", lambda: [_directory("app")]),
    _Step("COPY requirements.txt . # buildkit", _requirements),
    _Step("RUN /bin/sh -c pip install -r requirements.txt # buildkit", _pip),
    _Step("COPY . . # buildkit", _source),
    _Step("RUN /bin/sh -c python3 -m shop.quantise models/recommender.bin # buildkit", _quantise),
    _Step("ADD bundle.tar.gz static/ # buildkit", _bundle),
    _Step("RUN /bin/sh -c chown -R app:app /app # buildkit", _chown),
    _Step(
        "RUN /bin/sh -c sed -i s/true/false/ config.toml && chmod +x entrypoint.sh "
        "&& ln -sfn releases/1.4.2 current # buildkit",
        _configure,
    ),
    _Step("RUN /bin/sh -c rm -rf .env .git # buildkit", _delete_secret),
    _Step(
        "RUN /bin/sh -c apt-get purge -y build-essential && rm -rf /var/lib/apt/lists/* /var/cache/apt /root/.cache "
        "/usr/share/doc && ln -s /dev/null /usr/share/doc # buildkit",
        _clean_up,
    ),
    _Step("USER app"),
    _Step("EXPOSE map[8000/tcp:{}]"),
    _Step('ENTRYPOINT ["/app/entrypoint.sh"]'),
    _Step('CMD ["gunicorn" "shop.wsgi:application"]'),
)
