"""Completion of words: as the shells ask for it, and in the shells themselves."""

from __future__ import annotations

import json
import os
import pty
import re
import select
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from tests.cli.running import run, run_process
from tests.conftest import skip_or_fail
from tests.fake_engine import FakeEngine
from tests.images import image, layer

PROGRAMS = Path(sys.executable).parent
IMAGES = ["shop:1.4", "shop:dev", "registry.example.net:5000/team/app:2", "<none>:<none>", "x; rm -rf /"]


@pytest.fixture
def engine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeEngine]:
    """An engine with some images and a container; the current directory has some files."""
    fake = FakeEngine.of(image(layer(), tag="shop:dev"))
    fake.answers["/images/json"] = (200, json.dumps([{"RepoTags": IMAGES}, {"RepoTags": None}]).encode())
    fake.answers["/containers/json"] = (200, json.dumps([{"Names": ["/web"]}]).encode())
    here = tmp_path / "here"
    (here / "sub").mkdir(parents=True)
    (here / "shop.tar").touch()
    (here / "re port.tar").touch()
    (here / ".hidden").touch()
    monkeypatch.chdir(here)
    with fake.on(tmp_path / "engine.sock"):
        monkeypatch.setenv("DOCKER_HOST", fake.url)
        yield fake


def offered(line: str, **more: str) -> list[str]:
    """Returns the completions of a line's last word, as bash asks for them; ``(paths)`` means paths."""
    done = run(**more, _LAYER_EXPLORER_COMPLETE="bash_complete", COMP_LINE=line)
    assert done.stderr == ""
    kinds = [line.partition(",") for line in done.stdout.splitlines() if line]
    return [value if kind == "plain" else "(paths)" for kind, _, value in kinds]


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("lx re", ["report", "registry.example.net:5000/team/app:2", "registry://", "registry+http://", "(paths)"]),
        ("lx shop:", ["shop:1.4", "shop:dev", "(paths)"]),
        ("lx report shop", ["shop:1.4", "shop:dev", "(paths)"]),
        ("lx compare shop:1.4 shop:d", ["shop:dev", "(paths)"]),
        ("lx report re", ["registry.example.net:5000/team/app:2", "registry://", "registry+http://", "(paths)"]),
        ("lx ./sh", ["(paths)"]),
        ("lx docker://shop:d", ["docker://shop:dev"]),
        ("lx container://", ["container://web"]),
        ("lx archive://s", ["archive://shop.tar", "archive://sub/"]),
        ("lx --no-cache che", ["check", "(paths)"]),
        ("lx --platform linux/amd64 shop:d", ["shop:dev", "(paths)"]),
        ("lx check --base shop:1", ["shop:1.4", "(paths)"]),
        ("lx check --baseline shop:1", ["shop:1.4", "(paths)"]),
        ("lx check --config x", ["(paths)"]),
        ("lx check --format j", ["json", "junit"]),
        ("lx report --format=j", ["--format=json"]),
        ("lx build --with ", ["docker", "podman"]),
        ("lx build -f D", ["(paths)"]),
        ("lx build --chec", ["--check"]),
        ("lx completion ", ["bash", "zsh", "fish"]),
        ("lx --no-c", ["--no-cache"]),
        ("lx report --allow-", ["--allow-large", "--allow-damaged"]),
        ("lx explore --allow-", ["--allow-large"]),
        ("lx --allow-", ["--allow-large"]),
        ("lx report demo ", []),
    ],
)
def test_what_is_offered(engine: FakeEngine, line: str, words: list[str]) -> None:
    """Commands, names of the engine, schemes and choices complete where they are valid; invalid names are left out."""
    # The engine has a second to answer, which on a busy machine may be too short.
    tries = (offered(line) for _ in range(4))
    assert any(found == words for found in tries) or offered(line) == words


