"""The verdict as JUnit XML, as Jenkins, GitLab and GitHub's actions read it: a test case for each rule.

There are no times in it: the same image and rules give the same text.
"""

from __future__ import annotations

import re
from xml.etree import ElementTree as ET

from explorer.gate.judges import Outcome, Status
from explorer.report.check import Check, words
from explorer.report.check.as_text import check_text
from explorer.text.printable import printable

_NAME = "layer-explorer"
_NO_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What no document of XML 1.0 can hold, not even escaped."""


def check_junit(check: Check) -> str:
    """One test suite, named after the image. ASCII, so that it is what it says it is in any encoding."""
    outcomes = check.judgement.outcomes
    counts = {
        "tests": str(len(outcomes)),
        "failures": str(sum(outcome.status is Status.FAIL for outcome in outcomes)),
        "errors": "0",
        "skipped": str(sum(outcome.status is Status.SKIP for outcome in outcomes)),
    }
    root = ET.Element("testsuites", {"name": _NAME, **counts})
    suite = ET.SubElement(root, "testsuite", {"name": _legal(printable(check.reference)), **counts})
    for outcome in outcomes:
        _add_case(suite, check, outcome)
    ET.SubElement(suite, "system-out").text = _legal(check_text(check))
    ET.indent(root)
    document = ET.tostring(root, encoding="us-ascii", xml_declaration=False).decode()
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{document}\n'


def _add_case(suite: ET.Element, check: Check, outcome: Outcome) -> None:
    # The name of the class stays the same from image to image, for it is what a rule's history hangs on.
    case = ET.SubElement(suite, "testcase", {"classname": _NAME, "name": outcome.rule})
    message = _legal(words.sentence(outcome))
    if outcome.status is Status.SKIP:
        ET.SubElement(case, "skipped", {"message": message})
    elif outcome.status is Status.FAIL:
        failure = ET.SubElement(case, "failure", {"type": outcome.rule, "message": message})
        lines = (words.sentence(outcome), f"[{printable(outcome.origin)}]", *words.to_blame(check, outcome))
        failure.text = _legal("\n".join(lines))


def _legal(text: str) -> str:
    return _NO_XML.sub(lambda match: f"\\u{ord(match.group()):04x}", text)
