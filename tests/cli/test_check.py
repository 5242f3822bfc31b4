"""The command ``check``: the rules that apply, their figures, and the exit code."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from explorer.cli import main
from explorer.cli.image_options import RequestedImage
from explorer.cli.run_gate import how_to_look
from explorer.gate.baseline import read_baseline
from explorer.gate.rules import RULES
from explorer.sources.request import LayerAccess
from tests.images import big, digest, docker_archive, file, image, layer, oci_archive, whiteout

BASE = layer(big("base", 2))


def run(*arguments: str, **environment: str) -> Result:
    """Runs the command line in this process."""
    return CliRunner(env=environment).invoke(main, arguments, catch_exceptions=False)


@pytest.fixture(autouse=True)
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working directory of the command."""
    path = tmp_path / "project"
    path.mkdir()
    monkeypatch.chdir(path)
    return path


def archive(name: str, *layers: bytes) -> str:
    """Writes an archive of an image into the working directory."""
    Path(name).write_bytes(docker_archive(image(*layers)))
    return name


@pytest.fixture
def late() -> str:
    """An image of 4 MB that cleans up 1 MB too late."""
    return archive("late.tar", BASE, layer(big("a", 1), big("kept", 1)), layer(whiteout("a"), file("b", b"b")))


@pytest.fixture
def clean() -> str:
    """An image of 3 MB without any waste."""
    return archive("clean.tar", BASE, layer(big("kept", 1)))


def statuses(done: Result) -> dict[str, str]:
    """Returns the outcomes in a JSON verdict by rule."""
    return {rule["rule"]: rule["status"] for rule in json.loads(done.stdout)["rules"]}


def test_a_clean_image_passes(clean: str) -> None:
    """The exit code is 0 if all rules pass."""
    done = run("check", clean)
    assert (done.exit_code, done.stderr) == (0, "")
    assert done.stdout.endswith("\nPASS: 2 rules passed\n")


def test_a_late_cleanup_fails(late: str) -> None:
    """The exit code is 1 if a rule fails; the output names the file, its cause and both its layers."""
    done = run("check", late)
    assert (done.exit_code, done.stderr) == (1, "")
    assert "FAIL  lowest-efficiency            75 %  at least 90 %  [default]" in done.stdout
    assert "/a  (shipped by layer 1, removed by layer 2)" in done.stdout
    assert done.stdout.endswith("\nFAIL: 2 of 2 rules fail\nTo look at it: lx report late.tar\n")


@pytest.mark.end_to_end
@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (
            ["--lowest-efficiency", "9"],
            '--lowest-efficiency takes a ratio from 0 to 1, such as 0.9 or 90%, or off, not "9"',
        ),
        (["--highest-wasted-bytes", "9XB"], "--highest-wasted-bytes takes a size"),
        (["--most-layers", "-1"], "--most-layers takes a whole number"),
        (["--forbidden-paths", "!"], "--forbidden-paths takes patterns"),
        (["--forbidden-packages", "two words"], "--forbidden-packages takes names of packages or package URLs"),
        (["--config", "none.toml"], "there is no file none.toml"),
        (["--base", "demo"], "is not built on the base demo"),
        (["--most-layers", ""], '--most-layers takes a whole number, or off, not ""'),
        (["--base-layers", "3"], "base-layers is 3, but the image has "),
        (["--format", "yaml"], "yaml"),
        (["--most-layer", "1"], "--most-layer"),
        (["-o", "/nowhere/x"], "/nowhere/x cannot be written"),
    ],
)
def test_wrong_usage_ends_with_2(clean: str, arguments: list[str], words: str) -> None:
    """An invalid rule, value or file is an error with its key and its values; stdout stays empty."""
    done = run("check", clean, *arguments)
    assert (done.exit_code, done.stdout) == (2, "")
    assert words in done.stderr


def test_an_image_that_cannot_be_had_ends_with_3() -> None:
    """A missing image is an error without a verdict."""
    done = run("check", "/nowhere.tar")
    assert (done.exit_code, done.stdout) == (3, "")
    assert "/nowhere.tar" in done.stderr


