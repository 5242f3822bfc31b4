"""``build``: the words for the builder, the image that is opened, and the exit codes."""

from __future__ import annotations

import gc
import json
import os
import pty
import select
import shutil
import signal
import stat
import subprocess
import sys
import time
import warnings
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from docker import DockerClient
from docker.errors import ImageNotFound

from explorer.cli import main
from tests.cli.running import run_process
from tests.conftest import skip_or_fail
from tests.fake_engine import FakeEngine
from tests.images import big, digest, file, image, layer, whiteout

WASTEFUL = image(layer(big("a", 2), file("b", b"b")), layer(whiteout("a"), file("c", b"c")), tag="made:1")
TIDY = image(layer(big("a", 2)), layer(file("c", b"c")), tag="made:1")

BUILDER = """\
#!{python}
# Stands in for docker and podman: notes its arguments, says something, and does as the environment says.
import json, os, pathlib, signal, sys, time
name = pathlib.Path(sys.argv[0]).name
if sys.argv[1:] == ["--version"]:
    print(os.environ.get("FAKE_VERSION", name + " version 1"))
    sys.exit()
with open(os.environ["FAKE_NOTES"], "a") as notes:
    notes.write(json.dumps([name, *sys.argv[1:]]) + "\\n")
print("output of the build", flush=True)
print("progress of the build", file=sys.stderr, flush=True)
if "FAKE_READS" in os.environ:
    print("read " + sys.stdin.read(), flush=True)
if "FAKE_WAITS" in os.environ:
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: (print("put in order", file=sys.stderr, flush=True), sys.exit(1)))
    print("waiting", file=sys.stderr, flush=True)
    while True:
        time.sleep(1)
if "FAKE_SIGNAL" in os.environ:
    os.kill(os.getpid(), int(os.environ["FAKE_SIGNAL"]))
code = int(os.environ.get("FAKE_CODE", "0"))
words = sys.argv[1:]
for position, word in enumerate(words):
    path = words[position + 1] if word == "--iidfile" else word.partition("=")[2] if "--iidfile=" in word else ""
    if path and not code and "FAKE_ID" in os.environ:
        pathlib.Path(path).write_text(os.environ["FAKE_ID"])
sys.exit(code)
"""


class Done(NamedTuple):
    """The outcome of a command."""

    returncode: str | int | None
    stdout: str
    stderr: str


@dataclass
class Builder:
    """The command that replaces a builder, and the engine with the image that it builds."""

    folder: Path
    engine: FakeEngine
    environment: dict[str, str]
    """Environment variables that the test's own process does not have."""
    capture: pytest.CaptureFixture[str]

    def run(self, *arguments: str, **environment: str) -> Done:
        """Runs ``lx build`` with these arguments in this process, without a terminal; the builder is a process."""
        with pytest.MonkeyPatch.context() as patch, warnings.catch_warnings():
            warnings.simplefilter("ignore", ResourceWarning)
            for name, value in {**self.environment, **environment}.items():
                patch.setenv(name, value)
            with pytest.raises(SystemExit) as ended:
                main(["build", *arguments], prog_name="lx")
            code = ended.value.code
            del ended
            gc.collect()
        return Done(code, *self.capture.readouterr())

    @property
    def calls(self) -> list[list[str]]:
        """Returns the arguments of each call, without the temporary file for the ID."""
        notes = self.folder / "notes"
        calls = [json.loads(line) for line in notes.read_text().splitlines()] if notes.exists() else []
        for call in calls:
            if "--iidfile" in call and "layer-explorer-" in call[call.index("--iidfile") + 1]:
                call[call.index("--iidfile") + 1] = "TEMPORARY"
        return calls


