"""The kind of a file: by its place, then its name, then its mode."""

from __future__ import annotations

import pytest

from explorer.analysis.file_kinds.file_kind import FileKindFinder
from explorer.analysis.file_kinds.kinds import FILE_KINDS


def kind_of(path: str, mode: int = 0o644) -> str:
    """Returns the kind of the file at a path."""
    return FileKindFinder().kind(path, mode)


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("usr/lib/libssl.so", "shared_libraries"),
        ("usr/lib/libssl.so.3.0.11", "shared_libraries"),
        ("usr/lib/python3/dist-packages/a.cpython-311-x86_64-linux-gnu.so", "shared_libraries"),
        ("usr/lib/python3/dist-packages/tests/a.so", "package_tests"),
        ("usr/lib/python3/a.py", "python_sources"),
        ("usr/lib/python3/__pycache__/a.cpython-311.pyc", "bytecode"),
        ("usr/lib/python3/a-1.dist-info/RECORD", "package_metadata"),
        ("usr/share/doc/a/LICENSE.txt", "documentation"),
        ("app/LICENSE.TXT", "texts"),
        ("usr/lib/debug/.build-id/a.debug", "debug_symbols"),
        ("var/lib/dpkg/status", "records"),
        ("var/log/dpkg.log", "logs"),
        ("etc/passwd", "configuration"),
        ("etc/ssl/certs/a.0", "certificates"),
        ("etc/cron.d/job.sh", "scripts"),
        ("app/django/locale/de/LC_MESSAGES/a.mo", "locales"),
        ("usr/include/a.h", "headers"),
        ("app/a.h", "compiled_sources"),
        ("root/.cache/pip/a.whl", "pip"),
        ("app/a.whl", "archives"),
        ("app/data", "other"),
        ("app/a.unknown", "other"),
    ],
)
def test_kinds(path: str, kind: str) -> None:
    """Disposable kinds come first, then places, endings and versions of libraries."""
    assert kind_of(path) == kind


def test_executables_are_known_by_mode() -> None:
    """A file that nothing else tells is an executable if it may be run."""
    assert (kind_of("usr/bin/ls", 0o755), kind_of("usr/bin/ls")) == ("executables", "other")
    assert kind_of("app/run.py", 0o755) == "python_sources"
    assert kind_of("app/lib/plugin.so", 0o755) == "shared_libraries"


def test_every_kind_has_a_name_of_its_own() -> None:
    """No two kinds are the same for people."""
    names = [kind.name for kind in FILE_KINDS.values()]
    assert len(set(names)) == len(names)
