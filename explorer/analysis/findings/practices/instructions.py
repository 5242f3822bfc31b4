"""Practices of the instructions of a Dockerfile, except RUN."""

from __future__ import annotations

import posixpath
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping

from explorer.analysis.base.base import Evidence as BaseEvidence
from explorer.analysis.findings.finding import ConfigPlace, StepPlace
from explorer.analysis.findings.practices.own_steps import OwnStep, quoted
from explorer.analysis.findings.practices.practice_case import Evidence, Finder, PracticeCase, in_each_step
from explorer.analysis.findings.secrets.secret_variables import is_secret_variable
from explorer.model import Kind
from explorer.text.dockerfile import assignments, instruction
from explorer.text.printable import printable
from explorer.text.words import enumerated

_DOWNLOADED = re.compile("[0-9a-f]{64} in ")
"""The start of what builders without BuildKit record of an ADD that downloads."""
_NAMES_IN_DOCKERFILE = (BaseEvidence.HISTORY, BaseEvidence.ANNOTATION, BaseEvidence.PROVENANCE)
"""The evidence that has the name of the base as FROM has it."""
_ARCHIVE = re.compile(r".+\.(?:tar|tgz|tbz2?|txz|tlz|tzst|(?:tar\.)?(?:gz|bz2|xz|lzma|zst))", re.IGNORECASE)
_REPOSITORY = re.compile(r"(?:git|ssh)://|git@|.+\.git(?:#|$)")
_REMOTE = re.compile(rf"(?:https?|ftp)://|{_REPOSITORY.pattern}")
_ONCE = {"CMD": ("DL4003",), "ENTRYPOINT": ("DL4004",), "HEALTHCHECK": ("DL3012",)}
_MAX_LAYERS = 127
"""Engines cannot mount more layers than this."""
_MANY_LAYERS = 100
_MAX_VARIABLES = 100
_CHANGING_COMMAND = re.compile(r"(?:sudo )?(?:chmod|chown|chgrp|mkdir|touch)\b")


def latest_base(case: PracticeCase) -> Iterator[Evidence]:
    """Finds a base that is named without a version."""
    base = case.base
    if base is None or base.evidence not in _NAMES_IN_DOCKERFILE or "@" in base.name or not base.name:
        return
    tag = base.name.rpartition("/")[2].partition(":")[2]
    if tag in ("", "latest"):
        first = case.own_steps[0].number if case.own_steps else None
        why = f"FROM names {quoted(base.name)}, which is another image after each of its releases."
        yield Evidence(
            ConfigPlace("FROM") if first is None else StepPlace(first), why, other_ids=("DL3007" if tag else "DL3006",)
        )


def secret_variable(case: PracticeCase) -> Iterator[Evidence]:
    """Finds variables and build arguments with the name of a secret and a value."""
    names = {variable.partition("=")[0] for variable in case.image.config.env}
    is_known = set[str]()
    # The steps of the case have no values of secrets.
    history = (case.image.original or case.image).history
    for step in case.own_steps:
        pairs = assignments(instruction(history[step.number].created_by), names) if step.keyword != "LABEL" else ()
        for name, value in pairs:
            if name in is_known or len(is_known) == _MAX_VARIABLES or not is_secret_variable(name, value):
                continue
            is_known.add(name)
            if step.keyword == "ENV" and name in names:
                why = f"ENV {quoted(name)} has a value that everybody who has the image can read."
                yield Evidence(ConfigPlace(f"Env.{name}"), why, step.layer)
            else:
                why = f"The history keeps the value of {quoted(name)}, and everybody who has the image can read it."
                yield Evidence(StepPlace(step.number), why, step.layer)


def add_of_copy(case: PracticeCase) -> Iterator[Evidence]:
    """Finds each ADD that only copies local files."""
    for step in case.own_steps:
        if step.keyword == "ADD" and step.layer is not None and _only_copies(case, step):
            why = "This ADD unpacks and downloads nothing."
            yield Evidence(StepPlace(step.number), why, step.layer)


def _only_copies(case: PracticeCase, step: OwnStep) -> bool:
    """True if ADD certainly unpacks and downloads nothing."""
    words = step.words
    if _DOWNLOADED.match(step.instruction.arguments):
        return False
    if step.instruction.origin:
        # The old builder does not record the name of the source.
        files = [entry.path for entry in case.tree.layers[step.layer or 0].entries if entry.kind is not Kind.DIRECTORY]
        is_same = files == [posixpath.normpath(words[-1]).lstrip("/")] if words else False
        return step.instruction.origin == "a directory" or is_same
    sources = words[:-1]
    return bool(sources) and not any(
        _ARCHIVE.fullmatch(source) or _REMOTE.match(source) or set("*?[$<") & set(source) for source in sources
    )


