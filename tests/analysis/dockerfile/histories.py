"""Histories as builders write them, one line a step: ``+`` for a step with a layer, ``-`` for one without."""

from __future__ import annotations

from explorer.model import HistoryStep


def history(text: str, comment: str = "", author: str = "") -> tuple[HistoryStep, ...]:
    """Returns the steps of an image; text after ``@@`` is the comment of its step."""
    steps, layer = [], 0
    for line in text.strip().splitlines():
        mark, created_by = line.strip()[0], line.strip()[1:].strip().replace("\\n", "\n")
        created_by, _, own_comment = created_by.partition("@@")
        made_layer = layer if mark == "+" else None
        steps.append(HistoryStep(created_by.strip(), None, own_comment or comment, author, made_layer))
        layer += mark == "+"
    return tuple(steps)


CLASSIC = history("""
+ /bin/sh -c #(nop) ADD file:8eb55ab0cd8b0f96ae8eb6b1e4d97b8a4d6a4a4dd3f5e3ffd6a2bb1fb98a5d2e in /
- /bin/sh -c #(nop)  CMD ["bash"]
- /bin/sh -c #(nop)  MAINTAINER me <a@b>
- /bin/sh -c #(nop)  ARG VERSION=1.4
- /bin/sh -c #(nop)  ENV A=1 B=two words C=x y
- /bin/sh -c #(nop)  LABEL x=y z
+ /bin/sh -c #(nop) COPY --chown=1:1file:a596f0888def06c3cad1442667ede22d419985a1c8a3155b838b650c4cf52ecc in b/
+ /bin/sh -c #(nop) ADD multi:81bcfebb2ccb4b78d5e4a7a39ebfc490e7ea3d070fae0c18a0b92717120cc7cd in /srv/1.4/
+ /bin/sh -c #(nop) WORKDIR /srv/app
- /bin/sh -c #(nop)  USER 1:1
- /bin/sh -c #(nop)  EXPOSE 443/udp 80
- /bin/sh -c #(nop)  VOLUME [/data /e f]
- /bin/sh -c #(nop)  STOPSIGNAL SIGTERM
- /bin/bash -o pipefail -c #(nop)  SHELL [/bin/bash -o pipefail -c]
+ |1 VERSION=1.4 /bin/bash -o pipefail -c apt-get update  && apt-get install -y "$VERSION"
- |1 VERSION=1.4 /bin/echo a b
- /bin/bash -o pipefail -c #(nop)  HEALTHCHECK &{["CMD-SHELL" "curl -f x || exit 1"] "5m0s" "3s" "0s" '\\x00'}
- /bin/bash -o pipefail -c #(nop)  ONBUILD RUN echo onbuild
- /bin/bash -o pipefail -c #(nop)  ENTRYPOINT ["/bin/sh" "-c"]
- /bin/bash -o pipefail -c #(nop)  CMD ["/bin/bash" "-o" "pipefail" "-c" "echo $A"]
""")
"""Docker's old builder."""

BUILDKIT = history(
    """
+ /bin/sh -c #(nop) ADD file:8eb55ab0cd8b0f96ae8eb6b1e4d97b8a4d6a4a4dd3f5e3ffd6a2bb1fb98a5d2e in /
- CMD ["bash"]
- MAINTAINER me <a@b>
- ARG VERSION=1.4
- ENV A=1 B=two words C=x y
- LABEL x=y z
+ COPY --chown=1:1 a.txt b/ # buildkit
+ ADD a-1.4.txt t.tar.gz /srv/1.4/ # buildkit
+ WORKDIR /srv/app
- USER 1:1
- EXPOSE map[443/udp:{} 80/tcp:{}]
- VOLUME [/data /e f]
- STOPSIGNAL SIGTERM
- SHELL [/bin/bash -o pipefail -c]
+ RUN |1 VERSION=1.4 /bin/bash -o pipefail -c apt-get update  && apt-get install -y "$VERSION" # buildkit
+ RUN |1 VERSION=1.4 /bin/echo a b # buildkit
- HEALTHCHECK &{["CMD-SHELL" "curl -f x || exit 1"] "5m0s" "3s" "0s" "0s" '\\x00'}
- ENTRYPOINT ["/bin/sh" "-c"]
- CMD ["/bin/bash" "-o" "pipefail" "-c" "echo $A"]
""",
    "buildkit.dockerfile.v0",
)

