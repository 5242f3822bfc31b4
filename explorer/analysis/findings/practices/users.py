"""Practices of the accounts in an image."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

from explorer.analysis.findings.finding import ConfigPlace, PathPlace
from explorer.analysis.findings.practices.own_steps import quoted
from explorer.analysis.findings.practices.practice_case import Evidence, Finder, PracticeCase
from explorer.analysis.packages.accounts import Accounts
from explorer.text.printable import printable
from explorer.text.units import counted
from explorer.text.words import enumerated

_ACCOUNTS_FILE = "etc/passwd"
_MAX_NAMES = 3


def unknown_user(case: PracticeCase) -> Iterator[Evidence]:
    """Finds a USER that the image does not have."""
    user, accounts = case.image.config.user.partition(":")[0], _accounts(case)
    if user and not user.isdigit() and accounts is not None and user not in accounts.uids and not case.is_only_base:
        why = f"USER names {quoted(user)}, but /etc/passwd does not have it, so no container starts."
        yield Evidence(ConfigPlace("User"), why)


def second_root(case: PracticeCase) -> Iterator[Evidence]:
    """Finds users above the base with the rights of root."""
    names = [name for name, uid in _new_uids(case).items() if name != "root" and uid.lstrip("0") == ""]
    if names:
        why = f"{_users(names)} the UID 0."
        yield Evidence(PathPlace(_ACCOUNTS_FILE), why, _layer(case, _ACCOUNTS_FILE))


def shared_uid(case: PracticeCase) -> Iterator[Evidence]:
    """Finds users above the base that share a UID."""
    accounts, new = _accounts(case), _new_uids(case)
    by_uid: defaultdict[str, list[str]] = defaultdict(list)
    for name, uid in accounts.uids.items() if accounts is not None else ():
        by_uid[uid].append(name)
    shared = [
        (uid, names)
        for uid, names in by_uid.items()
        if len(names) > 1 and uid.lstrip("0") and not new.keys().isdisjoint(names)
    ]
    if shared:
        uid, names = shared[0]
        why = f"{_users(names)} the UID {printable(uid)}."
        yield Evidence(PathPlace(_ACCOUNTS_FILE), why, _layer(case, _ACCOUNTS_FILE))


def empty_password(case: PracticeCase) -> Iterator[Evidence]:
    """Finds users that need no password, because of a layer above the base."""
    accounts, base = _accounts(case), case.packages.accounts_at(case.base_layers - 1)
    without = accounts.without_password if accounts is not None else {}
    names = [name for name in without if name not in base.without_password]
    if names:
        path = without[names[0]]
        yield Evidence(PathPlace(path), f"{_users(names)} an empty password.", _layer(case, path))


def _users(names: Sequence[str]) -> str:
    """Returns a few users and their verb as the start of a sentence."""
    listed = [quoted(name, 40) for name in names[:_MAX_NAMES]]
    if len(names) > _MAX_NAMES:
        return f"The users {', '.join(listed)} and {len(names) - _MAX_NAMES:,} more have"
    return f"The users {enumerated(listed, 'and')} have" if len(names) > 1 else f"The user {listed[0]} has"


def unknown_owner(case: PracticeCase) -> Iterator[Evidence]:
    """Finds files above the base whose owner no user has."""
    accounts = _accounts(case)
    if accounts is None or not accounts.uids:
        return
    known = {*accounts.uids.values(), case.image.config.user.partition(":")[0]}
    nodes = [node for uid, each in case.own_files.by_uid.items() if str(uid) not in known for node in each]
    nodes = [node for node in nodes if case.packages.owner(node, node.history[-1].layer) is None]
    entries = [entry for node in nodes if (entry := node.history[-1].entry) is not None]
    if entries:
        largest = min(entries, key=lambda entry: (-entry.size, entry.path))
        why = f"{counted(len(entries), 'file')} above the base, and no user has their UID: "
        why = f"{why}{printable('/' + largest.path)} has {largest.uid}."
        yield Evidence(PathPlace(largest.path), why, _layer(case, largest.path))


def _accounts(case: PracticeCase) -> Accounts | None:
    """Returns the accounts of the image; None if they are not known."""
    if case.packages.needs_fetch or case.packages.problems or not case.is_complete:
        return None
    accounts = case.packages.accounts_at(len(case.image.layers) - 1)
    return accounts if accounts.uids or not case.is_visible(_ACCOUNTS_FILE) else None


def _new_uids(case: PracticeCase) -> dict[str, str]:
    """Returns the users with another UID than in the base."""
    accounts, base = _accounts(case), case.packages.accounts_at(case.base_layers - 1)
    return dict(accounts.uids.items() - base.uids.items()) if accounts is not None else {}


def _layer(case: PracticeCase, path: str) -> int | None:
    node = case.tree.find(path)
    return node.history[-1].layer if node is not None else None


FINDERS: Mapping[str, Finder] = {
    "unknown-user": unknown_user,
    "second-root": second_root,
    "shared-uid": shared_uid,
    "empty-password": empty_password,
    "unknown-owner": unknown_owner,
}
