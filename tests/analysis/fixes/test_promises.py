"""Promises: images whose fixes are applied and built again shrink by the bytes that the fixes name."""

from __future__ import annotations

import re
import shutil
import subprocess
import uuid
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from explorer.analysis.fixes.dockerfile_diff import DiffLine
from explorer.pipeline import Exploration
from tests.conftest import Podman, skip_or_fail
from tests.images import Item, directory, explored, file, layer, symlink

pytestmark = pytest.mark.end_to_end

APT = rb"""#!/bin/sh
# Leaves lists, archives and caches, as apt-get does: update, install, remove, clean.
lists=/var/lib/apt/lists cache=/var/cache/apt
fill() { head -c "$2" /dev/zero | tr '\0' "${3:-x}" > "$1"; }
verb=; names=
for word; do case $word in -*) ;; *) if [ "$verb" ]; then names="$names $word"; else verb=$word; fi;; esac; done
mkdir -p $lists $cache/archives /var/lib/dpkg /var/log/apt
case $verb in
update) fill $lists/main_Packages 50000 && fill $cache/pkgcache.bin 20000 u;;
install)
    [ -f $lists/main_Packages ] || exit 100
    for name in $names; do
        fill $cache/archives/$name.deb 12000 && fill /usr/bin/$name 30000
        mkdir -p /usr/share/doc/$name && fill /usr/share/doc/$name/copyright 700
        echo "$name" | tee -a /var/lib/dpkg/status >> /var/log/apt/history.log
    done
    fill $cache/pkgcache.bin 20000 i;;
remove)
    for name in $names; do rm -rf /usr/bin/$name /usr/share/doc/$name; done
    fill $cache/pkgcache.bin 20000 r;;
clean) rm -rf $cache/archives/*.deb $cache/pkgcache.bin;;
esac
"""
PIP = rb"""#!/bin/sh
# Installs a package with tests, and keeps a cache unless it is told not to.
package=/usr/lib/python3/site-packages/shop
mkdir -p $package/tests && head -c 40000 /dev/zero > $package/main.py && head -c 3000 /dev/zero > $package/tests/a.py
case "$*" in
*--no-cache-dir*) ;;
*) mkdir -p /root/.cache/pip/http && head -c 25000 /dev/zero > /root/.cache/pip/http/a;;
esac
"""
RECIPES = {
    "apt, cleaned too late": """
        RUN apt-get update
        RUN apt-get install -y git curl
        RUN rm -rf /var/lib/apt/lists/*""",
    "apt in four steps, with a COPY between": """
        RUN apt-get update
        COPY src /src
        RUN apt-get install -y make
        RUN apt-get install -y gcc vim && apt-get clean
        RUN apt-get remove -y gcc""",
    "a COPY with .git, a chown of all, and a removal": """
        WORKDIR /app
        COPY . .
        RUN chown -R app:app /app
        RUN rm -rf .git""",
    "a COPY with .git and a chown of all": """
        COPY . /app
        RUN chown -R app:app /app""",
    "a chown of what COPY and RUN made": """
        WORKDIR /app
        COPY src src
        RUN head -c 9000 /dev/zero > /app/model
        RUN chown -R app:app /app""",
    "a RUN and its removal": """
        RUN mkdir /build && head -c 30000 /dev/zero > /build/a && head -c 1000 /dev/zero > /opt/kept
        RUN head -c 500 /dev/zero > /opt/b
        RUN rm -rf /build /opt/b && echo done > /done""",
    "pip with its cache, removed too late": """
        RUN pip install shop
        RUN rm -rf /root/.cache""",
    "pip with its cache": "RUN pip install shop",
    "modes": """
        COPY src /app
        RUN chmod -R 755 /app""",
    "owner and mode": """
        COPY src /app
        RUN chown -R app:app /app && chmod -R 750 /app && echo done > /done""",
    "a move": """
        COPY src /app/src
        RUN mv /app/src /app/lib""",
    "a file that a RUN needs before it goes": """
        RUN mkdir /build && head -c 9000 /dev/zero > /build/a
        RUN head -c 800 /build/a > /opt/a
        RUN rm -rf /build && echo done > /done""",
    "temporary files, logs and dumps": """
        RUN echo 1 > /tmp/a && echo 2 > /var/log/b && echo 3 > /opt/core.1 && mkdir -p /opt/.git && echo 4 > /opt/.git/c
        RUN mkdir -p /usr/share/locale/de /root/.cache/c && echo 5 > /usr/share/locale/de/d && echo 6 > /root/.cache/c/e
        RUN echo 1 > /opt/f && echo 2 > /opt/keep
        RUN echo 22 > /opt/f""",
}


