"""``config``: prints the settings of the screen and its keys."""

from __future__ import annotations

import click

from explorer.cli.help_pages import CommandWithSections, Examples
from explorer.config.paths import settings_path
from explorer.config.settings import read_settings
from explorer.config.written_settings import to_toml
from explorer.text.printable import printable


@click.command(
    cls=CommandWithSections,
    name="config",
    short_help="Print all settings and the keys of the screen.",
    sections=(
        Examples(
            ("lx config", "The path of the configuration file, and all that it can contain."),
            ("lx config > screen.toml", "Write them to a file, to edit it."),
            ("LAYER_EXPLORER_CONFIG=./screen.toml lx demo", "Use that file, once."),
        ),
    ),
)
def show_config() -> None:
    """Print the settings and key bindings, in the format of the configuration file.

    The file sets how the screen starts, what each key does, and which files are wanted, so that no command calls them
    disposable. LAYER_EXPLORER_CONFIG names another file.
    """
    from explorer.config.state import load, state_path
    from explorer.tui.bindings import settings_schema
    from explorer.tui.theme import OWN

    path, words = settings_path(), settings_schema()
    settings = read_settings(path, words)
    theme = load(state_path()).theme or ""
    click.echo(f"# {printable(str(path))}{'' if path.exists() else ' (does not exist yet)'}\n")
    click.echo(to_toml(settings, words, theme if theme in words.themes else OWN.name))
