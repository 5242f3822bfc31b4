"""rpm's database of today: ``rpmdb.sqlite``.

The table Packages has one row a package, with its header. A database may hold code that a query runs: views, triggers,
generated columns, functions. The query here may only read that table, and it may not run for long.

Source: rpm's lib/backend/sqlite.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing

from explorer.analysis.packages.formats import DatabaseDamaged

MAGIC = b"SQLite format 3\0"
_VERSIONS_OFFSET = 18
"""Two bytes say whether a file beside the database has the last changes. Without that file, they must not."""
_MAX_STEPS = 50_000_000
_STEPS_A_CHECK = 1_000_000
_MAX_REASON_CHARS = 200
"""Limit for a message of SQLite, which may hold text of the file."""
_QUERY = "SELECT blob FROM main.Packages NOT INDEXED"


def headers(content: bytes) -> Iterator[bytes]:
    """Yields the header of each package. Raises DatabaseDamaged."""
    try:
        with closing(sqlite3.connect(":memory:", check_same_thread=False)) as connection:
            connection.deserialize(content[:_VERSIONS_OFFSET] + b"\1\1" + content[_VERSIONS_OFFSET + 2 :])
            _protect(connection)
            if not _is_plain_table(connection):
                raise DatabaseDamaged("it has no table Packages with a column blob")
            connection.set_authorizer(_authorize)
            for (header,) in connection.execute(_QUERY):
                if not isinstance(header, bytes):
                    raise DatabaseDamaged("a row of its table Packages has no header")
                yield header
    except (sqlite3.Error, ValueError, OverflowError) as error:
        # The last two come from texts that are no text.
        reason = str(error)[:_MAX_REASON_CHARS]
        raise DatabaseDamaged(f"SQLite cannot read its table Packages: {reason}") from error


def _protect(connection: sqlite3.Connection) -> None:
    connection.execute("PRAGMA trusted_schema = OFF")
    connection.execute("PRAGMA cell_size_check = ON")
    connection.execute("PRAGMA query_only = ON")
    checks = iter(range(_MAX_STEPS // _STEPS_A_CHECK))
    connection.set_progress_handler(lambda: next(checks, None) is None, _STEPS_A_CHECK)


def _is_plain_table(connection: sqlite3.Connection) -> bool:
    """True if the table is no view, and no program behind it makes the column."""
    statements = connection.execute("SELECT sql FROM sqlite_master WHERE name = 'Packages'").fetchall()
    columns = connection.execute("SELECT hidden FROM pragma_table_xinfo('Packages') WHERE name = 'blob'").fetchall()
    is_table = len(statements) == 1 and str(statements[0][0]).upper().startswith("CREATE TABLE")
    return is_table and columns == [(0,)]


def _authorize(action: int, table: str | None, _: str | None, database: str | None, source: str | None) -> int:
    """Allows to read the table's rows, but nothing from within a view or a trigger."""
    is_allowed = action == sqlite3.SQLITE_SELECT or (
        action == sqlite3.SQLITE_READ and table == "Packages" and database == "main" and source is None
    )
    return sqlite3.SQLITE_OK if is_allowed else sqlite3.SQLITE_DENY
