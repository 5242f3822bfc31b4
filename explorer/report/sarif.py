"""SARIF 2.1.0, for code scanning on GitHub and for other tools.

A result is at the lines of the Dockerfile if they are known. Otherwise it is at the file in the image, or at the image.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from typing import Any
from urllib.parse import quote

from explorer import __version__
from explorer.analysis.findings.finding import ConfigPlace, Finding, FindingKind, PathPlace, Severity
from explorer.analysis.findings.finding_words import place_words, where_words
from explorer.analysis.findings.image_findings import ImageFindings
from explorer.model import Image
from explorer.pipeline import Exploration
from explorer.report.dockerfile_place import DockerfilePlace, finding_place, misfit_words
from explorer.report.findings import missing_words
from explorer.report.json_text import dumps
from explorer.text.printable import printable, shortened, without_login

Json = dict[str, Any]

_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_IMAGE_BASE_ID = "IMAGE"
_MAX_RESULTS = 25_000
"""GitHub accepts no more results, and no more rules, in a run."""
_MAX_TEXT_CHARS = 1000
"""GitHub accepts 1,024 characters in a description."""
_LEVELS = {
    Severity.CRITICAL: "error",
    Severity.HIGH: "error",
    Severity.MEDIUM: "warning",
    Severity.LOW: "note",
    Severity.INFO: "note",
}
_SCORES = {Severity.CRITICAL: "9.5", Severity.HIGH: "8.0", Severity.MEDIUM: "5.5", Severity.LOW: "2.0"}
"""GitHub shows the severities that these scores stand for."""


def findings_sarif(rows: Sequence[Finding], all_findings: ImageFindings, exploration: Exploration) -> str:
    """Returns the document of some findings of an image."""
    image = exploration.image
    results = [*finding_results(rows, image, partial(finding_place, exploration))]
    return sarif_document(sarif_run(finding_rules(rows), results, image, sarif_warnings(exploration, all_findings)))


def sarif_warnings(exploration: Exploration, all_findings: ImageFindings) -> Sequence[str]:
    """Returns the reasons why findings or lines may be missing."""
    return [*missing_words(all_findings), *all_findings.notes, *filter(None, [misfit_words(exploration)])]


def sarif_document(run: Json) -> str:
    """Returns a document with one run, in ASCII and with a newline at the end."""
    return f"{dumps({'$schema': _SCHEMA, 'version': '2.1.0', 'runs': [run]}, indent=1)}\n"


def sarif_run(rules: Sequence[Json], results: Sequence[Json], image: Image, warnings: Sequence[str]) -> Json:
    """Returns a run.

    Args:
        rules: The rules of the results, each once.
        results: The results, the most important first.
        image: The image.
        warnings: Reasons why results may be missing; printable.
    """
    left_out = len(results) - _MAX_RESULTS
    if left_out > 0:
        warnings = [*warnings, f"{left_out:,} more results are left out"]
    kept = results[:_MAX_RESULTS]
    used = {result["ruleId"] for result in kept}
    return {
        "tool": {
            "driver": {
                "name": "Layer Explorer",
                "semanticVersion": __version__,
                "rules": [rule for rule in rules if rule["id"] in used],
            }
        },
        "invocations": [
            {
                "executionSuccessful": True,
                "toolExecutionNotifications": [
                    {"level": "warning", "message": _message(warning)} for warning in warnings
                ],
            }
        ],
        "originalUriBaseIds": {
            _IMAGE_BASE_ID: {"description": _message(f"The root directory of the image {_shown_reference(image)}.")}
        },
        "columnKind": "unicodeCodePoints",
        "results": kept,
        "properties": {"image": _shown_reference(image), "imageId": printable(image.id)},
    }


def sarif_rule(name: str, level: str, title: str, text: str, tags: Sequence[str] = (), score: str = "") -> Json:
    """Returns a rule; all texts are printable, and ``score`` is from 0 to 10."""
    return {
        "id": name,
        "shortDescription": _message(title),
        "fullDescription": _message(text or title),
        "help": _message(text or title),
        "defaultConfiguration": {"level": level},
        "properties": {"tags": list(tags), **({"security-severity": score} if score else {})},
    }


def finding_rules(findings: Iterable[Finding]) -> list[Json]:
    """Returns the rule of each name, as severe as its most severe finding."""
    firsts: dict[str, Finding] = {}
    for each in findings:
        known = firsts.get(each.id)
        if known is None or each.severity.rank < known.severity.rank:
            firsts[each.id] = each
    return [
        sarif_rule(
            each.id,
            _LEVELS[each.severity],
            each.title,
            each.do,
            [each.kind.value, *(() if each.kind is FindingKind.PRACTICE else ("security",)), *each.other_ids],
            _SCORES.get(each.severity, ""),
        )
        for each in firsts.values()
    ]


def finding_results(
    findings: Iterable[Finding], image: Image, place_of: Callable[[Finding], DockerfilePlace | None]
) -> Iterator[Json]:
    """Yields the result of each finding; ``place_of`` knows the Dockerfile's lines."""
    counts: Counter[str] = Counter()
    for each in findings:
        place, fingerprint = place_of(each), _fingerprint(each)
        counts[fingerprint] += 1
        base = (
            {"suppressions": [{"kind": "external", "justification": "It is of the base image."}]}
            if each.is_base
            else {}
        )
        yield {
            "ruleId": each.id,
            "level": _LEVELS[each.severity],
            "message": _message(_finding_text(each)),
            "locations": [_location(each, image, place)],
            # GitHub knows an alert again by this name alone.
            "partialFingerprints": {"primaryLocationLineHash": f"{fingerprint}:{counts[fingerprint]}"},
            **base,
            "properties": {
                "kind": each.kind.value,
                "severity": each.severity.value,
                "layer": each.layer,
                "hidden_in": each.hidden_in,
                "bytes": each.bytes,
                "base": each.is_base,
            },
        }