@pytest.fixture(scope="module")
def base(podman: Podman) -> str:
    """An image with a shell, and with commands that leave files behind as package managers do."""
    busybox = shutil.which("busybox")
    if busybox is None or b"statically" not in subprocess.run(["file", "-L", busybox], capture_output=True).stdout:
        skip_or_fail("no static busybox is installed")
    names = subprocess.run([busybox, "--list"], capture_output=True, text=True, check=True).stdout.split()
    items: list[Item] = [
        file("bin/busybox", Path(busybox).read_bytes(), mode=0o755),
        *(symlink(f"bin/{name}", "busybox") for name in names if name != "busybox"),
        file("usr/bin/apt-get", APT, mode=0o755),
        file("usr/bin/pip", PIP, mode=0o755),
        file("etc/passwd", b"root:x:0:0::/root:/bin/sh\napp:x:9:9::/app:/bin/sh\n"),
        file("etc/group", b"root:x:0:\napp:x:9:\n"),
        *(directory(name) for name in ("opt", "root", "tmp", "var/log", "var/tmp")),
    ]
    podman.run("import", "-", "promise:base", given=layer(*items))
    return "localhost/promise:base"


class Build:
    """A build context whose Dockerfile changes."""

    def __init__(self, podman: Podman, context: Path, dockerfile: Sequence[str]) -> None:
        self.podman, self.context, self.dockerfile = podman, context, list(dockerfile)
        self.ignored = ["Dockerfile", ".dockerignore"]

    def run(self) -> Exploration:
        """Builds and explores the image."""
        (self.context / "Dockerfile").write_text("\n".join(self.dockerfile))
        (self.context / ".dockerignore").write_text("\n".join(self.ignored))
        name = f"promise:{uuid.uuid4().hex}"
        options = ("--quiet", "--layers", "--isolation=chroot", "--network=host", f"--tag={name}")
        self.podman.run("build", *options, str(self.context))
        archive = self.context.parent / "image.tar"
        archive.unlink(missing_ok=True)
        self.podman.run("save", "--quiet", "--output", str(archive), name)
        return explored(archive)

    def apply(self, diff: Sequence[DiffLine]) -> None:
        """Changes the Dockerfile and .dockerignore as the lines of a fix say."""
        place, is_ignoring = 0, False
        sources: list[str] = []
        for line in diff:
            if line.sign == "#":
                is_ignoring = line.text == ".dockerignore"
            elif is_ignoring:
                self.ignored.append(line.text)
            elif line.sign == "-":
                # The builder does not record the source of a COPY.
                pattern = re.compile(re.escape(line.text).replace("…", "(.+)"))
                place, match = next((n, m) for n, each in enumerate(self.dockerfile) if (m := pattern.fullmatch(each)))
                sources = list(match.groups())
                del self.dockerfile[place]
            else:
                text = line.text
                for source in sources:
                    text = text.replace("…", source, 1)
                self.dockerfile.insert(place, text)
                place += 1


@pytest.mark.parametrize("recipe", RECIPES.values(), ids=list(RECIPES))
def test_applied_fixes_save_what_they_promise(podman: Podman, base: str, recipe: str, tmp_path: Path) -> None:
    """Applied one after the other until none is left, the fixes save their bytes, and no byte more or less."""
    context = tmp_path / "context"
    contents: Mapping[str, int] = {".git/objects/a": 4000, "src/main.py": 700, "src/other.py": 50, "README": 30}
    for name, count in contents.items():
        (context / name).parent.mkdir(parents=True, exist_ok=True)
        (context / name).write_bytes(name[-1:].encode() * count)
    build = Build(podman, context, [f"FROM {base}", *(line.strip() for line in recipe.strip().splitlines())])
    first = image = build.run()
    promised = sum(fix.bytes for fix in first.fixes if not fix.is_base)
    assert promised
    for _ in range(10):
        fixes = [fix for fix in image.fixes if not fix.is_base]
        if not fixes:
            break
        build.apply(fixes[0].diff)
        image = build.run()
    assert not [fix.id for fix in image.fixes if not fix.is_base]
    assert first.usage.shipped_bytes - image.usage.shipped_bytes == promised
