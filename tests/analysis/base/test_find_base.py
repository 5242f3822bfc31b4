"""The base of images as many builders make them, by all evidence."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from explorer.analysis.base.base import Base, Evidence
from explorer.analysis.base.find_base import find_base
from explorer.analysis.base.guesses import guess
from explorer.analysis.base.history import base_in_history
from explorer.model import HistoryStep, Image
from tests.analysis.base.images import image_of, known, number
from tests.analysis.base.trials import TRIALS, Trial, provenance_of_max, step


def found(trial: Trial) -> Base | None:
    """Returns the base of a trial by all of its evidence."""
    return find_base(trial.image, lambda: trial.known)


@pytest.mark.parametrize("trial", TRIALS, ids=lambda trial: trial.name)
def test_the_base_is_found(trial: Trial) -> None:
    """Name, end and certainty are as the evidence allows; an image without a base has none."""
    base = found(trial)
    if not trial.layers and trial.end_is_known:
        assert base is None
        return
    assert base is not None
    assert (base.name, base.exact) == (trial.base, trial.exact)
    assert base.layers == (trial.layers if trial.end_is_known else None)
    assert base.reason.isprintable()


def test_exact_is_never_wrong() -> None:
    """Without some of the evidence a base is unknown, guessed or a lower one; a certain one ends where a base does."""
    for trial in TRIALS:
        for left in (trial.known, trial.known[:1], ()):
            for image in (trial.image, replace(trial.image, annotations=()), replace(trial.image, provenance=tuple)):
                base = find_base(image, lambda left=left: left)  # type: ignore[misc]
                if base is not None and base.exact:
                    ends = {trial.layers, *(len(each.layers) for each in trial.known)}
                    assert base.layers in ends, (trial.name, base)


def trivys_guess(history: Sequence[HistoryStep]) -> int:
    """Returns the layers below the last CMD from above, skipping the metadata at the end, as Trivy does."""
    found_layer = False
    for position in reversed(range(len(history))):
        each = history[position]
        if each.layer is not None:
            found_layer = True
        elif found_layer and each.created_by.startswith(("/bin/sh -c #(nop)  CMD", "CMD")):
            return sum(lower.layer is not None for lower in history[:position])
    return 0


def test_more_bases_are_right_than_by_the_last_cmd() -> None:
    """The rule of another scanner finds fewer of the same bases, and none that is not found here."""
    ours = {trial.name for trial in TRIALS if ((base := found(trial)) and base.layers) == (trial.layers or None)}
    theirs = {trial.name for trial in TRIALS if trivys_guess(trial.image.history) == trial.layers}
    known_ends = {trial.name for trial in TRIALS if trial.end_is_known}
    assert ours >= known_ends - {"BuildKit, only the lower base known"}
    assert theirs & known_ends < ours & known_ends
    assert len(known_ends) - len(theirs & known_ends) >= 8


def test_provenance_has_the_layers_of_its_images() -> None:
    """The image whose layers are the lowest ones of the result is the base, though the build used others, too."""
    image = image_of("RUN a", "RUN b", provenance=lambda: [provenance_of_max()])
    assert find_base(image, tuple) is None
    layers = tuple(replace(layer, digest=number(f"c{layer.number}")) for layer in image.layers)
    base = find_base(replace(image, layers=layers), tuple)
    assert base is not None
    assert (base.layers, base.name, base.digest) == (1, "docker.io/library/debian:12", number("d"))
    assert (base.evidence, base.exact) == (Evidence.PROVENANCE, True)


def test_the_provenance_of_slsa_1_is_read_too() -> None:
    """The newer form has the same facts at other places."""
    old = provenance_of_max()
    new = {
        "buildDefinition": {
            "resolvedDependencies": old["materials"][:2],
            "internalParameters": {"buildConfig": old["buildConfig"]},
        },
        "runDetails": {"metadata": {"buildkit_metadata": {"layers": next(iter(old["metadata"].values()))["layers"]}}},
    }
    image = image_of("RUN a", "RUN b", provenance=lambda: [new])
    base = find_base(image, tuple)
    assert base is not None
    assert (base.name, base.layers, base.exact) == ("debian:12", None, False)
    layers = tuple(replace(layer, digest=number(f"c{layer.number}")) for layer in image.layers)
    exact = find_base(replace(image, layers=layers), tuple)
    assert exact is not None
    assert exact.layers == 1


@pytest.mark.parametrize(
    "predicate",
    [
        {},
        {"materials": 7, "buildConfig": [], "metadata": None},
        {
            "materials": [
                1,
                {"uri": 5},
                {"uri": "pkg:docker/a@1", "digest": 3},
                {"uri": "pkg:docker/b%zz@1", "digest": {}},
            ]
        },
        {"buildConfig": {"llbDefinition": [{"id": 5, "op": []}, {"op": {"Op": {"source": {"identifier": 7}}}}, 3]}},
        {"metadata": {"https://mobyproject.org/buildkit@v1#metadata": {"layers": {"step0:0": [7], "x": 5, "y": []}}}},
    ],
)
def test_a_senseless_provenance_is_none(predicate: dict[str, object]) -> None:
    """Values of other types than expected tell nothing."""
    image = image_of("RUN a", "RUN b", provenance=lambda: [predicate])
    assert find_base(image, tuple) is None


@pytest.mark.parametrize(
    "label", ["", "{", "[]", "7", '{"runImage": 5}', '{"runImage": {"topLayer": 5}}', "[" * 100_000]
)
def test_a_senseless_label_is_none(label: str) -> None:
    """A label of buildpacks that is no document, or names no layer, tells nothing."""
    assert find_base(image_of("RUN a", "RUN b", labels=[("io.buildpacks.lifecycle.metadata", label)]), tuple) is None


def test_a_label_is_weaker_than_an_annotation() -> None:
    """Labels are inherited from the base; they name a base only if no annotation does."""
    labels = [("org.opencontainers.image.base.name", "old:1"), ("org.opencontainers.image.base.digest", "no digest")]
    base = find_base(image_of("RUN a", "RUN b", labels=labels), tuple)
    assert base is not None
    assert (base.name, base.digest, base.layers, base.exact) == ("old:1", "", None, False)
    assert base.evidence is Evidence.ANNOTATION
    annotated = image_of("RUN a", "RUN b", labels=labels, annotations=[("org.opencontainers.image.base.name", "new:1")])
    other = find_base(annotated, tuple)
    assert other is not None
    assert other.name == "new:1"


def test_later_steps_of_another_build_make_the_comment_uncertain() -> None:
    """If steps above have no comment of buildah, another builder made them, on a base that is not named."""
    below = [step("ADD base"), step("RUN a", comment="FROM base:1")]
    base = base_in_history(image_of(*below, step("RUN b")).history, 3)
    assert base is not None
    assert (base.name, base.layers, base.exact) == ("base:1", 1, False)


def test_a_guess_reads_a_long_history_once() -> None:
    """Thousands of steps that set commands take no time."""
    history = [step("ADD rootfs /"), *[step('CMD ["a"]')] * 9_000, step("RUN a")]
    image = image_of(*history)
    assert guess(image.layers, image.history).layers == 1


def test_an_image_without_layers_or_history_has_no_base() -> None:
    """Without steps nothing is guessed."""
    assert find_base(Image("x", "", ()), lambda: [known("a", 1)]) is None
    plain = image_of("RUN a", "RUN b")
    unknown = replace(plain, history=(), layers=tuple(replace(layer, step=None) for layer in plain.layers))
    assert find_base(unknown, tuple) is None