def image_location(image: Image, place: DockerfilePlace | None) -> Json:
    """Returns a location in the Dockerfile, or else the image itself."""
    if place is not None:
        region = {"startLine": place.first_line, "endLine": place.last_line}
        return {"physicalLocation": {"artifactLocation": {"uri": _uri(place.file)}, "region": region}}
    # GitHub rejects results without a file, and those whose address is absolute.
    address = {"uri": _uri(_shown_reference(image))}
    return {"physicalLocation": {"artifactLocation": address, "region": {"startLine": 1}}}


def result(name: str, level: str, text: str, location: Json) -> Json:
    """Returns a result about the whole image."""
    return {"ruleId": name, "level": level, "message": _message(text), "locations": [location]}


def _location(finding: Finding, image: Image, place: DockerfilePlace | None) -> Json:
    where = finding.place
    if place is None and isinstance(where, PathPlace):
        address = {"uri": _uri(where.path), "uriBaseId": _IMAGE_BASE_ID}
        location: Json = {"physicalLocation": {"artifactLocation": address, "region": {"startLine": where.line or 1}}}
    else:
        location = image_location(image, place)
    return {**location, "logicalLocations": [{"fullyQualifiedName": place_words(finding)}]}


def _finding_text(finding: Finding) -> str:
    package = f", in {finding.package.name_and_version}" if finding.package else ""
    return f"{finding.title}{package}: {where_words(finding)}. {finding.why} {finding.do}".rstrip()


def _fingerprint(finding: Finding) -> str:
    """Returns a hash of the name and the place that is the same in the next build.

    Numbers of layers, steps and lines change with each edit, so they are left out.
    """
    place = finding.place
    words = [finding.id, finding.package.full_name if finding.package else ""]
    if isinstance(place, PathPlace):
        words += ["path", place.path]
    elif isinstance(place, ConfigPlace):
        words += ["config", place.key]
    else:
        words.append("step")
    return hashlib.sha256("\0".join(words).encode(errors="surrogatepass")).hexdigest()[:16]


def _message(text: str) -> Json:
    """Returns a message that shows a printable text as it is.

    In messages, braces have a meaning, and so have square brackets before an address.
    """
    text = shortened(text, _MAX_TEXT_CHARS)
    return {"text": text.replace("{", "{{").replace("}", "}}").replace("](", "] (")}


def _uri(path: str) -> str:
    """Returns a path as a relative address, with each special byte escaped."""
    try:
        encoded = path.encode(errors="surrogateescape")
    except UnicodeEncodeError:
        encoded = path.encode(errors="replace")
    return quote(encoded.lstrip(b"/") or b".", safe="/")


def _shown_reference(image: Image) -> str:
    return printable(without_login(image.reference))
