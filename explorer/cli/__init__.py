"""The command line: arguments in; one of screen, report or listing out. Nothing else prints or exits."""

from __future__ import annotations

import os
import sys
from io import TextIOWrapper

import click

from explorer import __version__
from explorer.cli.command_line import ImageOrCommand
from explorer.cli.explore import explore_command, show_config
from explorer.cli.report import list_files, report
from explorer.cli.upkeep import show_cache


@click.group(cls=ImageOrCommand, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="layer-explorer")
def main() -> None:
    """Walk a container image's layers and see exactly what each one added, modified, removed and wasted.

    \b
      layer-explorer IMAGE     explore IMAGE in the terminal
      layer-explorer demo      the same, on the built-in demo image

    \b
    IMAGE is one of
      name[:tag], an ID        an image in the Docker Engine that `docker` would use, or in Podman; docker://NAME
      podman://NAME            an image in Podman
      registry://HOST/NAME     an image in a registry, without an engine; registry://NAME in the default registry
      container://NAME         a container: its image, and its own writes as the top layer
      PATH, PATH:TAG           an archive of `docker save` or an OCI archive, also compressed; archive://PATH
      DIRECTORY                an OCI layout directory; oci://PATH[:TAG]
      rootfs://PATH            a root filesystem tar, as `docker export` writes it; a bare path will do
      -                        any of those tars on standard input
      demo                     the built-in demo image
    """
    # Whoever closed a stream wants nothing from it.
    sys.stdout = sys.stdout or open(os.devnull, "w")  # noqa: SIM115 -- open until the end
    sys.stderr = sys.stderr or open(os.devnull, "w")  # noqa: SIM115
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            # A terminal that cannot show a character shows its escape; that is no reason to stop.
            stream.reconfigure(errors="backslashreplace")


for command in (explore_command, report, list_files, show_config, show_cache):
    main.add_command(command)