def test_the_first_word_may_be_a_command_an_image_or_a_path(engine: FakeEngine) -> None:
    """An empty first word completes to commands, images, the demo and paths, also in a pipeline."""
    for more in ({}, {"CI": "true"}):
        words = offered("lx ", **more)
        assert {"explore", "check", "build", "report", "ls", "shop:dev", "demo", "(paths)"} <= set(words)
        assert offered("lx --no-cache ", **more) == words


def test_names_of_podman_are_offered_as_people_write_them(engine: FakeEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    """If no Docker Engine answers, Podman is asked; prefixes of its names may be left out."""
    engine.answers["/images/json"] = (200, json.dumps([{"RepoTags": ["localhost/shop:3"]}]).encode())
    monkeypatch.setenv("CONTAINER_HOST", engine.url)
    monkeypatch.setenv("DOCKER_HOST", "unix:///nowhere.sock")
    assert offered("lx report sho") == ["shop:3", "(paths)"]
    assert offered("lx report podman://localhost/s") == ["podman://localhost/shop:3"]


def test_nothing_is_said_where_no_engine_answers(engine: FakeEngine) -> None:
    """Without a working engine the other completions remain, and stderr stays empty."""
    assert offered("lx report d", DOCKER_HOST="unix:///nowhere.sock") == ["demo", "docker://", "(paths)"]
    assert offered("lx report d", DOCKER_HOST="nonsense://") == ["demo", "docker://", "(paths)"]
    engine.answers["/images/json"] = (200, b"nonsense")
    assert offered("lx report d") == ["demo", "docker://", "(paths)"]


@pytest.mark.end_to_end
def test_a_slow_engine_is_not_waited_for(engine: FakeEngine) -> None:
    """An engine that does not answer within a second is left out; the program ends before the engine answers."""
    engine.hold = "/version"
    done = run_process(env={"_LAYER_EXPLORER_COMPLETE": "bash_complete", "COMP_LINE": "lx report d"}, timeout=60)
    assert [line.partition(",")[2] for line in done.stdout.splitlines()] == ["demo", "docker://", "d"]
    assert not engine.released.is_set()


def test_engines_are_only_asked(engine: FakeEngine) -> None:
    """Completing a name asks an engine only for the list of images."""
    offered("lx sh")
    assert [path.partition("?")[0].rpartition("/v1.41")[2] for path in engine.asked] == ["/version", "/images/json"]


SHELLS = {
    "bash": (["bash", "--norc", "--noprofile", "-i"], "source {script}"),
    "zsh": (["zsh", "-f", "-i"], "bindkey -e; autoload -Uz compinit; compinit -u; source {script}"),
    "fish": (["fish", "--no-config", "-i"], "source {script}"),
}


class Shell:
    """A shell in its own terminal."""

    def __init__(self, terminal: int, kept: Path) -> None:
        self.terminal = terminal
        self.kept = kept
        self.seen = ""

    def type(self, keys: str) -> None:
        os.write(self.terminal, keys.encode())

    def wait_for(self, pattern: str) -> re.Match[str]:
        """Reads the shell's output until the pattern occurs after the previous match."""
        deadline = time.monotonic() + 30
        while True:
            found = re.search(pattern, self.seen, re.DOTALL)
            if found:
                self.seen = self.seen[found.end() :]
                return found
            ready, _, _ = select.select([self.terminal], [], [], max(0, deadline - time.monotonic()))
            assert ready, f"{pattern} is not in {self.seen!r}"
            self.seen += os.read(self.terminal, 65536).decode(errors="replace")

    def completed(self, line: str, rest: str) -> str:
        """Returns the line after Tab; ``rest`` is the text that Tab then adds."""
        self.type(f"{line}\t")
        self.wait_for(r"(\x1b\[[0-9;]*m)*".join(map(re.escape, rest)))
        # The whole line becomes the argument of a command that keeps it.
        self.type(f"\x01printf %s \"\x05\" > {self.kept}; echo do''ne\r")
        self.wait_for("done")
        # Zsh takes back the space or slash that it added as soon as it is not wanted.
        return self.kept.read_text().rstrip(" /")


@contextmanager
def running(name: str, folder: Path) -> Iterator[Shell]:
    command, setup = SHELLS[name]
    if shutil.which(command[0]) is None:
        skip_or_fail(f"{name} is not installed")
    script = folder / f"completion.{name}"
    script.write_bytes(subprocess.run([PROGRAMS / "lx", "completion", name], capture_output=True, check=True).stdout)
    environment = {**os.environ, "PATH": f"{PROGRAMS}:{os.environ['PATH']}", "TERM": "xterm", "COLUMNS": "200"}
    child, terminal = pty.fork()
    if not child:
        os.execvpe(command[0], command, environment)
    shell = Shell(terminal, folder / "kept")
    try:
        shell.type(f"{setup.format(script=script)}; echo rea''dy\r")
        shell.wait_for("ready")
        yield shell
    finally:
        os.close(terminal)
        with suppress(ProcessLookupError):
            os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)


