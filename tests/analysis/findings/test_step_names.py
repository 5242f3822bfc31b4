"""Names of the steps that findings are in."""

from __future__ import annotations

import pytest

from explorer.analysis.findings.finding import PathPlace, StepPlace
from explorer.analysis.findings.finding_words import place_words
from explorer.analysis.findings.step_names import with_step_names
from explorer.gate.ignored_findings import ignored_test
from explorer.model import HistoryStep, Image
from tests.analysis.findings.made_findings import made_finding


@pytest.mark.parametrize(
    ("created_by", "key", "name"),
    [
        ("ENV API_TOKEN=****", "Env.API_TOKEN", "ENV API_TOKEN"),
        ("ENV A=1 API_TOKEN=****", "Env.API_TOKEN", "ENV API_TOKEN"),
        ("/bin/sh -c #(nop)  ARG ADMIN_PASSWORD=****", "", "ARG ADMIN_PASSWORD"),
        ("RUN /bin/sh -c make  \\\n install # buildkit", "", "RUN make \\ install"),
        ("RUN /bin/sh -c " + "x" * 90, "", "RUN " + "x" * 45 + "…"),
        ('CMD ["serve"]', "Cmd", 'CMD ["serve"]'),
    ],
)
def test_a_step_is_named_by_its_instruction(created_by: str, key: str, name: str) -> None:
    """The name is what the Dockerfile has: the variable, or the start of the command."""
    image = Image("a:1", "", (), history=(HistoryStep(created_by),))
    (finding,) = with_step_names([made_finding(place=StepPlace(0, key), layer=None)], image)
    assert place_words(finding) == name
    assert ignored_test([f"private-key:{name[:8]}*"])(finding)


def test_other_places_keep_their_words() -> None:
    """Files have no step, and a step that the history lacks has its number."""
    image = Image("a:1", "", ())
    found = with_step_names([made_finding(), made_finding(place=StepPlace(3))], image)
    assert [place_words(each) for each in found] == ["/app/key", "step 3 of the history"]
    assert place_words(made_finding(place=PathPlace("a"))) == "/a"
