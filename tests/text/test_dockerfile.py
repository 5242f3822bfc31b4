"""Builders' notes read as instructions of a Dockerfile."""

from __future__ import annotations

import pytest

from explorer.text.dockerfile import Instruction, instruction, readable, settings

POSIX = "/bin/sh -c"


@pytest.mark.parametrize(
    ("created_by", "found"),
    [
        ("/bin/sh -c make", Instruction("RUN", "make", shell=POSIX)),
        ("RUN /bin/sh -c make # buildkit", Instruction("RUN", "make", shell=POSIX)),
        (
            "RUN |2 A=1 B=x y /bin/sh -c make # buildkit",
            Instruction("RUN", "make", build_arguments=("A=1", "B=x y"), shell=POSIX),
        ),
        ("|1 A=1 make all", Instruction("RUN", "make all", build_arguments=("A=1",))),
        (
            "|1 A=1 /bin/bash -o pipefail -c a | b",
            Instruction("RUN", "a | b", build_arguments=("A=1",), shell="/bin/bash -o pipefail -c"),
        ),
        (
            "/bin/sh -c --mount=type=cache,target=/x --network=none pip install",
            Instruction("RUN", "pip install", ("--mount=type=cache,target=/x", "--network=none"), shell=POSIX),
        ),
        ("RUN --security=insecure make", Instruction("RUN", "make", ("--security=insecure",))),
        ("RUN npm --version", Instruction("RUN", "npm --version")),
        ("/bin/sh -c #(nop) COPY dir:0a1b in /app ", Instruction("COPY", "/app", origin="a directory")),
        (
            f"/bin/sh -c #(nop) COPY --chown=app:appdir:{'0a' * 32} in . ",
            Instruction("COPY", ".", ("--chown=app:app",), origin="a directory"),
        ),
        ("/bin/sh -c #(nop) ADD file:0a1b in / ", Instruction("ADD", "/", origin="a file")),
        (
            "COPY --from=build --chown=1:1 /a /b # buildkit",
            Instruction("COPY", "/a /b", ("--from=build", "--chown=1:1")),
        ),
        ("powershell -Command $x = 1; y", Instruction("RUN", "$x = 1; y", shell="powershell -Command")),
        ("cmd /S /C #(nop)  ENV A=b", Instruction("ENV", "A=b")),
        ("bazel build ...", Instruction("", "bazel build ...")),
        ("ko build ko://example.com/x", Instruction("", "ko build ko://example.com/x")),
        ("jib-maven-plugin:3.4.0", Instruction("", "jib-maven-plugin:3.4.0")),
        ("# debian.sh --arch 'amd64'", Instruction("", "# debian.sh --arch 'amd64'")),
        ("koala --feed", Instruction("RUN", "koala --feed")),
    ],
)
def test_instruction(created_by: str, found: Instruction) -> None:
    """Keyword, arguments, flags, build arguments and shell are separated for every builder."""
    assert instruction(created_by) == found


@pytest.mark.parametrize(
    ("created_by", "shown"),
    [
        ('CMD ["nginx" "-g" "daemon off;"]', '["nginx", "-g", "daemon off;"]'),
        ("SHELL [/bin/bash -o pipefail -c]", '["/bin/bash", "-o", "pipefail", "-c"]'),
        ("EXPOSE map[80/tcp:{} 443/tcp:{}]", "80/tcp 443/tcp"),
        ("VOLUME [/data]", "/data"),
        ("CMD serve --all", "serve --all"),
        (
            'HEALTHCHECK &{["CMD-SHELL" "curl -f x || exit 1"] "30s" "3s" "0s" "0s" \'\\x03\'}',
            "--interval=30s --timeout=3s CMD curl -f x || exit 1",
        ),
        ('HEALTHCHECK &{["NONE"] "0s" "0s" "0s" "0s" \'\\x00\'}', "NONE"),
        ("/bin/sh -c #(nop) COPY multi:0a1b in /app/ ", "(several files) to /app/"),
        ('CMD ["broken', '["broken'),
    ],
)
def test_readable(created_by: str, shown: str) -> None:
    """Lists, ports and health checks are shown as in a Dockerfile, not as Go prints them."""
    assert readable(instruction(created_by)) == shown


def test_settings() -> None:
    """Values may hold spaces and equals signs; the names that the image knows decide where one begins."""
    assert list(settings("PATH=/a b:/c LANG=C.UTF-8")) == [("PATH", "/a b:/c"), ("LANG", "C.UTF-8")]
    assert list(settings("A=\"x B=y\" C='z'")) == [("A", "x B=y"), ("C", "z")]
    assert list(settings("A=1 note: x=2 B=3", {"A", "B"})) == [("A", "1 note: x=2"), ("B", "3")]
    assert list(settings("KEY value with spaces")) == [("KEY", "value with spaces")]
    assert list(settings("ARGUMENT")) == [("ARGUMENT", "")]
    assert list(settings("")) == []