@pytest.mark.end_to_end
@pytest.mark.filterwarnings("ignore:.*use of forkpty:DeprecationWarning")
@pytest.mark.parametrize("name", list(SHELLS))
def test_real_shells(engine: FakeEngine, tmp_path: Path, name: str) -> None:
    """Bash, zsh and fish complete commands, names with a colon, values and paths, for both names of the program."""
    with running(name, tmp_path) as shell:
        assert shell.completed("lx complet", "ion") == "lx completion"
        assert shell.completed("lx shop:d", "ev") == "lx shop:dev"
        assert shell.completed("layer-explorer report registry.example.net:5000/te", "am/app:2").endswith("/app:2")
        assert shell.completed("lx report --format=js", "on") == "lx report --format=json"
        assert shell.completed("lx check --format ju", "nit") == "lx check --format junit"
        assert shell.completed("lx docker://shop:1", ".4") == "lx docker://shop:1.4"
        assert shell.completed("lx ls ./su", "b/") == "lx ls ./sub"
        assert shell.completed("lx build --check -f ./su", "b/") == "lx build --check -f ./sub"
        assert shell.completed("lx ls archive://su", "b/") == "lx ls archive://sub"


@pytest.mark.parametrize("name", list(SHELLS))
def test_scripts_go_to_stdout(name: str) -> None:
    """``completion`` prints a script for both names and needs no engine."""
    done = run("completion", name)
    assert "layer-explorer" in done.stdout
    assert "lx" in done.stdout
    assert done.stderr == ""


def test_a_shell_that_is_unknown() -> None:
    """An unknown shell is wrong usage, and the error names the known ones."""
    done = run("completion", "tcsh")
    assert done.exit_code == 2
    assert "'bash', 'zsh', 'fish'" in done.stderr


def test_a_missing_shell() -> None:
    """The error for a missing argument lists the choices on the same line."""
    assert "Choose from: bash, zsh, fish\n" in run("completion").stderr


@pytest.mark.end_to_end
@pytest.mark.filterwarnings("ignore:.*use of forkpty:DeprecationWarning")
@pytest.mark.parametrize("name", list(SHELLS))
def test_names_are_quoted(engine: FakeEngine, tmp_path: Path, name: str) -> None:
    """The name of a file that would be a command is completed as the name, and no shell runs it."""
    evil = "evil$(touch pwned);`touch pwned` '&"
    Path(evil).touch()
    Path("two\nplain,x").touch()
    with running(name, tmp_path) as shell:
        shell.type("lx archive://ev\t")
        shell.wait_for("pwned.*pwned")
        # The words of the line become arguments of a command that keeps them.
        shell.type(f"\x01printf '<%s>' \x05 > {shell.kept}; echo do''ne\r")
        shell.wait_for("done")
    assert shell.kept.read_text() == f"<lx><archive://{evil}>"
    assert not Path("pwned").exists()
    assert "two" not in "".join(offered("lx archive://"))