@pytest.mark.end_to_end
@pytest.mark.parametrize("key", ["base", "baseline"])
def test_what_it_is_compared_with_cannot_be_had(clean: str, key: str, project: Path) -> None:
    """A missing or invalid base or baseline is an error with its key and its values, and the exit code is 2."""
    Path("text").write_text("not an image")
    for name in ("/nowhere.tar", "./text"):
        done = run("check", clean, f"--{key}", name)
        assert (done.exit_code, done.stdout) == (2, "")
        assert done.stderr.startswith(f"layer-explorer: --{key} {name}: ")
        assert f"Expected {RULES[key].type.words}." in done.stderr
        (project / ".layer-explorer.toml").write_text(f'{key} = "{name}"')
        done = run("check", clean)
        assert done.exit_code == 2
        assert done.stderr.startswith(f"layer-explorer: .layer-explorer.toml: {key} {name}: ")
        (project / ".layer-explorer.toml").unlink()


def test_a_report_that_is_not_there(clean: str) -> None:
    """No engine is asked for an image with the name of a report."""
    done = run("check", clean, "--baseline", "none.json")
    assert (done.exit_code, done.stdout) == (2, "")
    assert "--baseline none.json: there is no such file" in done.stderr


@pytest.mark.end_to_end
def test_the_platform_of_the_image_is_that_of_what_it_is_compared_with() -> None:
    """A base or baseline for several platforms is opened for the platform of the image, not of the host."""
    platforms = [{"os": "linux", "architecture": name} for name in ("amd64", "arm64", "riscv64")]
    bases = [image(layer(big("base", number + 1)), **of) for number, of in enumerate(platforms)]
    Path("base.tar").write_bytes(oci_archive(*bases))
    for number, of in enumerate(platforms):
        Path("one.tar").write_bytes(docker_archive(image(layer(big("base", number + 1)), layer(file("a")), **of)))
        done = run("check", "one.tar", "--base", "base.tar", "--most-layers", "1")
        assert (done.exit_code, done.stderr) == (0, "")
        done = run("check", "one.tar", "--baseline", "base.tar", "--format", "json")
        assert done.exit_code == 0
        assert [rule["limit"] for rule in json.loads(done.stdout)["rules"]] == [(number + 1) * 1_000_000, 0]


def test_options_win_over_the_file(late: str, project: Path) -> None:
    """An option overrides the rule of the file; the other rules of the file stay."""
    (project / ".layer-explorer.toml").write_text('lowest-efficiency = 0.99\nhighest-wasted-bytes = "2MB"\n')
    assert run("check", late).exit_code == 1
    done = run("check", late, "--lowest-efficiency", "0.7", "--format", "json")
    assert done.exit_code == 0
    rules = {rule["rule"]: (rule["limit"], rule["origin"]) for rule in json.loads(done.stdout)["rules"]}
    assert rules == {
        "lowest-efficiency": (0.7, "--lowest-efficiency"),
        "highest-wasted-bytes": (2_000_000, ".layer-explorer.toml"),
    }


@pytest.mark.end_to_end
def test_a_project_that_comes_from_dive(late: str, project: Path) -> None:
    """With its ``.dive-ci``, dive's options and ``CI=true``, only the name of the program changes."""
    (project / ".dive-ci").write_text("rules:\n  lowestEfficiency: 0.99\n  highestWastedBytes: off\n")
    done = run(late, "--highestUserWastedPercent", "0.5", CI="true")
    assert done.exit_code == 1
    rows = [line.split(maxsplit=2) for line in done.stdout.splitlines()]
    assert ["FAIL", "lowest-efficiency"] in [row[:2] for row in rows if row and row[-1].endswith("[.dive-ci]")]
    assert ["SKIP", "highest-wasted-bytes"] in [row[:2] for row in rows]
    assert run(late, "--lowestEfficiency", "0.5", CI="true").exit_code == 0
    (project / "other.yaml").write_text("rules:\n  lowestEfficiency: 0.1\n")
    assert run("--ci", late, "--ci-config", "other.yaml").exit_code == 0


