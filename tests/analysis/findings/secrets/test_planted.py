"""Sixty planted secrets: visible, replaced, deleted, in changed files of packages, and in settings."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path

from explorer.analysis.findings.finding import PathPlace
from explorer.pipeline import Exploration
from tests.analysis.findings.secrets.made_secrets import secrets
from tests.images import explored_layers, file, layer, whiteout
from tests.planted_secrets import Maker, PlantedFile, planted_files

PLANTED = planted_files()
VISIBLE, REPLACED, DELETED, PACKAGED = (PLANTED[start::4] for start in range(4))
BASE, BRINGS, HIDES = 0, 1, 2


def planted(tmp_path: Path) -> Exploration:
    """Explores an image with the planted files."""
    before = {one.path: b"as the package ships it" for one in PACKAGED}
    sums = "".join(f"{hashlib.md5(content).hexdigest()}  {path}\n" for path, content in before.items())
    return explored_layers(
        tmp_path,
        layer(
            file("var/lib/dpkg/info/shop.md5sums", sums.encode()),
            *(file(path, content) for path, content in before.items()),
        ),
        layer(*(file(one.path, one.content) for one in PLANTED)),
        layer(*(file(one.path, b"clean") for one in REPLACED), *(whiteout(one.path) for one in DELETED)),
    )


def places(found: Iterable[PlantedFile], hidden_in: int | None) -> set[tuple[str, int, int | None, int]]:
    """Returns path, layer, hiding layer and line of each planted secret."""
    return {
        (one.path, BRINGS, hidden_in, one.content[: one.content.index(secret)].count(b"\n") + 1)
        for one in found
        for _, secret in one.secrets
    }


def test_each_planted_secret_is_found_with_its_layer_and_fate(tmp_path: Path) -> None:
    """Nothing else is found, and no text of a secret is in a finding."""
    findings = secrets(planted(tmp_path))
    expected = places([*VISIBLE, *PACKAGED], None) | places([*REPLACED, *DELETED], HIDES)
    assert {
        (each.place.path, each.layer, each.hidden_in, each.place.line)
        for each in findings
        if isinstance(each.place, PathPlace)
    } == expected
    shown = repr(findings)
    assert [one.path for one in PLANTED for _, secret in one.secrets if secret.decode() in shown] == []


def test_secrets_of_settings_are_found_at_the_step_that_sets_them(tmp_path: Path) -> None:
    """Build arguments, variables, labels, commands and health checks."""
    make = Maker(7)
    npm, stripe, gitlab, slack, google = make.npm(), make.stripe(), make.gitlab(), make.slack(), make.google()
    password, pypi = make.password(20), make.pypi()
    steps = [
        f"|1 NPM_TOKEN={npm} /bin/sh -c npm ci",
        f"/bin/sh -c #(nop)  ENV STRIPE_KEY={stripe}",
        f"ENV DB_PASSWORD={password}",
        f"LABEL ci.token={gitlab}",
        f"RUN /bin/sh -c curl -H 'Authorization: Bearer {slack}' http://shop.example # buildkit",
        f'HEALTHCHECK &{{["CMD-SHELL" "curl http://localhost/?key={google}"] "0s" "0s" "0s" \'\\x00\'}}',
        f'CMD ["serve" "--token={pypi}"]',
    ]
    config = {
        "Env": [f"STRIPE_KEY={stripe}", f"DB_PASSWORD={password}"],
        "Labels": {"ci.token": gitlab},
        "Healthcheck": {"Test": ["CMD-SHELL", f"curl http://localhost/?key={google}"]},
        "Cmd": ["serve", f"--token={pypi}"],
    }
    history = [{"created_by": step, "empty_layer": number > 0} for number, step in enumerate(steps)]
    findings = secrets(explored_layers(tmp_path, layer(file("a")), history=history, config=config))
    assert sorted(each.place.step for each in findings if hasattr(each.place, "step")) == list(range(len(steps)))
    assert len(findings) == len(steps)
    shown = repr(findings)
    assert [text for text in (npm, stripe, password, gitlab, slack, google, pypi) if text in shown] == []
