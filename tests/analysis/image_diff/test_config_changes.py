"""The settings that differ between two images."""

from __future__ import annotations

from dataclasses import replace

from explorer.analysis.findings.secrets.image_without_secrets import image_without_secrets
from explorer.analysis.image_diff.config_changes import ConfigChange, config_changes
from explorer.model import Image, ImageConfig

CONFIG = ImageConfig(
    env=("PATH=/bin", "EMPTY=", "GONE=1"),
    entrypoint=("/entry",),
    cmd=("a", "b c"),
    user="root",
    working_dir="/",
    ports=("80/tcp",),
    volumes=("/v",),
    labels=(("version", "1"),),
    stop_signal="SIGTERM",
    healthcheck="CMD true",
    others=(("Shell", "/bin/sh"), ("container", "f00"), ("container_config.Cmd", "x"), ("other", "1")),
)


def image(config: ImageConfig, **more: object) -> Image:
    """Returns an image with settings."""
    return Image("made:1", "sha256:1", (), platform="linux/amd64", config=config, **more)  # type: ignore[arg-type]


def test_equal_settings() -> None:
    """Images with the same settings differ in none, in whatever order the variables come."""
    assert config_changes(image(CONFIG), image(CONFIG)) == []
    assert config_changes(image(CONFIG), image(replace(CONFIG, env=CONFIG.env[::-1]))) == []


def test_each_setting() -> None:
    """Each setting has its key, both values, and the name that a Dockerfile uses."""
    new = ImageConfig(
        env=("PATH=/usr/bin:/bin", "EMPTY=", "NEW="),
        entrypoint=("/entry", "x"),
        ports=("81/tcp",),
        volumes=("/w",),
        labels=(("version", "2"),),
        others=(("Shell", "/bin/bash"), ("container", "f01"), ("other", "2")),
    )
    after = replace(image(new), platform="linux/arm64", author="me", annotations=(("a.b", "c"),))
    found = config_changes(image(CONFIG), after)
    assert [(each.name, each.old, each.new) for each in found] == [
        ("platform", "linux/amd64", "linux/arm64"),
        ("ENTRYPOINT", '["/entry"]', '["/entry", "x"]'),
        ("CMD", '["a", "b c"]', None),
        ("SHELL", "/bin/sh", "/bin/bash"),
        ("USER", "root", None),
        ("WORKDIR", "/", None),
        ("ENV GONE", "1", None),
        ("ENV NEW", None, '""'),
        ("ENV PATH", "/bin", "/usr/bin:/bin"),
        ("EXPOSE 80/tcp", "80/tcp", None),
        ("EXPOSE 81/tcp", None, "81/tcp"),
        ("VOLUME /v", "/v", None),
        ("VOLUME /w", None, "/w"),
        ("HEALTHCHECK", "CMD true", None),
        ("STOPSIGNAL", "SIGTERM", None),
        ("LABEL version", "1", "2"),
        ("annotation a.b", None, "c"),
        ("author", None, "me"),
        ("other", "1", "2"),
    ]
    assert [each.key for each in found][5:9] == ["WorkingDir", "Env.GONE", "Env.NEW", "Env.PATH"]


def test_strangers_text_is_printable() -> None:
    """Keys and values move no cursor."""
    (change,) = config_changes(image(ImageConfig()), image(ImageConfig(env=("\x1b[31m=\n",))))
    assert change == ConfigChange("Env.\\x1b[31m", None, "\\n")


def test_secrets_are_masked_and_still_compared() -> None:
    """A secret that changes is a change, and its text is not there."""
    old, new = (
        image_without_secrets(image(ImageConfig(env=(f"DB_PASSWORD={value}", "A=1"))))
        for value in ("hunter2correcthorse", "another1battery9staple")
    )
    assert old.original is not None
    (change,) = config_changes(old, new)
    assert change.key == "Env.DB_PASSWORD"
    assert change.old == change.new
    assert "hunter2" not in repr(change)
    assert config_changes(old, old) == []
    assert config_changes(replace(old, original=None), new) == [], "a saved image has no secret to compare"