@pytest.fixture
def builder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Iterator[Builder]:
    """A ``docker`` and a ``podman`` on PATH, an engine with their image, and a directory without rules."""
    programs, here = tmp_path / "bin", tmp_path / "here"
    programs.mkdir()
    here.mkdir()
    monkeypatch.chdir(here)
    for name in ("docker", "podman"):
        path = programs / name
        path.write_text(BUILDER.format(python=sys.executable))
        path.chmod(path.stat().st_mode | stat.S_IXUSR)
    fake = FakeEngine.of(WASTEFUL)
    with fake.on(tmp_path / "engine.sock"):
        environment = {
            "PATH": str(programs),
            "FAKE_NOTES": str(tmp_path / "notes"),
            "FAKE_ID": has(fake, WASTEFUL),
            "DOCKER_HOST": fake.url,
        }
        yield Builder(tmp_path, fake, environment, capfd)


def has(engine: FakeEngine, made: Any) -> str:
    """Adds the image to the engine, and returns its ID."""
    known = FakeEngine.of(made).answers
    number = digest(made.config_bytes)
    engine.answers.update({path.replace(made.tag, number): answer for path, answer in known.items()})
    return number


OURS_ARE_TAKEN: Sequence[tuple[Sequence[str], Sequence[str]]] = [
    (["--check", "."], ["."]),
    (["-t", "x", ".", "--check"], ["-t", "x", "."]),
    (["-t", "x", "--check", "-f", "-", "."], ["-t", "x", "-f", "-", "."]),
    (["--check", "--platform", "linux/amd64", "--no-cache", "."], ["--platform", "linux/amd64", "--no-cache", "."]),
    (["--check", "-o", "type=docker", "--load", "-"], ["-o", "type=docker", "--load", "-"]),
    (["--check", "--", "--check", "."], ["--check", "."]),
    (["--check", "--", "-t", "x", "--", "-odd"], ["-t", "x", "--", "-odd"]),
    (["--lowest-efficiency", "0", "--most-layers=5", "."], ["."]),
    (["--forbidden-paths", "*.pem", ".", "--forbidden-paths=.git/"], ["."]),
    (["--check", "--call=check", "--via", "x", "."], ["--call=check", "--via", "x", "."]),
    (["--with", "docker", "--check", "--build-arg", "A=b c", "."], ["--build-arg", "A=b c", "."]),
    (["--check", "-tshop:h", "-f", "x/h", "."], ["-tshop:h", "-f", "x/h", "."]),
    (["--check", "--", "-h"], ["-h"]),
    (["--check"], []),
]


@pytest.mark.parametrize("given", [["-h"], ["--help"], ["-t", "x", "-h", "."]])
def test_help_is_ours(builder: Builder, given: Sequence[str]) -> None:
    """``-h`` and ``--help`` show the program's own page, and nothing is built."""
    assert builder.run(*given).stdout.startswith("Usage: lx build")
    assert builder.calls == []


@pytest.mark.end_to_end
@pytest.mark.parametrize(("given", "passed_on"), OURS_ARE_TAKEN)
def test_our_options_are_taken_and_all_others_passed_on(
    builder: Builder, given: Sequence[str], passed_on: Sequence[str]
) -> None:
    """The program's options work anywhere before ``--``, which is removed; the rest goes to the builder in order."""
    done = builder.run(*given)
    assert done.returncode in (0, 1), done.stderr
    assert builder.calls == [["docker", "build", "--iidfile", "TEMPORARY", *passed_on]]


@pytest.mark.end_to_end
@pytest.mark.parametrize("words", [["-t", "made:1"], ["-tmade:1"], ["--tag=made:1"], ["-t", "x:2", "--tag", "other:1"]])
def test_the_image_is_called_by_its_tag(builder: Builder, words: Sequence[str]) -> None:
    """The image is opened by its ID and shown with the user's tag."""
    done = builder.run("--check", *words, ".")
    assert done.stdout.startswith(f"{'other:1' if 'x:2' in words else 'made:1'}  linux/amd64")
    asked = [path for path in builder.engine.asked if "/images/" in path]
    assert asked
    assert not any("made" in path or "other" in path for path in asked)


