"""The texts of a fix whose files look like keys or logins."""

from __future__ import annotations

from pathlib import Path

from explorer.analysis.advice.sentences import plain_text
from tests.images import big, explored_layers, file, layer, whiteout


def test_a_key_that_a_step_makes_has_advice_of_its_own(tmp_path: Path) -> None:
    """The fix names no line that makes and deletes a key, and stands before the small fixes."""
    image = explored_layers(
        tmp_path,
        layer(big("bin/sh", 1)),
        layer(big("var/lib/apt/lists/x", 5)),
        layer(file("root/.ssh/id_rsa", b"x")),
        layer(whiteout("root/.ssh"), whiteout("var/lib/apt/lists/x")),
        layer(file("var/log/a.log", b"x" * 99)),
        history=[
            {"created_by": command}
            for command in (
                "ADD rootfs.tar.xz /",
                "RUN apt-get update",
                "RUN ssh-keygen",
                "RUN rm -rf /root/.ssh",
                "RUN x",
            )
        ],
    )
    apt, key, *small = [fix for fix in image.fixes if not fix.is_base]
    assert apt.id == "apt"
    assert small
    assert (key.title, key.secrets) == (
        "Keep out of layer 2 what looks like a private key or a login",
        ["root/.ssh/id_rsa"],
    )
    assert "/root/.ssh/id_rsa" in plain_text(key.why)
    assert "--mount=type=secret" in plain_text(key.do)
    assert key.diff == ()


def test_a_key_among_other_files_of_a_copy(tmp_path: Path) -> None:
    """A COPY keeps its advice, and the advice for the key follows."""
    image = explored_layers(
        tmp_path,
        layer(big("bin/sh", 1)),
        layer(big("app/.git/x", 1), file("app/.env", b"x")),
        layer(whiteout("app/.env")),
        history=[{"created_by": command} for command in ("ADD rootfs.tar.xz /", "COPY . /app", "RUN rm /app/.env")],
    )
    (fix,) = image.fixes
    assert plain_text(fix.do).endswith("replace the key or password: everybody who has the image can read it.")
    assert fix.diff
