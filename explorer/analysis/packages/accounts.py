"""The accounts of an image: names and UIDs, but no passwords.

They are read and cached with the packages.

Sources: the manual pages passwd(5) and shadow(5).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from explorer.analysis.packages.formats import Found, Stated

_PASSWD, _SHADOW = "etc/passwd", "etc/shadow"
_MAX_BYTES = 256 << 10
_MAX_NAME_CHARS = 100
_NO_PASSWORD = "no password"  # noqa: S105 -- no password


@dataclass(frozen=True, slots=True)
class Accounts:
    """The accounts at a layer; not printable."""

    uids: Mapping[str, str] = field(default_factory=dict)
    """Name to UID. The first line of a name counts."""
    without_password: Mapping[str, str] = field(default_factory=dict)
    """Names of users that log in without a password, with the files that say so."""


class _AccountsFormat:
    """Reads users as if they were packages, so that they are cached with their layer."""

    kind = "accounts"

    def matches(self, path: str) -> bool:
        return path in (_PASSWD, _SHADOW)

    def parse(self, path: str, content: bytes) -> Stated:
        """Returns the users of passwd, or those of shadow without password."""
        users: list[Found] = []
        for line in content[:_MAX_BYTES].decode("utf-8", "surrogateescape").splitlines():
            name, _, rest = line.partition(":")
            password, *fields = rest.split(":")
            if not name or len(name) > _MAX_NAME_CHARS or not fields:
                continue
            note = "" if password else _NO_PASSWORD
            if path == _PASSWD and fields[0].isdigit():
                users.append(Found(name, fields[0][:_MAX_NAME_CHARS], note))
            elif path == _SHADOW and note:
                users.append(Found(name, "", note))
        return tuple(users)

    def join(self, files: Mapping[str, Stated]) -> Iterator[Found]:
        for stated in files.values():
            yield from stated


FORMAT = _AccountsFormat()


def accounts_of(files: Mapping[str, Stated]) -> Accounts:
    """Returns the accounts that the visible files state."""
    users = files.get(_PASSWD, ())
    uids = {found.name: found.version for found in reversed(users)}
    without = {
        found.name: path
        for path, stated in files.items()
        for found in stated
        if found.architecture == _NO_PASSWORD and found.name in uids
    }
    return Accounts(dict(reversed(uids.items())), without)
