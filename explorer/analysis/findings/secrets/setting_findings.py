"""Secrets in the history and in the settings of an image, as findings."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field

from explorer.analysis.findings.finding import Finding, FindingKind, Place, StepPlace
from explorer.analysis.findings.secrets.engine import find_secrets
from explorer.analysis.findings.secrets.secret_rule import SecretMatch
from explorer.analysis.findings.secrets.secret_words import setting_remedy, setting_why
from explorer.analysis.findings.secrets.setting_texts import SettingText, setting_texts
from explorer.model import Image

_MAX_TEXT_BYTES = 1 << 20
_MAX_SECRETS = 1_000


@dataclass(slots=True)
class SettingSecret:
    """A secret with the texts that have it; the first of them is to blame."""

    match: SecretMatch
    first: SettingText
    others: list[SettingText] = field(default_factory=list)

    @property
    def places(self) -> list[Place]:
        """The places that have it, the one to blame first."""
        return [text.place for text in (self.first, *self.others)]


def setting_findings(image: Image, secrets: Iterable[SettingSecret], base_layers: int) -> Iterator[Finding]:
    """Yields secrets of the history and of the settings as findings.

    Args:
        image: The image.
        secrets: Its secrets.
        base_layers: The number of lowest layers that are certainly the base's.
    """
    of_base = [number for number, step in enumerate(image.history) if step.layer in range(base_layers)]
    for secret in secrets:
        place, rule = secret.first.place, secret.match.rule
        layer = image.history[place.step].layer if isinstance(place, StepPlace) else None
        yield Finding(
            rule.id,
            FindingKind.SECRET,
            rule.severity,
            rule.title,
            place,
            layer,
            setting_why(secret.match.masked, secret.first, secret.others),
            f"{rule.do} {setting_remedy(secret.first)}",
            is_base=isinstance(place, StepPlace) and bool(of_base) and place.step <= of_base[-1],
        )


def setting_secrets(image: Image) -> Collection[SettingSecret]:
    """Returns the secrets of the history and of the settings, each once."""
    found: dict[bytes, SettingSecret] = {}
    for text in setting_texts(image):
        content = text.text.encode("utf-8", "surrogateescape")[:_MAX_TEXT_BYTES]
        for match in find_secrets(content, text.path):
            secret = found.get(content[match.start : match.end])
            if secret is None and len(found) < _MAX_SECRETS:
                found[content[match.start : match.end]] = SettingSecret(match, text)
            elif secret is not None and text.place not in secret.places:
                secret.others.append(text)
    return found.values()
