"""Secrets of whole images: each with its layer and its fate."""

from __future__ import annotations

from pathlib import Path

import pytest

from explorer.analysis.findings.finding import PathPlace, StepPlace
from explorer.model import Progress, Watcher
from tests.analysis.findings.secrets.made_secrets import OTHER_TOKEN, TOKEN, WITH_TOKEN, fates, secrets
from tests.images import explored_layers, file, hardlink, layer, whiteout


def test_a_visible_secret_is_found_with_its_line(tmp_path: Path) -> None:
    """The place has the line, and no text holds the secret."""
    content = f"a\nb\ntoken = {TOKEN}\n".encode()
    [finding] = secrets(explored_layers(tmp_path, layer(file("app/conf", content))))
    assert (finding.place, finding.layer, finding.hidden_in) == (PathPlace("app/conf", 3), 0, None)
    assert finding.bytes == len(content)
    assert TOKEN not in repr(finding)


def test_a_deleted_secret_is_found_in_the_layer_that_ships_it(tmp_path: Path) -> None:
    """The layer that hides it does not take it back."""
    exploration = explored_layers(
        tmp_path, layer(file("a")), layer(file("conf", TOKEN.encode())), layer(whiteout("conf"))
    )
    assert fates(exploration) == [("conf", 1, 1, 2)]


def test_each_version_of_a_file_is_searched(tmp_path: Path) -> None:
    """An older version keeps its own secret."""
    exploration = explored_layers(
        tmp_path, layer(file("conf", TOKEN.encode())), layer(file("conf", OTHER_TOKEN.encode()))
    )
    assert fates(exploration) == [("conf", 1, 0, 1), ("conf", 1, 1, None)]


def test_a_content_that_is_shipped_again_is_one_finding(tmp_path: Path) -> None:
    """It is at the layer that first ships it, visible as its copy is, and names the copy."""
    content = TOKEN.encode()
    exploration = explored_layers(
        tmp_path, layer(file("conf", content)), layer(file("conf", content, mode=0o600), file("copy", content))
    )
    assert fates(exploration) == [("conf", 1, 0, None)]
    [finding] = secrets(exploration)
    assert "/conf in layer 1 and at /copy in layer 1" in finding.why


def test_a_secret_of_a_build_argument_is_found_once(tmp_path: Path) -> None:
    """It is at the first step that has it."""
    command = f"RUN |1 NPM_TOKEN={TOKEN} /bin/sh -c npm ci # buildkit"
    history = [{"created_by": command}, {"created_by": command}]
    exploration = explored_layers(tmp_path, layer(file("a")), layer(file("b")), history=history)
    [finding] = secrets(exploration)
    assert (finding.place, finding.layer) == (StepPlace(0), 0)
    assert finding.why == "The build argument NPM_TOKEN has ghp_****. The history has it in 1 more step."


def test_a_secret_of_a_variable_is_found_once(tmp_path: Path) -> None:
    """The step is to blame, and the finding names the variable."""
    history = [{"created_by": "COPY a /"}, {"created_by": f"ENV API_TOKEN={TOKEN}", "empty_layer": True}]
    config = {"Env": [f"API_TOKEN={TOKEN}"]}
    [finding] = secrets(explored_layers(tmp_path, layer(file("a")), history=history, config=config))
    assert (finding.place, finding.layer) == (StepPlace(1), None)
    assert finding.why == "ENV API_TOKEN has ghp_****. The settings have it, too: Env.API_TOKEN."


def test_names_of_secrets_are_no_findings_of_their_own(tmp_path: Path) -> None:
    """A variable and a file whose contents are known are not found again by their names."""
    history = [{"created_by": "COPY . /"}, {"created_by": f"ENV API_TOKEN={TOKEN}", "empty_layer": True}]
    config = {"Env": [f"API_TOKEN={TOKEN}"]}
    exploration = explored_layers(
        tmp_path, layer(file("app/.env", b"DEBUG=1\n"), file("app/.npmrc")), history=history, config=config
    )
    ids = {each.id for each in exploration.read_findings(Watcher()).findings}
    assert ids.isdisjoint({"secret-variable", "credential-file"})


