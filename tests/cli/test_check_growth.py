"""The command check against a baseline: it names what grew, in every format."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from explorer.cli import main
from tests.images import big, docker_archive, file, image, layer, whiteout

_BASE = layer(big("base", 2))
_STEPS = [{"created_by": "ADD root"}, {"created_by": "RUN make"}, {"created_by": "RUN clean"}]
_RULES = ("--baseline", "old.tar")


def _run(*arguments: str) -> Result:
    return CliRunner().invoke(main, arguments, catch_exceptions=False)


@pytest.fixture(autouse=True)
def images(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two images: in the new one a file grew, one is new, and one is deleted too late."""
    monkeypatch.chdir(tmp_path)
    old = image(_BASE, layer(big("grows", 1), big("stays", 1)), layer(), history=_STEPS)
    new = image(
        _BASE,
        layer(big("grows", 3), big("stays", 1), big("new[b]", 1), big("late", 4)),
        layer(whiteout("late")),
        history=_STEPS,
    )
    Path("old.tar").write_bytes(docker_archive(old))
    Path("new.tar").write_bytes(docker_archive(new))


@pytest.mark.end_to_end
def test_text_names_steps_and_files() -> None:
    """The lines below a failed baseline begin with the growth, and waste that is new follows its own rule."""
    done = _run("check", "new.tar", *_RULES)
    assert done.exit_code == 1
    lines = [" ".join(line.split()) for line in done.stdout.splitlines()]
    assert "+7.0 MB layer 1 RUN make (2.0 MB before)" in lines
    assert "+2.0 MB /grows (1.0 MB before)" in lines
    assert "+1.0 MB /new[b] (new)" in lines
    assert not any("/stays" in line for line in lines)
    wasted = next(number for number, line in enumerate(lines) if line.startswith("FAIL baseline wasted bytes"))
    assert lines[wasted + 1] == "4.0 MB /late (shipped by layer 1, removed by layer 2)"


def test_json_has_all_that_grew() -> None:
    """JSON lists each layer and file with both sizes; a passing rule has none."""
    done = _run("check", "new.tar", *_RULES, "--baseline-allowance", "5MB", "--format", "json")
    image_bytes, wasted_bytes = json.loads(done.stdout)["rules"]
    assert (image_bytes["status"], wasted_bytes["status"], wasted_bytes["growth"]) == ("fail", "pass", None)
    assert image_bytes["growth"] == {
        "layers": [{"layer": 1, "old_bytes": 2_000_000, "new_bytes": 9_000_000}],
        "packages": [],
        "files": [
            {"path": "/grows", "old_bytes": 1_000_000, "new_bytes": 3_000_000},
            {"path": "/new[b]", "old_bytes": 0, "new_bytes": 1_000_000},
        ],
    }


@pytest.mark.end_to_end
@pytest.mark.parametrize("format_name", ["markdown", "junit", "github", "sarif"])
def test_every_format_names_the_step_and_the_file(format_name: str) -> None:
    """Markdown, JUnit, annotations and SARIF name the step that grew and the file that grew most."""
    done = _run("check", "new.tar", *_RULES, "--format", format_name)
    assert done.exit_code == 1
    for text in ("+7.0 MB", "RUN make", "+2.0 MB", "/grows"):
        assert text in done.stdout


@pytest.mark.end_to_end
def test_a_report_as_baseline_names_the_largest_layers() -> None:
    """A report has no files, so the largest layers are named as before."""
    _run("report", "old.tar", "--format", "json", "-o", "old.json")
    done = _run("check", "new.tar", "--baseline", "old.json")
    assert done.exit_code == 1
    assert "9.0 MB  layer 1  RUN make" in done.stdout


@pytest.mark.end_to_end
def test_the_baseline_is_not_written_over() -> None:
    """An image as the baseline cannot be the output file; a report can be replaced by the next one."""
    before = Path("old.tar").read_bytes()
    done = _run("check", "new.tar", *_RULES, "-o", "./old.tar")
    assert (done.exit_code, "is the baseline itself" in done.stderr) == (2, True)
    assert Path("old.tar").read_bytes() == before
    _run("report", "old.tar", "--format", "json", "-o", "old.json")
    assert _run("check", "new.tar", "--baseline", "./old.json", "--format", "json", "-o", "old.json").exit_code == 1
    assert json.loads(Path("old.json").read_text())["rules"]


@pytest.mark.end_to_end
def test_an_update_names_the_first_step_that_differs() -> None:
    """A failed limit of the update names the layers to download, and the step that makes them new."""
    done = _run("check", "new.tar", *_RULES, "--highest-update-bytes", "1kB")
    assert done.exit_code == 1
    assert "layer 1  RUN make" in done.stdout
    assert "First difference: Layer 1 (RUN make)" in done.stdout
    assert "baseline image bytes" not in done.stdout


@pytest.mark.end_to_end
def test_images_that_differ_in_nothing() -> None:
    """An image against itself passes each of the rules."""
    rules = ("--baseline-allowance", "0", "--highest-growth", "0%", "--highest-update-bytes", "0")
    assert _run("check", "new.tar", "--baseline", "new.tar", *rules).exit_code == 0


@pytest.mark.end_to_end
def test_a_file_in_the_new_image_only(tmp_path: Path) -> None:
    """A baseline without layers is smaller in all steps."""
    (tmp_path / "none.tar").write_bytes(docker_archive(image()))
    (tmp_path / "one.tar").write_bytes(docker_archive(image(layer(file("a", b"abc")))))
    done = _run("check", "one.tar", "--baseline", "none.tar", "--highest-growth", "1%")
    assert done.exit_code == 1
    assert "+3 B  /a  (new)" in done.stdout
