"""The command line, in this process or in one of its own."""

from __future__ import annotations

import gc
import os
import subprocess
import sys
import warnings

from click.testing import CliRunner, Result

from explorer.cli import main


def run(*arguments: str, **environment: str) -> Result:
    """Runs the command line in this process, as in a terminal of 80 columns."""
    runner = CliRunner(env={"COLUMNS": "80", **environment})
    with warnings.catch_warnings():
        # The Docker SDK leaves its socket open where no engine answers, and the traceback keeps it.
        warnings.simplefilter("ignore", ResourceWarning)
        result = runner.invoke(main, arguments, prog_name="lx", catch_exceptions=False)
        result.exception = result.exc_info = None
        gc.collect()
    return result


def run_process(*arguments: str, **options: object) -> subprocess.CompletedProcess[str]:
    """Runs the command line in a process; ``options`` are those of ``subprocess.run``."""
    environment = {**os.environ, **options.pop("env", {})}  # type: ignore[dict-item]
    options = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "stdin": subprocess.DEVNULL, **options}
    if "input" in options:
        del options["stdin"]
    command = [sys.executable, "-m", "explorer", *arguments]
    return subprocess.run(command, text=True, check=False, env=environment, **options)  # type: ignore[call-overload, no-any-return]
