"""A hostile image: each text attacks the format that it is printed in. Also verdicts on it.

Golden files have the output of each format. After an intended change, ``RENEW_GOLDEN=1 pytest
tests/report`` writes them; look at the difference.
"""

from __future__ import annotations

import json
import os
from dataclasses import replace
from pathlib import Path

from explorer.gate.judge import judge
from explorer.gate.limits import Baseline
from explorer.gate.rules import RawSetting, resolve_rules
from explorer.model import Watcher
from explorer.pipeline import Exploration, ImageDiff, compare
from explorer.report.check import Check
from tests.images import docker_archive, explored, file, image, layer, whiteout

GOLDEN = Path(__file__).parent / "golden"

REFERENCE = "::error title=pwned::@octocat|`<img src=x>` ##[error]x\n]]>"
NAMES = (
    "<script>alert(1)</script>&amp;[/b]|pipe",
    "one`two``\\|end`",
    "line\n::error title=pwned::line",
    "##[add-mask]line",
    "@octocat #1 www.evil.example me@evil.example",
    "]]>\x1b[31m",
    os.fsdecode(b"not utf-8 \xff"),
    "no xml \ufffe\uffff, turned \u202e",
    "![img](x.png) [link](javascript:x) **bold** <mailto:me@evil.example>",
    "100%0A::error::line",
    "größe",
)
COMMAND = f"RUN echo '|`<b>@octocat::error::' https://evil.example \x1b[2J\n| {'x' * 200}"


def hostile_exploration(directory: Path) -> Exploration:
    """Explores the image: its third layer hides the files of the second."""
    files = [file(f"d/{name}", b"x" * (1000 + 10 * number)) for number, name in enumerate(NAMES)]
    made = image(
        layer(file("base", b"b" * 5000)),
        layer(*files, file("../out|`<b>", b"x")),
        layer(*(whiteout(f"d/{name}") for name in NAMES), file("kept`|", b"k" * 700)),
        tag="evil|`@octocat`:1",
        history=[{"created_by": COMMAND}] * 3,
    )
    path = directory / "hostile.tar"
    path.write_bytes(docker_archive(made))
    exploration = explored(path)
    return replace(exploration, image=replace(exploration.image, reference=REFERENCE, source="tar /tmp/<b>|`@octocat`"))


def hostile_comparison(directory: Path) -> ImageDiff:
    """Compares the image with one that has each of its names with other contents, in packages and settings, too."""
    packages = [
        file(f"p{number}/node_modules/x/package.json", json.dumps({"name": name, "version": name}).encode("ascii"))
        for number, name in enumerate(NAMES)
    ]
    made = image(
        layer(file("base", b"b" * 5000)),
        layer(*(file(f"d/{name}", b"y" * (100 + number)) for number, name in enumerate(NAMES)), *packages),
        tag="evil|`@octocat`:2",
        history=[{"created_by": COMMAND}, {"created_by": f"COPY {NAMES[0]} /d"}],
        config={"Env": [f"{name}={name}" for name in NAMES[:-5]], "Labels": {name: name for name in NAMES[:3]}},
    )
    path = directory / "hostile-new.tar"
    path.write_bytes(docker_archive(made))
    new = explored(path)
    new = replace(new, image=replace(new.image, reference=REFERENCE[::-1], source=""))
    diff = compare(hostile_exploration(directory), new, Watcher())
    # Versions of zlib compress the sample differently.
    diff.__dict__["update"] = diff.update._replace(download_bytes=830, layer_bytes=[830])
    return diff


def failing(exploration: Exploration) -> Check:
    """Returns a verdict with hostile texts and with rules that fail, pass and are off."""
    settings = {
        "lowest-efficiency": RawSetting("90%", "--lowest-efficiency"),
        "highest-wasted-bytes": RawSetting("5kB", "evil|`@octocat`.toml\n::error::x"),
        "highest-layer-bytes": RawSetting("1kB", "--highest-layer-bytes"),
        "most-layers": RawSetting("2", ".layer-explorer.toml"),
        "highest-image-bytes": RawSetting("off", ".layer-explorer.toml"),
        "forbidden-paths": RawSetting(["/d"], "--forbidden-paths"),
        "ignored-paths": RawSetting(["kept`|<b>@octocat", "*.log"], "pyproject.toml"),
        "base-layers": RawSetting("1", "--base-layers"),
        "baseline": RawSetting("x", "--baseline"),
    }
    return _check(exploration, settings, Baseline("<b>|`@octocat`\n::error::x", 9_000, 9_000_000))


def passing(exploration: Exploration) -> Check:
    """Returns a verdict with a rule that passes and one that is off."""
    settings = {
        "most-layers": RawSetting("9", "default|`<b>"),
        "highest-image-bytes": RawSetting("off", ".layer-explorer.toml"),
    }
    return _check(exploration, settings, None)


def _check(exploration: Exploration, settings: dict[str, RawSetting], baseline: Baseline | None) -> Check:
    rules = resolve_rules(settings)
    judgement = judge(
        exploration.tree, exploration.usage, lambda: exploration.disposables, rules, rules.base_layers, baseline
    )
    return Check(exploration, rules, judgement, explore_command="lx evil:1")


def assert_golden(name: str, text: str) -> None:
    """Asserts that the text is exactly that of a golden file."""
    path = GOLDEN / name
    if os.environ.get("RENEW_GOLDEN"):
        path.write_bytes(text.encode())
    assert text == path.read_bytes().decode()