def test_a_name_without_a_tag_means_latest(builder: Builder) -> None:
    """``-t NAME`` names the image ``NAME:latest`` of the engine."""
    latest = image(layer(file("a", b"a")), tag="plain:latest")
    done = builder.run("--check", "-t", "plain", ".", FAKE_ID=has(builder.engine, latest))
    assert done.stdout.startswith("plain  linux/amd64")


@pytest.mark.end_to_end
def test_an_image_without_a_tag_is_called_by_its_id(builder: Builder) -> None:
    """Without a tag, or with one that the engine does not have, the ID is the name."""
    for words in ([], ["-t", "elsewhere:1"]):
        assert builder.run("--check", *words, ".").stdout.startswith("docker://sha256:")


def test_a_check_keeps_stdout_for_data(builder: Builder) -> None:
    """The build's output goes to stderr, only the verdict to stdout, and neither has escape sequences."""
    done = builder.run("--check", ".")
    *_, verdict, hint = done.stdout.splitlines()
    assert verdict == "FAIL: 2 of 2 rules fail"
    assert hint.startswith("To look at it: lx report docker://sha256:")
    assert "of the build" not in done.stdout
    assert "output of the build\n" in done.stderr
    assert "progress of the build\n" in done.stderr
    assert "\x1b" not in done.stdout + done.stderr


@pytest.mark.end_to_end
def test_codes_of_a_check(builder: Builder) -> None:
    """The exit code is 0 if all rules pass, 1 if one fails, and 2 for an invalid rule, before anything is built."""
    assert builder.run("--check", ".").returncode == 1
    assert builder.run("--check", ".", FAKE_ID=has(builder.engine, TIDY)).returncode == 0
    assert builder.run("--highest-wasted-bytes", "3MB", ".").returncode == 0
    assert builder.run("--highest-wasted-bytes", "1MB", ".").returncode == 1
    before = len(builder.calls)
    for wrong in (["--lowest-efficiency", "much", "."], [".", "--most-layers"], ["--with", "kaniko", "."]):
        done = builder.run(*wrong)
        assert done.returncode == 2
        assert "Traceback" not in done.stderr
    assert len(builder.calls) == before


@pytest.mark.end_to_end
def test_rules_of_the_directory_apply(builder: Builder) -> None:
    """The rules file of the current directory applies to the built image."""
    Path(".layer-explorer.toml").write_text('highest-wasted-bytes = "3MB"\n')
    assert builder.run("--check", ".").returncode == 0


def test_a_pipeline_is_a_check(builder: Builder) -> None:
    """With CI set, the rules are checked."""
    done = builder.run(".", CI="true")
    assert done.returncode == 1
    assert "FAIL" in done.stdout


def test_without_a_terminal_nothing_is_built(builder: Builder) -> None:
    """Without a terminal for the screen, an error with a hint comes before the build."""
    done = builder.run("-t", "x", ".")
    assert done.returncode == 2
    assert "the screen needs a terminal" in done.stderr
    assert "--check" in done.stderr
    assert done.stdout == ""
    assert builder.calls == []


def test_a_build_that_fails(builder: Builder) -> None:
    """A failed build gives exit code 3, and the error has the builder's own code."""
    done = builder.run("--check", ".", FAKE_CODE="17")
    assert done.returncode == 3
    assert "docker build failed with exit code 17" in done.stderr
    assert done.stdout == ""


def test_a_builder_that_is_killed(builder: Builder) -> None:
    """The error names the signal that ended the builder."""
    done = builder.run("--check", ".", FAKE_SIGNAL=str(int(signal.SIGKILL)))
    assert done.returncode == 3
    assert "docker build was ended by SIGKILL" in done.stderr


@pytest.mark.parametrize("written", ["", "sha256:" + "0" * 64])
def test_a_build_that_leaves_no_image(builder: Builder, written: str) -> None:
    """A missing ID, or one that the engine does not know, gives exit code 3 and a hint."""
    done = builder.run("--check", "-o", "out", ".", FAKE_ID=written)
    assert done.returncode == 3
    assert "docker build left no image in the Docker Engine" in done.stderr
    assert "--load" in done.stderr


