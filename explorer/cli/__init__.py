"""The command line: arguments in; one of screen, report or listing out. Nothing else prints or exits."""

from __future__ import annotations

import click

from explorer import __version__
from explorer.cli.build import build
from explorer.cli.cache import show_cache
from explorer.cli.check import check
from explorer.cli.completion import completion
from explorer.cli.config import show_config
from explorer.cli.explore import explore_command
from explorer.cli.group import ImageOrCommand
from explorer.cli.help_pages import EXIT_CODES, IMAGES, DefinitionList, Examples
from explorer.cli.ls import list_files
from explorer.cli.report import report


@click.group(
    cls=ImageOrCommand,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    sections=(
        IMAGES,
        Examples(
            (
                ("lx demo", "Look at the built-in image; no engine is needed."),
                ("lx shop:dev", "Explore an image of the engine."),
                ("lx registry://docker.io/library/debian:12", "Straight from a registry; nothing is pulled."),
                ("docker save shop:dev | lx -", "An archive on standard input."),
                ("lx build -t shop:dev .", "Build, then explore."),
                ("lx check --lowest-efficiency 0.95 shop:dev", "The gate of a pipeline."),
                ("lx report demo --format json | jq '.wasted[0]'", "The worst file, for programs."),
                ("lx ls demo | head", "The files that a container sees."),
            )
        ),
        DefinitionList(
            "Environment",
            (
                ("CI", "when it is true, yes or 1, `lx IMAGE` is `lx check IMAGE`"),
                ("DOCKER_HOST, DOCKER_CONTEXT", "which Docker Engine, as docker itself reads them"),
                ("DOCKER_TLS_VERIFY, DOCKER_CERT_PATH", "how to trust it"),
                ("DOCKER_CONFIG", "the directory of docker's configuration: contexts, credentials of registries"),
                ("CONTAINER_HOST", "where Podman's API service is"),
                ("LAYER_EXPLORER_CONFIG", "the configuration file of the screen"),
                ("NO_COLOR", "the screen in shades of grey; what is printed has no colours anyway"),
                ("TMPDIR", "where an engine's save and standard input are kept while they are read"),
                ("HTTPS_PROXY, NO_PROXY, REQUESTS_CA_BUNDLE", "the way to a registry, and whom to trust"),
                ("LAYER_EXPLORER_DEBUG", "when it is set, a bug shows its traceback"),
            ),
        ),
        DefinitionList(
            "Files",
            (
                (".layer-explorer.toml, pyproject.toml, .dive-ci", "the rules of a project; see `lx check --help`"),
                ("~/.config/layer-explorer/config.toml", "settings and keys of the screen; see `lx config`"),
                ("~/.cache/layer-explorer", "what is known of layers seen before; see `lx cache`"),
                ("~/.docker/config.json", "credentials of registries, and the context"),
            ),
        ),
        EXIT_CODES,
    ),
)
@click.version_option(__version__, prog_name="layer-explorer")
def main() -> None:
    """Walk a container image's layers and see exactly what each one added, modified, removed and wasted.

    With an IMAGE alone it is explored in the terminal. The commands print what is known of an image, hold it to
    rules, or build it first. `lx` is short for `layer-explorer`.

    What is printed is data on stdout alone, without colours; progress and errors go to stderr.
    """


for command in (explore_command, build, check, report, list_files, show_config, show_cache, completion):
    main.add_command(command)
