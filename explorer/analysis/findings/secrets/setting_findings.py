"""Secrets in the history and in the settings of an image, as findings."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from explorer.analysis.findings.finding import ConfigPlace, Finding, FindingKind, Place, Severity, StepPlace
from explorer.analysis.findings.secrets.secret_rule import SecretMatch
from explorer.analysis.findings.secrets.secret_words import setting_remedy, setting_why
from explorer.analysis.findings.secrets.setting_texts import SettingText, setting_texts
from explorer.analysis.findings.secrets.text_search import search_text
from explorer.model import Image

_MAX_SECRETS = 1_000
_MAX_PROBLEMS = 20
_NAMED = ("password", "secret-value")
"""The rules that know a secret only by the name before it."""


@dataclass(slots=True)
class SettingSecret:
    """A secret with the texts that have it, one for each place."""

    match: SecretMatch
    texts: list[SettingText]

    @property
    def places(self) -> list[Place]:
        """The places that have it."""
        return [text.place for text in self.texts]


@dataclass(slots=True)
class SettingSecrets:
    """The secrets of the history and of the settings, each once."""

    secrets: Sequence[SettingSecret] = ()
    problems: list[str] = field(default_factory=list)
    """Reasons why secrets may be missing; printable."""


def setting_findings(image: Image, found: SettingSecrets, base_layers: int) -> Iterator[Finding]:
    """Yields secrets of the history and of the settings as findings.

    A secret is the base's if all its places are. Otherwise the first of the others is to blame.

    Args:
        image: The image.
        found: Its secrets.
        base_layers: The number of lowest layers that are certainly the base's.
    """
    of_base = [number for number, step in enumerate(image.history) if step.layer in range(base_layers)]
    base_steps = of_base[-1] + 1 if of_base else 0
    for secret in found.secrets:
        keys = {place.key for place in secret.places if isinstance(place, StepPlace) and place.step < base_steps}
        own = [text for text in secret.texts if not _is_of_base(text.place, base_steps, keys)]
        first = own[0] if own else secret.texts[0]
        others = [text for text in secret.texts if text is not first]
        place, rule = first.place, secret.match.rule
        layer = image.history[place.step].layer if isinstance(place, StepPlace) else None
        yield Finding(
            rule.id,
            FindingKind.SECRET,
            _severity(secret.match, first),
            rule.title,
            place,
            layer,
            setting_why(secret.match.masked, first, others),
            f"{rule.do} {setting_remedy(first)}",
            is_base=not own,
            other_places=tuple(text.place for text in others),
        )


def _severity(match: SecretMatch, text: SettingText) -> Severity:
    """Returns the severity, higher if the name of a setting says what it is."""
    is_named = bool(text.path) and match.rule.id in _NAMED
    return Severity.HIGH if is_named else match.rule.severity


def _is_of_base(place: Place, base_steps: int, base_keys: set[str]) -> bool:
    """True if a step of the base has a secret, or sets the setting that has it."""
    if isinstance(place, StepPlace):
        return place.step < base_steps
    return isinstance(place, ConfigPlace) and place.key in base_keys


def setting_secrets(image: Image) -> SettingSecrets:
    """Returns the secrets of the history and of the settings, each once."""
    found: dict[bytes, SettingSecret] = {}
    problems: dict[str, None] = {}
    for text in setting_texts(image):
        content, matches, is_cut = search_text(text.text, text.path)
        for match in matches:
            key = content[match.start : match.end].replace(b"\0", b"\n")
            secret = found.get(key)
            if secret is not None:
                if text.place not in secret.places:
                    secret.texts.append(text)
            elif len(found) < _MAX_SECRETS:
                found[key] = SettingSecret(match, [text])
            else:
                problems[f"only {_MAX_SECRETS:,} secrets of settings are listed, and there are more"] = None
        if is_cut:
            problems[f"{text.subject} may have more secrets, because too many of its texts look like one"] = None
    return SettingSecrets([*found.values()], [*problems][:_MAX_PROBLEMS])