def _unchecked_download(step: OwnStep) -> str:
    if step.keyword != "ADD" or any(flag.startswith("--checksum") for flag in step.instruction.flags):
        return ""
    urls = [word for word in step.words[:-1] if word.startswith(("http://", "https://"))]
    is_download = not all(map(_REPOSITORY.match, urls)) or bool(_DOWNLOADED.match(step.instruction.arguments))
    if not is_download:
        return ""
    return "ADD downloads a file, and nothing notices if the server changes it."


def _maintainer(step: OwnStep) -> str:
    return "MAINTAINER is deprecated, and only LABEL can be queried." if step.keyword == "MAINTAINER" else ""


def relative_workdir(case: PracticeCase) -> Iterator[Evidence]:
    """Finds the first WORKDIR above the base if it depends on that of the base."""
    for step in case.own_steps:
        path = step.instruction.arguments.strip().strip("\"'")
        if step.keyword == "WORKDIR":
            if path and not path.startswith(("/", "\\", "$")) and path[1:2] != ":":
                why = f"WORKDIR {quoted(path)} is below the WORKDIR of the base, which may change."
                yield Evidence(StepPlace(step.number), why, step.layer)
            return


def replaced_instruction(case: PracticeCase) -> Iterator[Evidence]:
    """Finds CMD, ENTRYPOINT and HEALTHCHECK that a later step replaces."""
    steps: defaultdict[str, list[OwnStep]] = defaultdict(list)
    for step in case.own_steps:
        if step.keyword in _ONCE:
            steps[step.keyword].append(step)
    for keyword, same in steps.items():
        if len(same) > 1:
            why = f"{len(same)} steps set {keyword}, and only the last counts."
            yield Evidence(StepPlace(same[0].number), why, other_ids=_ONCE[keyword])


def many_layers(case: PracticeCase) -> Iterator[Evidence]:
    """Finds an image that comes near to the number of layers that engines mount."""
    count = len(case.image.layers)
    if count >= _MANY_LAYERS and len(case.own_layers) > 1:
        why = f"The image has {count} layers, {len(case.own_layers)} of them above the base."
        yield Evidence(ConfigPlace("rootfs.diff_ids"), f"{why} Engines mount at most {_MAX_LAYERS} layers.")


def change_below_volume(case: PracticeCase) -> Iterator[Evidence]:
    """Finds RUNs that change files below a volume, where builders drop changes."""
    volumes: list[str] = []
    for step in case.own_steps:
        if step.keyword == "VOLUME":
            paths = [word for word in step.words if word.startswith("/") and len(word) > 1]
            volumes += [posixpath.normpath(path).strip("/") for path in paths]
        if step.layer is None or not volumes or not step.commands:
            continue
        changed = [volume for volume in volumes if _loses_changes(case, step, volume)]
        if changed:
            named = enumerated([printable(f"/{volume}") for volume in changed], "and")
            why = f"This RUN changes files below {named} after VOLUME, and its layer has nothing there."
            yield Evidence(StepPlace(step.number), why, step.layer)


def _loses_changes(case: PracticeCase, step: OwnStep, volume: str) -> bool:
    """True if a RUN changes files below a volume, and its layer has none of them."""
    words = [word.strip("'\"") for each in step.commands if _CHANGING_COMMAND.match(each) for word in each.split()[1:]]
    named = [word.strip("/") for word in words if word.startswith(f"/{volume}/")]
    if not named or any(map(case.is_visible, named)):
        return False
    return not any(entry.path.startswith(f"{volume}/") for entry in case.tree.layers[step.layer or 0].entries)


FINDERS: Mapping[str, Finder] = {
    "latest-base": latest_base,
    "secret-variable": secret_variable,
    "add-of-copy": add_of_copy,
    "unchecked-download": in_each_step(_unchecked_download),
    "maintainer": in_each_step(_maintainer),
    "relative-workdir": relative_workdir,
    "replaced-instruction": replaced_instruction,
    "many-layers": many_layers,
    "change-below-volume": change_below_volume,
}
