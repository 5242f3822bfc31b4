"""Texts without their secrets."""

from __future__ import annotations

from explorer.analysis.findings.secrets.without_secrets import without_secrets

TOKEN = "ghp_" + "ogyjey4XVnHrkgn5ZYXltMT02fLPFlDf51Hs"


def test_secrets_are_masked() -> None:
    """Each secret is masked, and all else stays, whatever it is."""
    text = f"RUN curl -u x:{TOKEN} https://a \udcff größe && echo {TOKEN}"
    assert without_secrets(text) == "RUN curl -u x:ghp_**** https://a \udcff größe && echo ghp_****"
    assert without_secrets("RUN apt-get update") == "RUN apt-get update"
