"""The forms in which builders record a Dockerfile, and small layers in place of the real ones.

Docker's old builder, BuildKit and buildah record steps in these forms; a longer Dockerfile was built with each of them
to see them. The tests need this one::

    FROM base
    ENV VERSION=1
    ARG FLAVOR=plain
    COPY deps.txt /app/deps.txt
    RUN apt-get update && install deps
    COPY src /app/src
    RUN compile
    CMD ["/app/main"]
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from tests.analysis.image_diff.builds import Step
from tests.images import Item, directory, file, layer

FIRST, SECOND = 1_700_000_000, 1_700_090_000
"""The times of the two builds."""


@dataclass(frozen=True)
class Build:
    """One run of a builder: the values that a scenario changes."""

    time: int = FIRST
    """The time of files that RUN makes, and of directories."""
    source_time: int = FIRST
    source: bytes = b"print(1)"
    source_mode: int = 0o644
    base: bytes = b"bookworm"
    packages: bytes = b"flask 3.0"
    version: str = "1"
    flavor: str = "plain"
    flavor_default: str = "plain"
    compile: str = "compile"
    cmd: str = "/app/main"

    def rebuilt(self, **changes: object) -> Build:
        """Returns a later build with changes."""
        return replace(self, time=SECOND, **changes)  # type: ignore[arg-type]


@dataclass(frozen=True)
class Builder:
    """The forms in which a builder records steps."""

    setting: str
    argument: str
    copy: str
    run: str
    cmd: str
    comment: str = ""


def _digest(content: bytes) -> str:
    return f"{int.from_bytes(content[-6:], 'big'):064x}"


BUILDERS: Mapping[str, Builder] = {
    "docker": Builder(
        "/bin/sh -c #(nop)  ENV VERSION={0}",
        "/bin/sh -c #(nop)  ARG FLAVOR={0}",
        "/bin/sh -c #(nop) COPY {kind}:{digest} in {target} ",
        "|1 FLAVOR={flavor} /bin/sh -c {command}",
        '/bin/sh -c #(nop)  CMD ["{0}"]',
    ),
    "buildkit": Builder(
        "ENV VERSION={0}",
        "ARG FLAVOR={0}",
        "COPY {source} {target} # buildkit",
        "RUN |1 FLAVOR={flavor} /bin/sh -c {command} # buildkit",
        'CMD ["{0}"]',
        "buildkit.dockerfile.v0",
    ),
    "buildah": Builder(
        "/bin/sh -c #(nop) ENV VERSION={0}",
        "/bin/sh -c #(nop) ARG FLAVOR",
        "/bin/sh -c #(nop) COPY {kind}:{digest} in {target} ",
        "|1 FLAVOR={flavor} /bin/sh -c {command}",
        '/bin/sh -c #(nop) CMD ["{0}"]',
    ),
}


def steps(builder: Builder, build: Build) -> list[Step]:
    """Returns the steps of a build: the base, then seven of the Dockerfile."""
    source = file("app/src/main.py", build.source, mtime=build.source_time, mode=build.source_mode)
    modules = [file(f"app/src/m{number}.py", b"x", mtime=build.source_time) for number in range(3)]

    def run(command: str, *items: Item) -> Step:
        made = [replace(item, mtime=build.time) for item in items]
        return Step(builder.run.format(flavor=build.flavor, command=command), layer(*made))

    def copy(kind: str, name: str, target: str, *items: Item) -> Step:
        text = builder.copy.format(kind=kind, digest=_digest(items[-1].content), source=name, target=target)
        return Step(text, layer(directory("app", mtime=build.time), *items))

    recorded = [
        Step("/bin/sh -c #(nop) ADD file:1a2b in / ", layer(file("etc/os-release", build.base))),
        Step('/bin/sh -c #(nop)  CMD ["bash"]'),
        Step(builder.setting.format(build.version)),
        Step(builder.argument.format(build.flavor_default)),
        copy("file", "deps.txt", "/app/deps.txt", file("app/deps.txt", b"flask")),
        run(
            "apt-get update && install deps",
            file("opt/deps/list", build.packages),
            file("var/log/deps.log", f"{build.time}".encode()),
        ),
        copy("dir", "src", "/app/src", *modules, source),
        run(build.compile, file("app/build/main.py", build.source, mode=0o755)),
        Step(builder.cmd.format(build.cmd)),
    ]
    return [step._replace(comment=builder.comment) for step in recorded]


Edit = Callable[[list[Step]], Sequence[Step]]


def swapped(recorded: list[Step]) -> Sequence[Step]:
    """Returns the steps with the copied sources before the dependencies."""
    return [*recorded[:5], recorded[6], recorded[5], *recorded[7:]]


def with_inserted(recorded: list[Step]) -> Sequence[Step]:
    """Returns the steps with a RUN before the copied sources."""
    text = recorded[7].created_by.replace("compile", "echo hello")
    return [*recorded[:6], Step(text, layer(file("opt/hello", b"hello"))), *recorded[6:]]


def without_dependencies(recorded: list[Step]) -> Sequence[Step]:
    """Returns the steps without the installed dependencies."""
    return [*recorded[:5], *recorded[6:]]
