"""Images as builders make them, and where their bases really end."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, NamedTuple

from explorer.model import HistoryStep, Image, KnownImage
from tests.analysis.base.images import image_of, known, number

_DAY = "2026-03-{:02}T10:00:{:02}Z"


def step(created_by: str, day: int = 0, second: int = 0, *, comment: str = "", author: str = "") -> HistoryStep:
    """Returns a step of a history; without a day it has no date."""
    return HistoryStep(created_by, _DAY.format(day, second) if day else None, comment, author)


class Trial(NamedTuple):
    """An image with all evidence that it comes with."""

    name: str
    image: Image
    known: Sequence[KnownImage]
    base: str
    """The name of the base; empty if nothing names it."""
    layers: int
    """The number of layers that the base really has; 0 if the image has none."""
    exact: bool
    """True if the evidence proves it."""
    end_is_known: bool = True
    """False if nothing tells where the base ends."""


_DEBIAN = (
    step("# debian.sh --arch 'amd64' out/ 'bookworm'", 1, comment="debuerreotype 0.15"),
    step('CMD ["bash"]', 1, 1),
)
_CLASSIC = (
    step("/bin/sh -c #(nop) ADD file:0123456789abcdef in / ", 1),
    step('/bin/sh -c #(nop)  CMD ["bash"]', 1, 1),
)
_PYTHON = (
    *_DEBIAN,
    step("RUN apt-get install", 2),
    step("ENV A=1", 2, 1),
    step("RUN make", 2, 9),
    step('CMD ["python3"]', 2, 9),
)
_APP = (step("COPY . . # buildkit", 9), step("RUN pip install", 9, 5), step('CMD ["app"]', 9, 6))
_ANNOTATIONS = (
    ("org.opencontainers.image.base.name", "localhost/mid:1"),
    ("org.opencontainers.image.base.digest", number("d")),
)
_BUILDAH_MID = (
    step("/bin/sh -c #(nop) ADD file:b9d3 in /", 1, comment="imported from tarball"),
    step("ENV A=1", 1, 1, comment="FROM localhost/base:1"),
    step("/bin/sh -c #(nop) COPY file:f20c in /a ", 1, 2, comment="FROM 43fb59cf5d81"),
    step('CMD ["x"]', 1, 3, comment="FROM 6ceb77f8ec4b"),
)


def _buildpacks(top: str, *others: str) -> tuple[tuple[str, str]]:
    label = {
        "app": [{"sha": sha} for sha in others],
        "buildpacks": [{"key": "paketo/go", "layers": {"targets": {"sha": others[-1]}}}],
        "runImage": {"topLayer": top, "reference": f"index.docker.io/paketo/run@{number('e')}"},
        "stack": {"runImage": {"image": "paketo/run:base"}},
    }
    return (("io.buildpacks.lifecycle.metadata", json.dumps(label)),)


def _provenance(mode: str) -> dict[str, Any]:
    digest = {"sha256": number("d").removeprefix("sha256:")}
    materials = [
        {"uri": "pkg:docker/docker/dockerfile@1", "digest": digest},
        {"uri": "pkg:docker/debian@12?platform=linux%2Famd64", "digest": digest},
    ]
    if mode == "min":
        return {"materials": materials}
    identifier = f"docker-image://docker.io/library/debian:12@{number('d')}"
    chain = [[{"mediaType": "application/vnd.oci.image.layer.v1.tar+gzip", "digest": number("c0"), "size": 1}]]
    return {
        "materials": [*materials, {"uri": "pkg:docker/golang@1", "digest": digest}],
        "buildConfig": {"llbDefinition": [{"id": "step0", "op": {"Op": {"source": {"identifier": identifier}}}}]},
        "metadata": {"https://mobyproject.org/buildkit@v1#metadata": {"layers": {"step0:0": chain}}},
    }


TRIALS = [
    Trial(
        "classic builder, base in the engine", image_of(*_CLASSIC, *_APP), [known("debian:12", 1)], "debian:12", 1, True
    ),
    Trial("classic builder, base unknown", image_of(*_CLASSIC, *_APP), [], "", 1, False),
    Trial(
        "BuildKit, base of several layers",
        image_of(*_PYTHON, *_APP),
        [known("debian:12", 1), known("python:3", 3)],
        "python:3",
        3,
        True,
    ),
    Trial("BuildKit, base of several layers unknown", image_of(*_PYTHON, *_APP), [], "", 3, False),
    Trial(
        "BuildKit, only the lower base known", image_of(*_PYTHON, *_APP), [known("debian:12", 1)], "debian:12", 1, True
    ),
    Trial(
        "CMD set again in the middle",
        image_of(*_DEBIAN, step("RUN a", 9), step('CMD ["a"]', 9, 1), step("RUN b", 9, 2)),
        [],
        "",
        1,
        False,
    ),
    Trial(
        "CMD set again, base known",
        image_of(*_CLASSIC, step("RUN a"), step('CMD ["a"]'), step("RUN b")),
        [known("base:1", 1)],
        "base:1",
        1,
        True,
    ),
    Trial(
        "several tags of one base",
        image_of(*_CLASSIC, *_APP),
        [known("base:latest base:1 me/base:12", 1)],
        "base:1",
        1,
        True,
    ),
    Trial(
        "docker commit",
        image_of(*_CLASSIC, *_APP, HistoryStep("bash", comment="my work")),
        [known("debian:12", 1), known("app:2", 3)],
        "app:2",
        3,
        True,
    ),
    Trial(
        "docker build --squash",
        image_of(*_CLASSIC, HistoryStep("", comment="merge sha256:1 to sha256:2")),
        [known("base:1", 1)],
        "base:1",
        1,
        True,
    ),
    Trial("squashed with the base", image_of(step("RUN a")), [known("debian:12", [number("b0")])], "", 0, False),
    Trial(
        "FROM scratch", image_of(step("COPY app /app"), step("COPY conf /etc"), step('CMD ["/app"]')), [], "", 0, False
    ),
    Trial(
        "docker import",
        image_of(HistoryStep("", comment="Imported from -"), *_APP),
        [known("base:1", 1)],
        "base:1",
        1,
        True,
    ),
    Trial(
        "an earlier build",
        image_of(*_CLASSIC, *_APP),
        [known("debian:12", 1), known("shop:0", 2)],
        "debian:12",
        1,
        True,
    ),
    Trial(
        "podman build",
        image_of(
            *_BUILDAH_MID,
            step("COPY c /c", 9, comment="FROM localhost/mid:1"),
            step("COPY a /a", 9, 1, comment="FROM 3b0ebe7547ec"),
            annotations=_ANNOTATIONS,
        ),
        [],
        "localhost/mid:1",
        2,
        True,
    ),
    Trial(
        "podman build --layers=false",
        image_of(
            *_BUILDAH_MID,
            step("ENV B=1", 9),
            step("COPY a /a", 9, 1, comment="FROM localhost/mid:1"),
            annotations=_ANNOTATIONS,
        ),
        [],
        "localhost/mid:1",
        2,
        True,
    ),
    Trial(
        "podman build --squash-all",
        image_of(step("ENV B=1", 9), step("COPY a /a", 9, 1, comment="FROM localhost/mid:1"), annotations=_ANNOTATIONS),
        [],
        "localhost/mid:1",
        0,
        False,
        end_is_known=False,
    ),
    Trial(
        "podman commit, with the annotations of its base",
        image_of(
            *_BUILDAH_MID,
            step("/bin/sh", 9, comment="FROM localhost/mid:1"),
            annotations=(("org.opencontainers.image.base.name", "localhost/base:1"),),
        ),
        [],
        "localhost/mid:1",
        2,
        True,
    ),
    Trial(
        "docker build on an image of podman",
        image_of(*_BUILDAH_MID, *_APP),
        [known("mid:1", 2)],
        "mid:1",
        2,
        True,
    ),
    Trial(
        "buildpacks",
        image_of(
            *_CLASSIC,
            step("ENV CNB=1"),
            step("Buildpacks Launcher Config"),
            step("Application Layer"),
            labels=_buildpacks(number("a0"), number("a1"), number("a2")),
        ),
        [],
        "paketo/run:base",
        1,
        True,
    ),
    Trial(
        "docker build on the result of buildpacks",
        image_of(
            *_CLASSIC, step("Buildpacks Launcher Config"), step("RUN a"), labels=_buildpacks(number("a0"), number("a1"))
        ),
        [known("app:built", 2)],
        "app:built",
        2,
        True,
    ),
    Trial(
        "kaniko",
        image_of(*_PYTHON, step("RUN apt-get update", 9, author="kaniko"), step("COPY . .", 9, author="kaniko")),
        [],
        "",
        3,
        False,
    ),
    Trial(
        "jib",
        image_of(
            step("/bin/sh -c #(nop) ADD file:01 in / ", 1),
            step("/bin/sh -c apt-get install java", 2),
            HistoryStep("jib-maven-plugin:3.4.0", "1970-01-01T00:00:00Z", "dependencies", "Jib"),
            HistoryStep("jib-maven-plugin:3.4.0", "1970-01-01T00:00:00Z", "classes", "Jib"),
        ),
        [],
        "",
        2,
        False,
    ),
    Trial(
        "ko",
        image_of(
            HistoryStep("bazel build ...", "1970-01-01T00:00:00Z", author="Bazel"),
            HistoryStep("bazel build ...", "1970-01-01T00:00:00Z", author="Bazel"),
            HistoryStep(
                "ko build ko://example.com/app", "0001-01-01T00:00:00Z", "kodata contents, at $KO_DATA_PATH", "ko"
            ),
            HistoryStep(
                "ko build ko://example.com/app", "0001-01-01T00:00:00Z", "go build output, at /ko-app/app", "ko"
            ),
            annotations=(("org.opencontainers.image.base.name", "gcr.io/distroless/static:nonroot"),),
        ),
        [],
        "gcr.io/distroless/static:nonroot",
        2,
        False,
    ),
    Trial(
        "BuildKit with provenance",
        image_of(*_CLASSIC, *_APP, provenance=lambda: [_provenance("min")]),
        [],
        "debian:12",
        1,
        False,
    ),
    Trial(
        "distroless, then a Dockerfile",
        image_of(*[HistoryStep("bazel build ...", "1970-01-01T00:00:00Z", author="Bazel")] * 3, step("COPY app /", 9)),
        [],
        "",
        3,
        False,
    ),
]
"""The provenance of ``mode=max`` needs digests of layers; see the tests of it."""


def provenance_of_max() -> dict[str, Any]:
    """Returns the predicate of a build with all details, from which the base's layers follow."""
    return _provenance("max")
