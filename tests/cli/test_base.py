"""The base in the commands ``report`` and ``check``."""

from __future__ import annotations

import gc
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from explorer.cli import main
from tests.fake_engine import FakeEngine
from tests.images import big, docker_archive, image, layer, whiteout

_BASE_LAYERS = (layer(big("base", 2), big("junk", 2)), layer(whiteout("junk"), big("lib", 1)))
BASE = image(*_BASE_LAYERS, tag="base:12")
SHOP = image(*_BASE_LAYERS, layer(big("app", 1)), tag="shop:1")


@pytest.fixture(autouse=True)
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working directory of the command."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def engine(spool: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeEngine]:
    """An engine with an image that wastes nothing above its base, which wastes 2 MB."""
    with FakeEngine.of(SHOP, BASE).on(spool.parent / "engine.sock") as fake:
        monkeypatch.setenv("DOCKER_HOST", fake.url)
        yield fake
    # The SDK's unclosed sockets belong to this test.
    gc.collect()


def run(*arguments: str) -> Result:
    """Runs the command line in this process."""
    return CliRunner().invoke(main, arguments, catch_exceptions=False)


def figures(*arguments: str) -> dict[str, Any]:
    """Returns the JSON that a command prints."""
    found: dict[str, Any] = json.loads(run(*arguments, "--format", "json").stdout)
    return found


@pytest.mark.end_to_end
@pytest.mark.usefixtures("engine")
def test_the_waste_of_a_certain_base_does_not_count() -> None:
    """A verdict leaves out the base that is proven, and says so with the evidence."""
    done = run("check", "shop:1")
    assert done.exit_code == 0, done.stdout
    assert "  the base: base:12, the lowest 2 layers (exact: the same layers in the Docker Engine)" in done.stdout
    account = figures("check", "shop:1")["account"]
    assert (account["base"], account["base_layers"], account["base_waste_bytes"]) == (None, 2, 2_000_000)


@pytest.mark.end_to_end
@pytest.mark.usefixtures("engine")
def test_base_layers_of_zero_count_everything() -> None:
    """The user's word is stronger than the evidence: with ``--base-layers 0`` all layers count, and no base shows."""
    done = run("check", "--base-layers", "0", "shop:1")
    assert done.exit_code == 1
    verdict = figures("check", "--base-layers", "0", "shop:1")
    assert verdict["account"]["base_waste_bytes"] == 0
    assert verdict["image"]["base"] is verdict["image"]["yours"] is None


@pytest.mark.end_to_end
@pytest.mark.usefixtures("engine")
def test_the_users_base_replaces_the_found_one() -> None:
    """With ``--base-layers 1`` only the lowest layer is the base, and the user is the evidence."""
    verdict = figures("check", "--base-layers", "1", "shop:1")
    base = verdict["image"]["base"]
    assert (base["layers"], base["evidence"], base["exact"]) == (1, "option", True)
    assert verdict["account"]["base_waste_bytes"] == 0
    named = figures("check", "--base", "base:12", "shop:1")["image"]["base"]
    assert (named["name"], named["layers"], named["evidence"]) == ("base:12", 2, "option")


@pytest.mark.end_to_end
def test_a_guess_changes_no_verdict() -> None:
    """A base that is only guessed is in the report, but its waste counts."""
    history = [{"created_by": f"{keyword} x / # buildkit"} for keyword in ("ADD", "RUN", "COPY")]
    Path("shop.tar").write_bytes(docker_archive(image(*SHOP.layers, history=history)))
    verdict = figures("check", "shop.tar")
    assert verdict["verdict"] == "fail"
    assert verdict["account"]["base_layers"] == 0
    assert verdict["image"]["base"]["evidence"] == "guess"
    assert "Not counted" not in run("check", "shop.tar").stdout


@pytest.mark.end_to_end
@pytest.mark.usefixtures("engine")
@pytest.mark.parametrize("name", ["text", "markdown"])
def test_reports_have_the_base_and_yours(name: str) -> None:
    """Text and Markdown show the bytes of the base and of the other layers, which add up to those that are shipped."""
    text = run("report", "shop:1", "--format", name).stdout
    assert "5,000,000 bytes, 2.0 MB wasted inside it; " in text
    assert "base:12, exact, 2 layers: the same layers in the Docker Engine" in " ".join(text.split())
    assert "1,000,000 bytes, 0 B wasted; 1 layer" in text
    image_figures = figures("report", "shop:1")["image"]
    assert image_figures["yours"] == {"layers": 1, "shipped_bytes": 1_000_000, "wasted_bytes": 0}
    assert image_figures["base"]["shipped_bytes"] + 1_000_000 == image_figures["shipped_bytes"]


@pytest.mark.end_to_end
@pytest.mark.usefixtures("engine")
def test_the_projects_base_counts_for_reports_too() -> None:
    """The base that a project sets is in its reports; for an image that it does not fit it means nothing."""
    settings = Path(".layer-explorer.toml")
    settings.write_text("base-layers = 1\n")
    base = figures("report", "shop:1")["image"]["base"]
    assert (base["layers"], base["evidence"], base["reason"]) == (1, "option", "set by .layer-explorer.toml")
    settings.write_text('base = "base:12"\n')
    base = figures("report", "shop:1")["image"]["base"]
    assert (base["name"], base["layers"], base["evidence"]) == ("base:12", 2, "option")
    for stranger in ('base = "nope:1"\nlowest-efficiency = "x"', "base-layers = 9"):
        settings.write_text(stranger)
        assert figures("report", "shop:1")["image"]["base"]["evidence"] == "known-image"


@pytest.mark.end_to_end
@pytest.mark.usefixtures("engine")
def test_options_name_the_base_of_a_report() -> None:
    """The options of a report replace the project's rules; another base is an error."""
    Path(".layer-explorer.toml").write_text("base-layers = 1\n")
    assert figures("report", "--base", "base:12", "shop:1")["image"]["base"]["layers"] == 2
    assert figures("report", "--base-layers", "0", "shop:1")["image"]["base"] is None
    for arguments in (("--base-layers", "9"), ("--base-layers", "x"), ("--base", "nope:1")):
        assert CliRunner().invoke(main, ["report", *arguments, "shop:1"]).exit_code in (2, 3)