@pytest.mark.end_to_end
@pytest.mark.parametrize(
    "words",
    [
        ["--ci"],
        ["--ci=TRUE"],
        ["--ci", "check"],
        ["check", "--ci"],
        ["--ci=1", "--most-layers", "9", "--lowest-efficiency", "1"],
    ],
)
def test_dives_option_asks_for_a_check(late: str, words: list[str]) -> None:
    """``--ci`` works as in dive, also together with the command ``check``."""
    done = run(*words, late)
    assert done.exit_code == 1
    assert "FAIL" in done.stdout


@pytest.mark.end_to_end
@pytest.mark.parametrize("true", ["true", "True", "t", "1", "yes"])
def test_in_a_pipeline_an_image_is_checked(late: str, true: str) -> None:
    """If CI is true, an image without a command is checked, with options before or after it; commands stay."""
    assert "FAIL: 2 of 2 rules fail" in run(late, CI=true).stdout
    assert run("--most-layers", "3", late, CI=true).exit_code == 0
    assert "Wasted, by cause" in run("report", late, CI=true).stdout
    assert run("explore", late, CI=true).exit_code == 2


@pytest.mark.parametrize("false", ["", "false", "0", "no"])
def test_elsewhere_an_image_is_explored(late: str, false: str) -> None:
    """If CI is not true, an image without a command opens the screen, which needs a terminal."""
    assert "needs a terminal" in run(late, CI=false).stderr


@pytest.mark.end_to_end
def test_the_base_by_its_image(late: str, clean: str) -> None:
    """``--base`` finds the number of base layers and prints it."""
    archive("base.tar", BASE)
    done = run("check", late, "--base", "base.tar", "--most-layers", "2", "--format", "json")
    assert done.exit_code == 0
    assert json.loads(done.stdout)["account"]["base_layers"] == 1
    assert "the base: base.tar, the lowest layer (--base)" in run("check", late, "--base", "base.tar").stdout


def test_a_base_that_is_another_image(late: str) -> None:
    """An image that is not built on the base is an error that names the first different layer."""
    archive("other.tar", layer(big("base", 2, 2)))
    done = run("check", late, "--base", "other.tar")
    assert done.exit_code == 2
    assert f"its layer 0 is {digest(BASE)}" in done.stderr


@pytest.mark.end_to_end
def test_no_worse_than_another_image(late: str, clean: str) -> None:
    """The baseline can be an image: shipped and wasted bytes may exceed it by the allowance only."""
    done = run("check", late, "--baseline", clean, "--format", "json")
    assert done.exit_code == 1
    assert statuses(done) == {"baseline image bytes": "fail", "baseline wasted bytes": "fail"}
    done = run("check", late, "--baseline", clean, "--baseline-allowance", "1.1MB", "--format", "json")
    assert (done.exit_code, set(statuses(done).values())) == (0, {"pass"})


@pytest.mark.end_to_end
@pytest.mark.parametrize("command", [["report"], ["check", "--most-layers", "9"]])
def test_no_worse_than_an_earlier_report(late: str, clean: str, command: list[str]) -> None:
    """The baseline can be a report or a verdict in JSON."""
    run(*command, late, "--format", "json", "-o", "late.json")
    assert run("check", late, "--baseline", "late.json").exit_code == 0
    run(*command, clean, "--format", "json", "-o", "clean.json")
    assert run("check", late, "--baseline", "clean.json").exit_code == 1


@pytest.mark.parametrize(
    "text",
    [
        "{",
        "{}",
        '{"schema": 2, "image": {}}',
        '{"schema": 1, "image": []}',
        '{"schema": 1, "image": {"shipped_bytes": "1"}}',
        '{"schema": 1, "image": {"shipped_bytes": true, "wasted_bytes": 0}}',
        '{"schema": 1, "image": {"shipped_bytes": -1, "wasted_bytes": 0}}',
        f'{{"schema": 1, "image": {{"shipped_bytes": {10**30}, "wasted_bytes": 0}}}}',
    ],
)
def test_a_baseline_that_is_no_report(clean: str, text: str) -> None:
    """A JSON file that is not a report is an error that says what is expected."""
    Path("b.json").write_text(text)
    done = run("check", clean, "--baseline", "b.json")
    assert done.exit_code == 2
    assert "expected the output of `layer-explorer report --format json`" in done.stderr


