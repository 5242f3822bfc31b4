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
        "Keep out of layer 2 what is named like a key or a login",
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
    assert plain_text(fix.do).endswith("replace it: everybody who has the image can read it.")
    assert fix.diff


def test_a_command_for_a_part_of_a_copy_does_not_change_all_of_it(tmp_path: Path) -> None:
    """A mode of one file among others has words, and no option for the COPY of all."""
    image = explored_layers(
        tmp_path,
        layer(big("bin/sh", 1)),
        layer(file("app/a", b"a" * 99), file("app/b", b"b")),
        layer(file("app/a", b"a" * 99, mode=0o755)),
        history=[
            {"created_by": command}
            for command in ("ADD rootfs.tar.xz /", "COPY src /app", "RUN /bin/sh -c chmod 755 /app/a # buildkit")
        ],
    )
    (fix,) = image.fixes
    assert fix.diff == ()
    assert "Copy these files with a COPY of their own, COPY --chmod=755 …" in plain_text(fix.do).replace("`", "")


def test_a_run_without_a_shell_has_no_lines(tmp_path: Path) -> None:
    """No shell reads what is added to a RUN that is a list of words."""
    image = explored_layers(
        tmp_path,
        layer(big("bin/sh", 1)),
        layer(big("root/.cache/pip/x", 1)),
        history=[{"created_by": command} for command in ("ADD rootfs.tar.xz /", 'RUN ["pip", "install", "shop"]')],
    )
    (fix,) = image.fixes
    assert (fix.id, fix.diff) == ("pip", ())
