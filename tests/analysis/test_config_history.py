"""The settings that each step of the history changed, and the time between steps."""

from __future__ import annotations

from explorer.analysis.config_history import Setting, config_changes, seconds_since_previous
from explorer.model import HistoryStep, Image, ImageConfig


def _image(*steps: str, **config: object) -> Image:
    history = tuple(HistoryStep(step) for step in steps)
    return Image("x", "", (), history=history, config=ImageConfig(**config))  # type: ignore[arg-type]


def test_config_changes() -> None:
    """Each step has its settings, and the values that earlier steps set."""
    image = _image(
        "ENV PATH=/usr/bin",
        "RUN /bin/sh -c export X=1",
        "/bin/sh -c #(nop)  ENV PATH=/opt/bin:/usr/bin LANG=C",
        'CMD ["sh"]',
        'CMD ["serve" "-v"]',
        "WORKDIR /app",
        "WORKDIR src",
        "EXPOSE map[80/tcp:{}]",
        "LABEL maintainer=Ada <a@b> version=1",
        "",
        env=("PATH=/opt/bin:/usr/bin", "LANG=C"),
        labels=(("maintainer", "Ada <a@b>"), ("version", "1")),
    )
    assert config_changes(image) == [
        (Setting("ENV", "PATH", None, "/usr/bin"),),
        (),
        (Setting("ENV", "PATH", "/usr/bin", "/opt/bin:/usr/bin"), Setting("ENV", "LANG", None, "C")),
        (Setting("CMD", "", None, '["sh"]'),),
        (Setting("CMD", "", '["sh"]', '["serve", "-v"]'),),
        (Setting("WORKDIR", "", None, "/app"),),
        (Setting("WORKDIR", "", "/app", "/app/src"),),
        (Setting("EXPOSE", "", None, "80/tcp"),),
        (Setting("LABEL", "maintainer", None, "Ada <a@b>"), Setting("LABEL", "version", None, "1")),
        (),
    ]


def test_time_since_the_step_before() -> None:
    """The time between two steps is known if both have a plausible time."""
    times = ("2026-01-31T09:00:00Z", "2026-01-31T09:03:00Z", "2026-01-31T09:03:00Z", None, "1970-01-01T00:00:00Z")
    history = [HistoryStep(created=created) for created in times]
    assert [seconds_since_previous(history, place) for place in range(5)] == [None, 180, None, None, None]