def test_a_name_is_no_finding_before_the_contents_are_searched(tmp_path: Path) -> None:
    """A file that is named like a login does not come and go while files are searched."""
    exploration = explored_layers(tmp_path, layer(file("root/.ssh/id_rsa", b"not a key")))
    early: list[set[str]] = []

    class Listener(Watcher):
        def progress(self, progress: Progress) -> None:
            found = exploration.known_findings
            early.append({each.id for each in found.findings} if found is not None else set())

    exploration.read_findings(Listener())
    assert early
    assert "credential-file" not in set().union(*early)


def test_the_names_of_an_inode_are_one_finding(tmp_path: Path) -> None:
    """It is visible as long as one of them is, and deleted by the layer that hides the last."""
    first = layer(file("a", WITH_TOKEN), hardlink("b", "a"))
    second = layer(whiteout("a"))
    assert fates(explored_layers(tmp_path, first, second)) == [("b", 1, 0, None)]
    assert fates(explored_layers(tmp_path, first, second, layer(whiteout("b")))) == [("a", 1, 0, 2)]


def test_a_file_that_no_container_sees_is_searched(tmp_path: Path) -> None:
    """A later file of the same layer takes its path, but its bytes are shipped."""
    exploration = explored_layers(tmp_path, layer(file("a", WITH_TOKEN), file("a", b"nothing here")))
    (finding,) = secrets(exploration)
    assert (finding.layer, finding.hidden_in) == (0, 0)
    assert finding.why == "Line 1 has ghp_****. No container sees it, but layer 0 ships it."


def test_the_sentence_names_the_layer_that_hides_it(tmp_path: Path) -> None:
    """Deleted and replaced files still ship."""
    exploration = explored_layers(
        tmp_path,
        layer(file("a", WITH_TOKEN), file("b", OTHER_TOKEN.encode())),
        layer(whiteout("a"), file("b", b"clean")),
    )
    assert [each.why for each in secrets(exploration)] == [
        "Line 1 has ghp_****. Layer 1 deletes the file, but layer 0 still ships it.",
        "Line 1 has ghp_****. Layer 1 replaces the file, but layer 0 still ships it.",
    ]


@pytest.mark.parametrize(
    ("created_by", "remedy"),
    [
        ("COPY . /", "Keep the file out of the COPY of layer 1: list it in .dockerignore."),
        ("COPY --from=build /app /app", "Do not copy the file from the build stage in the COPY of layer 1."),
        (
            "RUN make",
            "Give the secret to the RUN of layer 1 with --mount=type=secret, and write no file of it.",
        ),
        ("bazel build", "Keep the file out of layer 1."),
    ],
)
def test_the_remedy_names_the_step(tmp_path: Path, created_by: str, remedy: str) -> None:
    """It says how to keep the file out, after what to do with the secret."""
    history = [{"created_by": "COPY base /"}, {"created_by": created_by}]
    exploration = explored_layers(tmp_path, layer(file("a")), layer(file("b", WITH_TOKEN)), history=history)
    (finding,) = secrets(exploration)
    assert finding.do == f"Revoke it and create another. {remedy}"


def test_a_finding_has_all_places_of_its_content(tmp_path: Path) -> None:
    """A pattern that ignores one of them alone does not ignore it."""
    [finding] = secrets(explored_layers(tmp_path, layer(file("a", WITH_TOKEN), hardlink("b", "a"))))
    assert finding.other_places == (PathPlace("b"),)


def test_each_secret_of_a_line_is_a_finding(tmp_path: Path) -> None:
    """A file of one line may have many; the same one again is no other."""
    line = f'["{TOKEN}","{OTHER_TOKEN}","{TOKEN}"]'.encode()
    findings = secrets(explored_layers(tmp_path, layer(file("a.json", line))))
    assert [each.place for each in findings] == [PathPlace("a.json", 1)] * 2
    assert [each.why for each in findings] == [
        "Line 1 has ghp_****, 1 of 2 in this line.",
        "Line 1 has ghp_****, 2 of 2 in this line.",
    ]
