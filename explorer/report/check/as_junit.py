"""The verdict as JUnit XML for Jenkins, GitLab and GitHub Actions.

Each rule is a test case. It has no times, so that the same image and rules give the same text.
"""

from __future__ import annotations

import re
from xml.etree import ElementTree as ET

from explorer.gate.limits import Outcome, Status
from explorer.report.check import Check, words
from explorer.report.check.advice_lines import advice_lines
from explorer.report.check.as_text import check_text
from explorer.report.page import Page
from explorer.text.printable import printable

_NAME = "layer-explorer"
_NO_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Characters that XML 1.0 does not allow, not even escaped."""


def check_junit(check: Check) -> str:
    """Returns one test suite, in ASCII so that any declared encoding is right."""
    outcomes = check.judgement.outcomes
    counts = {
        "tests": str(len(outcomes) + check.fails_by_damage),
        "failures": str(sum(outcome.status is Status.FAIL for outcome in outcomes)),
        "errors": str(int(check.fails_by_damage)),
        "skipped": str(sum(outcome.status is Status.SKIP for outcome in outcomes)),
    }
    root = ET.Element("testsuites", {"name": _NAME, **counts})
    suite = ET.SubElement(root, "testsuite", {"name": _legal(printable(check.exploration.image.reference)), **counts})
    if check.fails_by_damage:
        case = ET.SubElement(suite, "testcase", {"classname": _NAME, "name": "damage"})
        error = ET.SubElement(case, "error", {"type": "damage", "message": "the image is damaged"})
        error.text = _legal("\n".join(words.damage(check)))
    for outcome in outcomes:
        _add_case(suite, check, outcome)
    ET.SubElement(suite, "system-out").text = _legal(check_text(check))
    ET.indent(root)
    document = ET.tostring(root, encoding="us-ascii", xml_declaration=False).decode()
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{document}\n'


def _add_case(suite: ET.Element, check: Check, outcome: Outcome) -> None:
    # The class name is the same for all images, because CI systems use it to find the history of a rule.
    case = ET.SubElement(suite, "testcase", {"classname": _NAME, "name": outcome.name})
    message = _legal(words.sentence(outcome))
    if outcome.status is Status.SKIP:
        ET.SubElement(case, "skipped", {"message": message})
    elif outcome.status is Status.FAIL:
        failure = ET.SubElement(case, "failure", {"type": outcome.name, "message": message})
        lines = (
            words.sentence(outcome),
            f"[{printable(outcome.origin)}]",
            *advice_lines(check, outcome, Page(), set()),
            *words.headed("At fault:", words.at_fault(check, outcome)),
        )
        failure.text = _legal("\n".join(lines))


def _legal(text: str) -> str:
    return _NO_XML.sub(lambda match: f"\\u{ord(match.group()):04x}", text)
