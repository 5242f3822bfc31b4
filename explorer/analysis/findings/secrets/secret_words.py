"""Sentences about secrets; none holds the text of one."""

from __future__ import annotations

from collections.abc import Sequence

from explorer.analysis.advice.build_steps import BuildStep
from explorer.analysis.findings.finding import ConfigPlace, StepPlace
from explorer.analysis.findings.secrets.layer_secrets import FoundSecret
from explorer.analysis.findings.secrets.secret_places import SecretPlace
from explorer.analysis.findings.secrets.setting_texts import SettingText
from explorer.text.printable import printable, shortened
from explorer.text.units import counted
from explorer.text.words import enumerated

_MAX_PLACES_NAMED = 3
_MAX_KEY_CHARS = 200


def file_why(
    secret: FoundSecret,
    number: tuple[int, int],
    place: SecretPlace,
    last: SecretPlace | None,
    others: Sequence[SecretPlace],
) -> str:
    """Returns the evidence of a secret in a file.

    Args:
        secret: The secret.
        number: Its number among those of its rule in the same line, counted from 1, and the number of these.
        place: The place that first ships it.
        last: The place that is hidden last; None if a container sees one of them.
        others: The other places of the same content.
    """
    of_line = f", {number[0]:,} of {number[1]:,} in this line" if number[1] > 1 else ""
    sentences = [f"Line {secret.line:,} has {_shown(secret.masked)}{of_line}."]
    if last is not None and last.hidden_in == place.layer:
        sentences.append(f"No container sees it, but layer {place.layer} ships it.")
    elif last is not None:
        verb = "replaces" if last.is_replaced else "deletes"
        sentences.append(f"Layer {last.hidden_in} {verb} the file, but layer {place.layer} still ships it.")
    if others:
        sentences.append(f"The same content is also {_places_named(others)}.")
    return " ".join(sentences)


def file_remedy(step: BuildStep) -> str:
    """Returns how to keep a file with a secret out of the image."""
    if step.is_base:
        return f"Layer {step.number} seems to be the base image's: if so, use a base without the file."
    if step.is_from_stage:
        return f"Do not copy the file from the build stage in the {step.keyword} of layer {step.number}."
    if step.is_copy:
        return f"Keep the file out of the {step.keyword} of layer {step.number}: list it in .dockerignore."
    if step.is_run:
        return f"Give the secret to the RUN of layer {step.number} with --mount=type=secret, and write no file of it."
    return f"Keep the file out of layer {step.number}."


def setting_why(masked: str, first: SettingText, others: Sequence[SettingText]) -> str:
    """Returns the evidence of a secret in the history or in the settings.

    Args:
        masked: The secret, masked.
        first: The text to blame.
        others: The other texts that have it.
    """
    sentences = [f"{first.subject} has {_shown(masked)}."]
    steps = sum(isinstance(other.place, StepPlace) for other in others)
    if steps:
        sentences.append(f"The history has it in {counted(steps, 'more step')}.")
    keys = [printable(other.place.key) for other in others if isinstance(other.place, ConfigPlace)]
    if keys:
        sentences.append(f"The settings have it, too: {shortened(', '.join(keys), _MAX_KEY_CHARS)}.")
    return " ".join(sentences)


def setting_remedy(first: SettingText) -> str:
    """Returns how to keep a secret out of the history and the settings."""
    if isinstance(first.place, StepPlace) and first.is_for_build:
        return "Give it to the build with RUN --mount=type=secret, which leaves nothing in the history."
    return "Give it to the container when it starts, not to the image."


def _shown(masked: str) -> str:
    """Returns a masked secret, or words for one of which nothing is shown."""
    return masked if masked.strip("*") else "the secret"


def _places_named(places: Sequence[SecretPlace]) -> str:
    named = [f"at {printable(f'/{place.path}')} in layer {place.layer}" for place in places[:_MAX_PLACES_NAMED]]
    if len(places) > _MAX_PLACES_NAMED:
        named.append(f"in {counted(len(places) - _MAX_PLACES_NAMED, 'more place')}")
    return enumerated(named, "and")