@pytest.mark.end_to_end
def test_a_baseline_with_a_mark_before_it(late: str) -> None:
    """A byte order mark before a report is accepted."""
    Path("b.json").write_text(run("report", late, "--format", "json").stdout, encoding="utf-8-sig")
    assert run("check", late, "--baseline", "b.json").exit_code == 0


@pytest.mark.end_to_end
def test_a_baseline_that_is_too_large_is_told_so(clean: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A report that is too large is an error with its own message."""
    run("report", clean, "--format", "json", "-o", "b.json")
    monkeypatch.setattr("explorer.gate.baseline._MAX_REPORT_BYTES", Path("b.json").stat().st_size)
    assert run("check", clean, "--baseline", "b.json").exit_code == 0
    monkeypatch.setattr("explorer.gate.baseline._MAX_REPORT_BYTES", Path("b.json").stat().st_size - 1)
    done = run("check", clean, "--baseline", "b.json")
    assert (done.exit_code, done.stdout) == (2, "")
    assert "the baseline b.json is larger than" in done.stderr


@pytest.mark.end_to_end
def test_a_baseline_that_is_a_directory_or_a_pipe_is_an_image(clean: str) -> None:
    """A baseline that is not a regular file is not read as a report; it may be an image."""
    Path("folder").mkdir()
    assert read_baseline("folder") is None
    os.mkfifo("pipe")
    assert read_baseline("pipe") is None
    assert read_baseline("x" * 5000) is None
    assert read_baseline(clean) is None
    done = run("check", clean, "--baseline", "./folder")
    assert (done.exit_code, done.stdout) == (2, "")


@pytest.mark.parametrize("command", ["check", "report"])
def test_the_image_is_not_written_over(clean: str, command: str) -> None:
    """The image as the output file is an error, and the image stays."""
    before = Path(clean).read_bytes()
    done = run(command, clean, "-o", f"./{clean}")
    assert (done.exit_code, done.stdout) == (2, "")
    assert "is the image itself" in done.stderr
    assert Path(clean).read_bytes() == before


@pytest.mark.end_to_end
@pytest.mark.parametrize("form", ["text", "json", "markdown", "github", "junit"])
def test_what_the_rules_may_not_have_seen_is_told(form: str) -> None:
    """A tar member with an unusual name is a problem in every format, and rules count it where it is unpacked."""
    Path("odd.tar").write_bytes(docker_archive(image(layer(file("a")), layer(file("x/../k.pem", b"k")))))
    done = run("check", "odd.tar", "--forbidden-paths", "*.pem", "--format", form)
    assert done.exit_code == 1
    assert "x/../k.pem" in done.stdout


def test_the_verdict_to_a_file(late: str) -> None:
    """``-o`` writes the verdict to a file; the exit code is the same."""
    done = run("check", late, "-o", "verdict.txt")
    assert (done.exit_code, done.stdout) == (1, "")
    assert Path("verdict.txt").read_text().endswith("FAIL: 2 of 2 rules fail\nTo look at it: lx report late.tar\n")


@pytest.mark.end_to_end
def test_wanted_paths_are_not_disposable(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An option, the project's file and the settings name wanted paths, in this order, and each verdict says which."""
    made = archive("doc.tar", layer(file("usr/share/doc/a", b"a" * 100), file("tmp/b", b"b"), file("tmp/c", b"c")))

    def disposable(*arguments: str) -> tuple[int, str]:
        command = ("check", made, "--highest-disposable-bytes", "0", *arguments)
        wanted = [line.strip() for line in run(*command).stdout.splitlines() if "wanted paths" in line]
        return json.loads(run(*command, "--format", "json").stdout)["rules"][0]["found"], "".join(wanted)

    config = project / "c.toml"
    monkeypatch.setenv("LAYER_EXPLORER_CONFIG", str(config))
    config.write_text("")
    assert disposable() == (102, "")
    config.write_text('[disposable]\nwanted_paths = ["/tmp/c"]\n')
    assert disposable() == (101, f"wanted paths: /tmp/c ({config})")
    report = json.loads(run("report", made, "--format", "json").stdout)
    assert report["image"]["disposable_bytes"] == 101
    (project / ".layer-explorer.toml").write_text('wanted-paths = ["/usr/share/doc", "/tmp/b"]\n')
    assert disposable() == (1, "wanted paths: /usr/share/doc, /tmp/b (.layer-explorer.toml)")
    assert json.loads(run("report", made, "--format", "json").stdout)["image"]["disposable_bytes"] == 1
    assert disposable("--wanted-paths", "/tmp") == (100, "wanted paths: /tmp (--wanted-paths)")
    assert disposable("--wanted-paths", "off") == (102, "")


@pytest.mark.parametrize("command", [["check"], ["report"], ["ls"], ["explore"]])
def test_a_wrong_pattern_of_wanted_paths_ends_with_2(clean: str, command: list[str], project: Path) -> None:
    """Each command that looks at an image says which pattern of which file is wrong."""
    (project / ".layer-explorer.toml").write_text('wanted-paths = ["[[:x:]]"]\n')
    done = run(*command, clean)
    assert (done.exit_code, done.stdout) == (2, "")
    assert ".layer-explorer.toml, line 1: wanted-paths takes patterns as in a .gitignore file" in done.stderr


@pytest.mark.end_to_end
@pytest.mark.parametrize(
    ("arguments", "environment", "hint"),
    [
        (["late.tar"], {}, "lx report late.tar"),
        (["late.tar"], {"CI": "true"}, "lx report late.tar"),
        (["a b.tar", "--platform", "linux/amd64"], {}, "lx report --platform linux/amd64 'a b.tar'"),
        (["--", "-x.tar"], {}, "lx report -- -x.tar"),
    ],
)
def test_a_failed_check_ends_with_the_command_that_shows_the_image(
    late: str, arguments: list[str], environment: dict[str, str], hint: str
) -> None:
    """The last line can be pasted into a shell, also for unusual names; off a terminal it names the report."""
    for name in ("a b.tar", "-x.tar"):
        Path(name).write_bytes(Path(late).read_bytes())
    done = run("check", *arguments, **{"CI": "", **environment})
    assert done.stdout.splitlines()[-1] == f"To look at it: {hint}"


@pytest.mark.end_to_end
def test_a_failed_baseline_ends_with_the_comparison(late: str, clean: str) -> None:
    """The comparison shows what grew, unless the baseline is only a report, or only another rule fails."""
    hint = f"To look at it: lx compare {clean} {late}"
    assert run("check", late, "--baseline", clean).stdout.splitlines()[-1] == hint
    assert run("check", late, "--baseline", clean, "--highest-update-bytes", "0").stdout.splitlines()[-1] == hint
    Path("clean.json").write_text(run("report", clean, "--format", "json").stdout)
    hint = f"To look at it: lx report {late}"
    assert run("check", late, "--baseline", "clean.json").stdout.splitlines()[-1] == hint
    alone = "--forbidden-paths", "**/*"
    assert run("check", late, "--baseline", late, *alone).stdout.splitlines()[-1] == hint


def test_standard_input_cannot_be_shown_again() -> None:
    """A verdict on standard input names no command, and a login in a reference is left out."""
    assert how_to_look(RequestedImage("-", None, LayerAccess.AUTO, None), "lx") == ""
    requested = RequestedImage("registry://me:secret@host/shop:dev", None, LayerAccess.AUTO, None)
    assert how_to_look(requested, "lx") == "lx registry://host/shop:dev"
    other = "registry://me:secret@host/shop:1"
    assert how_to_look(requested, "lx", other) == "lx compare registry://host/shop:1 registry://host/shop:dev"
    assert how_to_look(requested, "lx", "-x") == "lx compare -- -x registry://host/shop:dev"
