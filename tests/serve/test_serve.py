"""The screen in a browser: requests that the server answers, and the server itself."""

from __future__ import annotations

import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pytest

import explorer
from explorer.serve.serve import is_allowed
from tests.cli.running import run, run_process


@pytest.mark.parametrize(
    ("path", "host", "origin", "listening", "allowed"),
    [
        ("/", "127.0.0.1:8000", None, "127.0.0.1", True),
        ("/", "localhost:8000", None, "127.0.0.1", True),
        ("/", "evil.example:8000", None, "127.0.0.1", False),
        ("/", "127.0.0.1.evil.example", None, "127.0.0.1", False),
        ("/", "192.168.1.2:8000", None, "0.0.0.0", True),
        ("/", 'a"><script>', None, "0.0.0.0", False),
        ("/ws", "127.0.0.1:8000", "http://127.0.0.1:8000", "127.0.0.1", True),
        ("/ws", "127.0.0.1:8000", "http://evil.example", "127.0.0.1", False),
        ("/ws", "127.0.0.1:8000", "http://127.0.0.1:9000", "127.0.0.1", False),
        ("/ws", "127.0.0.1:8000", None, "127.0.0.1", False),
        ("/ws", "[::1]:8000", "http://[::1]:8000", "::1", True),
    ],
)
def test_allowed_requests(path: str, host: str, origin: str | None, listening: str, allowed: bool) -> None:
    """Only the server's own pages get the screen, and on the loopback interface only under its own names."""
    assert is_allowed(path, host, origin, listening) is allowed


@pytest.mark.end_to_end
def test_served(tmp_path: Path) -> None:
    """``--serve`` answers with the page on the loopback interface, refuses foreign hosts, and stops on SIGTERM."""
    pytest.importorskip("textual_serve")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    arguments = ["--serve", "--serve-port", str(port), str(tmp_path / "an image; touch hacked")]
    server = subprocess.Popen(
        [sys.executable, "-m", "explorer", *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    try:
        assert server.stderr
        assert f"http://127.0.0.1:{port} shows" in server.stderr.readline()
        page = response(port, f"GET / HTTP/1.1\r\nHost: localhost:{port}")
        assert page.startswith("HTTP/1.1 200")
        assert f'"ws://localhost:{port}/ws"' in page
        assert "Content-Security-Policy" in page
        assert response(port, "GET / HTTP/1.1\r\nHost: evil.example").startswith("HTTP/1.1 403")
        again = run_process("--serve", "--serve-port", str(port), "demo")
        assert again.returncode == 2
        assert f"127.0.0.1:{port} cannot be served" in again.stderr
    finally:
        server.terminate()
        assert server.communicate(timeout=10) == ("", "")
    assert server.returncode == 0


def response(port: int, request: str) -> str:
    """The response to a request, as text."""
    with socket.create_connection(("127.0.0.1", port), timeout=5) as connection:
        connection.sendall(f"{request}\r\nConnection: close\r\n\r\n".encode())
        content = b""
        while piece := connection.recv(65536):
            content += piece
    return content.decode(errors="replace")


@pytest.mark.end_to_end
def test_serving_without_the_extra_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the package ``--serve`` is wrong usage, and the error says what to install."""
    monkeypatch.delitem(sys.modules, "explorer.serve.server", raising=False)
    monkeypatch.setitem(sys.modules, "textual_serve.server", None)
    done = run("--serve", "demo")
    assert done.exit_code == 2
    assert "pip install 'layer-explorer[serve]'" in done.stderr


def test_standard_input_cannot_be_served() -> None:
    """Standard input can be read once only, and each page runs the program."""
    assert run("--serve", "-").exit_code == 2


@pytest.fixture
def foreign(tmp_path: Path) -> Path:
    """A directory with modules that have the names of the program's own and of a library."""
    place = tmp_path / "foreign"
    (place / "explorer").mkdir(parents=True)
    for name in ("explorer/__init__.py", "explorer/__main__.py", "click.py", "pygments.py"):
        (place / name).write_text("raise SystemExit('foreign')")
    return place


def test_a_page_runs_no_module_of_the_current_directory(foreign: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The command for each page imports nothing from the current directory."""
    commands: list[list[str]] = []
    monkeypatch.setattr("explorer.serve.serve.serve", lambda arguments, *_: commands.append(arguments))
    monkeypatch.chdir(foreign)
    assert run("--serve", "demo").exit_code == 0
    done = subprocess.run([*commands[0][:-2], "--help"], capture_output=True, check=False, text=True)
    assert (done.returncode, done.stderr) == (0, "")
    assert "Explore IMAGE" in done.stdout


@pytest.mark.end_to_end
def test_the_module_imports_no_library_of_the_current_directory(foreign: Path) -> None:
    """``python -m explorer`` takes the libraries from where they are installed."""
    shutil.rmtree(foreign / "explorer")
    root = str(Path(explorer.__file__).parents[1])
    done = run_process("report", "demo", cwd=foreign, env={"PYTHONPATH": root})
    assert (done.returncode, done.stderr) == (0, "")