def test_an_id_of_an_earlier_build_is_not_taken(builder: Builder) -> None:
    """An ID from an earlier build in the same file does not count."""
    Path("id").write_text(builder.environment.pop("FAKE_ID"))
    done = builder.run("--check", "--iidfile", "id", ".")
    assert done.returncode == 3
    assert "left no image" in done.stderr


@pytest.mark.end_to_end
@pytest.mark.parametrize("words", [["--iidfile", "id"], ["--iidfile=id"]])
def test_the_users_own_iidfile_is_used(builder: Builder, words: list[str]) -> None:
    """The user's own --iidfile is passed on and read; no second one is added."""
    done = builder.run("--check", *words, ".")
    assert done.returncode == 1, done.stderr
    assert builder.calls == [["docker", "build", *words, "."]]
    assert Path("id").read_text() == builder.environment["FAKE_ID"]


@pytest.mark.end_to_end
def test_standard_input_is_the_builders(builder: Builder) -> None:
    """With ``-f -`` the builder reads from the pipe."""
    done = run_process(
        "build", "--check", "-f", "-", ".", input="FROM scratch", env={**builder.environment, "FAKE_READS": "1"}
    )
    assert "read FROM scratch" in done.stderr


@pytest.mark.end_to_end
def test_podman_builds_where_docker_is_not_installed(builder: Builder) -> None:
    """Without ``docker`` on PATH, or on request, Podman builds, and the image is opened in Podman."""
    podman = {"CONTAINER_HOST": builder.engine.url, "DOCKER_HOST": "unix:///nowhere.sock"}
    assert builder.run("--with", "podman", "--check", ".", **podman).returncode == 1
    (builder.folder / "bin" / "docker").unlink()
    done = builder.run("--check", ".", **podman)
    assert done.returncode == 1, done.stderr
    assert done.stdout.startswith("podman://sha256:")
    assert [call[:2] for call in builder.calls] == [["podman", "build"]] * 2
    assert builder.run("--with", "docker", "--check", ".", **podman).returncode == 3


def test_a_docker_that_is_podman(builder: Builder) -> None:
    """If ``docker`` is Podman, the image is opened in Podman."""
    podman = {"CONTAINER_HOST": builder.engine.url, "DOCKER_HOST": "unix:///nowhere.sock"}
    done = builder.run("--check", ".", FAKE_VERSION="podman version 4.3.1", **podman)
    assert done.returncode == 1, done.stderr
    assert done.stdout.startswith("podman://sha256:")


def test_nobody_to_build(builder: Builder) -> None:
    """Without ``docker`` and ``podman`` on PATH, the exit code is 3, with a hint."""
    done = builder.run("--check", ".", PATH=str(builder.folder))
    assert done.returncode == 3
    assert "neither docker nor podman is installed" in done.stderr
    assert "PATH" in done.stderr


def test_no_engine_is_told_before_the_build(builder: Builder) -> None:
    """An engine that does not answer is an error before the build, which may take minutes."""
    done = builder.run("--check", ".", DOCKER_HOST="unix:///nowhere.sock")
    assert done.returncode == 3
    assert "no Docker Engine answers at unix:///nowhere.sock" in done.stderr
    assert builder.calls == []


def test_the_context_says_which_engine(builder: Builder) -> None:
    """The image is opened in the engine to which ``docker build`` with the same context sends it."""
    config = builder.folder / "config"
    meta = config / "contexts" / "meta" / digest(b"remote").removeprefix("sha256:")
    meta.mkdir(parents=True)
    (config / "config.json").write_text('{"currentContext": "remote"}')
    (meta / "meta.json").write_text(json.dumps({"Endpoints": {"docker": {"Host": builder.engine.url}}}))
    del builder.environment["DOCKER_HOST"]
    done = builder.run("--check", ".", DOCKER_CONFIG=str(config))
    assert done.returncode == 1, done.stderr


