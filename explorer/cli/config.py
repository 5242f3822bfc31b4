"""``config``: the settings of the screen and its keys, as text."""

from __future__ import annotations

import click

from explorer.cli.help_pages import EXIT_CODES, CommandWithSections, Examples
from explorer.config.settings import read_settings, settings_path, to_toml
from explorer.text.printable import printable


@click.command(
    cls=CommandWithSections,
    name="config",
    short_help="Print the settings of the screen and all its keys.",
    sections=(
        Examples(
            (
                ("lx config", "Where the file is or would be, and all that it can say."),
                ("LAYER_EXPLORER_CONFIG=./screen.toml lx demo", "Another file, for once."),
            )
        ),
        EXIT_CODES,
    ),
)
def show_config() -> None:
    """Print the settings in force and all bindings with their keys, as text that can be the configuration file.

    The file decides how the screen starts and which keys do what. LAYER_EXPLORER_CONFIG names another one.
    """
    from explorer.config.state import load, state_path
    from explorer.tui.bindings import vocabulary
    from explorer.tui.theme import OWN

    path, words = settings_path(), vocabulary()
    settings = read_settings(path, words)
    theme = load(state_path()).theme or ""
    click.echo(f"# {printable(str(path))}{'' if path.exists() else ' (not there yet)'}\n")
    click.echo(to_toml(settings, words, theme if theme in words.themes else OWN.name))
