"""The fixes as Markdown: what one pastes into a ticket or a pull request."""

from __future__ import annotations

from pathlib import Path

from explorer.report.fixes import fixes_markdown
from explorer.report.summary import NO_FIXES
from tests.images import docker_archive, explored, file, image, layer, whiteout
from tests.markdown_reading import assert_harmless, fences


def fixes_of(tmp_path: Path, *steps: tuple[str, bytes]) -> str:
    """Returns the Markdown of the fixes of an image whose steps made these layers."""
    made = image(*(content for _, content in steps), history=[{"created_by": command} for command, _ in steps])
    path = tmp_path / "image.tar"
    path.write_bytes(docker_archive(made))
    return fixes_markdown(explored(path))


def test_each_fix_has_its_bytes_and_its_lines(tmp_path: Path) -> None:
    """A fix shows what is wasted and what is visible, the layers, the change as a diff, and the size after it."""
    text = fixes_of(
        tmp_path,
        ("ADD rootfs.tar.xz /", layer(file("bin/sh", b"1" * 7))),
        ("RUN apt-get update", layer(file("var/lib/apt/lists/x", b"1" * 50))),
        ("RUN apt-get install -y git", layer(file("var/cache/apt/pkgcache.bin", b"2" * 30))),
        ("RUN rm -rf /var/lib/apt/lists/*", layer(whiteout("var/lib/apt/lists/x"))),
    )
    assert text.splitlines()[:5] == [
        "## 1 fix saves 80 B of 87 B",
        "",
        "### 1. Delete apt's lists and cache in the RUN that uses apt: 80 B",
        "",
        "50 B wasted and 30 B disposable (certain); layers 1 and 2; the image is then 7 B.",
    ]
    assert fences(text) == [
        "- RUN apt-get update\n- RUN apt-get install -y git\n"
        "+ RUN apt-get update && apt-get install -y git && rm -rf /var/lib/apt/lists/* && apt-get clean\n"
    ]


def test_the_part_of_the_base_is_last_and_not_in_the_headline(tmp_path: Path) -> None:
    """The headline counts only what the Dockerfile can save."""
    text = fixes_of(tmp_path, ("ADD rootfs.tar.xz /", layer(file("tmp/a", b"1"))), ("RUN a", layer(file("a", b"1"))))
    assert text.startswith("## No change to the Dockerfile saves bytes\n")
    assert "### Base image. Only the base image can save these: 1 B" in text


def test_nothing_to_fix(tmp_path: Path) -> None:
    """An image without waste and disposable files gets a sentence."""
    assert NO_FIXES in fixes_of(tmp_path, ("RUN a", layer(file("a", b"1"))))


def test_commands_cannot_leave_their_block(tmp_path: Path) -> None:
    """Backticks, HTML and mentions of a command stay in code."""
    evil = "RUN echo ```` <b> @octocat ![x](y) ``` && make"
    text = fixes_of(
        tmp_path, (evil, layer(file("srv/a", b"1" * 9))), ("RUN rm /srv/a '`<b>@octocat'", layer(whiteout("srv/a")))
    )
    assert len(fences(text)) == 1
    assert_harmless(text)
    assert_harmless(fixes_markdown(explored("demo")))