BUILDAH = history(
    """
+ @@Imported from -
- /bin/sh -c #(nop) MAINTAINER me <a@b>
- /bin/sh -c #(nop) ARG VERSION
- /bin/sh -c #(nop) ENV A=1 B="two words" C=x\\\\ y
- /bin/sh -c #(nop) LABEL "x"="y z"
+ /bin/sh -c #(nop) COPY file:b5fec2d49be89f3cff160014f43a558d57404c522b9aed3918d800dc21b838f4 in b/
+ /bin/sh -c #(nop) ADD multi:d4717880c0dbf49a3b2f165a83f27f8d8e33b5bbb1fed8a62749d9749786eeaa in /srv/1.4/
- /bin/sh -c #(nop) WORKDIR app
- /bin/sh -c #(nop) USER 1:1
- /bin/sh -c #(nop) expose 80 443/udp
- /bin/sh -c #(nop) VOLUME ["/data", "/e f"]
- /bin/sh -c #(nop) STOPSIGNAL SIGTERM
- /bin/sh -c #(nop) SHELL ["/bin/bash", "-o", "pipefail", "-c"]
+ |1 VERSION=1.4 /bin/sh -c apt-get update  && apt-get install -y "$VERSION"
+ |1 VERSION=1.4 /bin/sh -c ["/bin/echo", "a b"]
- /bin/sh -c #(nop) HEALTHCHECK --interval=5m --timeout=3s CMD curl -f x || exit 1
- /bin/sh -c #(nop) ONBUILD RUN echo onbuild
- /bin/sh -c #(nop) ENTRYPOINT ["/bin/sh", "-c"]
- /bin/sh -c #(nop) CMD echo $A
""",
    "FROM 80d5a4a3a2a1",
)
"""Podman, with a layer for each instruction."""

KANIKO = history(
    """
+ /bin/sh -c #(nop) ADD file:8eb55ab0cd8b0f96ae8eb6b1e4d97b8a4d6a4a4dd3f5e3ffd6a2bb1fb98a5d2e in /
+ COPY --chown=1:1 a.txt b/
+ ADD ["a-${VERSION}.txt", "t.tar.gz", "/srv/$VERSION/"]
+ WORKDIR app
+ RUN apt-get update  && apt-get install -y "$VERSION"
+ RUN ["/bin/echo", "a b"]
""",
    author="kaniko",
)

DOCKERFILE = """\
# syntax=docker/dockerfile:1
FROM golang AS build
RUN make
FROM debian:12
MAINTAINER me <a@b>
ARG VERSION=1.3
ENV A=1 B="two words" C=x\\ y
LABEL "x"="y z"
COPY --from=build --chown=1:1 a.txt b/
ADD ["a-${VERSION}.txt", "t.tar.gz", "/srv/$VERSION/"]
WORKDIR app
USER 1:1
expose 80 443/udp
VOLUME ["/data", "/e f"]
STOPSIGNAL SIGTERM
SHELL ["/bin/bash", "-o", "pipefail", "-c"]
RUN apt-get update \\
    # A comment.
 && apt-get install -y "$VERSION"
RUN ["/bin/echo", "a b"]
HEALTHCHECK --interval=5m --timeout=3s CMD curl -f x || exit 1
ONBUILD RUN echo onbuild
ENTRYPOINT ["/bin/sh", "-c"]
CMD echo $A
"""
"""Made all of the images."""