@pytest.mark.end_to_end
@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129)], ids=lambda each: str(each)
)
def test_a_builder_has_time_to_put_things_in_order(builder: Builder, number: signal.Signals, code: int) -> None:
    """Ctrl+C and the signals that end a job or a terminal reach the builder; nothing is left behind."""
    temporary = builder.folder / "temporary"
    temporary.mkdir()
    process = subprocess.Popen(
        [sys.executable, "-m", "explorer", "build", "--check", "."],
        env={**os.environ, **builder.environment, "FAKE_WAITS": "1", "TMPDIR": str(temporary)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert process.stderr
    output = ""
    while "waiting" not in output:
        output += process.stderr.readline()
    if number == signal.SIGINT:
        # A terminal sends it to all that run in it.
        os.killpg(process.pid, number)
    else:
        process.send_signal(number)
    output += process.communicate(timeout=30)[1]
    assert process.returncode == code
    assert "put in order" in output
    assert "Traceback" not in output
    assert not list(temporary.iterdir())


@pytest.mark.end_to_end
@pytest.mark.filterwarnings("ignore:.*use of forkpty:DeprecationWarning")
@pytest.mark.parametrize("piped", [False, True])
def test_the_screen_opens_after_the_build(builder: Builder, piped: bool) -> None:
    """In a terminal the build's output shows, then the screen, even if the Dockerfile came through a pipe."""
    words = f"{sys.executable} -m explorer build ."
    command = f"echo FROM scratch | {words} -f -" if piped else words
    child, terminal = pty.fork()
    if not child:
        environment = {
            **os.environ,
            **builder.environment,
            "TERM": "xterm-256color",
            "COLUMNS": "100",
            "LINES": "30",
            **({"FAKE_READS": "1"} if piped else {}),
        }
        os.execve("/bin/sh", ["sh", "-c", command], environment)
    try:
        seen = read_until(terminal, "\x1b[?1049h")
        assert "output of the build" in seen
        assert "progress of the build" in seen
        assert not piped or "read FROM scratch" in seen
        read_until(terminal, "Layers")
        os.write(terminal, b"q")
        after = read_until(terminal, "\x1b[?1049l", at_end=True)
        status, child = os.waitpid(child, 0)[1], 0
        assert os.waitstatus_to_exitcode(status) == 0, f"the program ended with {after!r}"
    finally:
        os.close(terminal)
        if child:
            with suppress(ProcessLookupError):
                os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)


def read_until(terminal: int, words: str, *, at_end: bool = False) -> str:
    """Reads a terminal until the words appear, or to its end."""
    seen, deadline = "", time.monotonic() + 20
    while at_end or words not in seen:
        ready, _, _ = select.select([terminal], [], [], max(0, deadline - time.monotonic()))
        assert ready, f"{words!r} is not in {seen!r}"
        try:
            seen += os.read(terminal, 65536).decode(errors="replace")
        except OSError:
            # The program has closed the terminal.
            break
    assert words in seen
    return seen


@pytest.mark.engine
def test_real_build(engine: DockerClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Docker's own command builds an image, and the rules are checked on that image."""
    if shutil.which("docker") is None:
        skip_or_fail("there is no docker command")
    (tmp_path / "context").mkdir()
    (tmp_path / "context" / "Dockerfile").write_text("FROM scratch\nCOPY a /a\nCOPY b /a\n")
    (tmp_path / "context" / "a").write_bytes(os.urandom(200_000))
    (tmp_path / "context" / "b").write_bytes(os.urandom(100_000))
    monkeypatch.chdir(tmp_path)
    command = [sys.executable, "-m", "explorer", "build", "--iidfile", "id", "context"]
    try:
        for limit, code in (("200kB", 0), ("199kB", 1)):
            rules = ["--highest-wasted-bytes", limit]
            done = subprocess.run([*command, *rules], capture_output=True, text=True, check=False)
            assert done.returncode == code, done.stderr
            assert done.stdout.startswith(f"docker://{(tmp_path / 'id').read_text()}")
    finally:
        if (tmp_path / "id").exists():
            with suppress(ImageNotFound):
                engine.images.remove((tmp_path / "id").read_text(), force=True)
