"""The command line: the only package that prints or exits."""

from __future__ import annotations

import click

from explorer import __version__
from explorer.cli.build import build
from explorer.cli.cache import show_cache
from explorer.cli.check import check
from explorer.cli.compare import compare_images
from explorer.cli.completion import completion
from explorer.cli.config import show_config
from explorer.cli.du import show_directories
from explorer.cli.duplicates import list_duplicates
from explorer.cli.explore import explore_command
from explorer.cli.findings import list_findings
from explorer.cli.group import ImageOrCommand
from explorer.cli.help_pages import IMAGES, DefinitionList, Examples
from explorer.cli.images import list_images
from explorer.cli.ls import list_files
from explorer.cli.packages import list_packages
from explorer.cli.report import report
from explorer.cli.save import save_image
from explorer.open_file_limit import raise_open_file_limit


@click.group(
    cls=ImageOrCommand,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    sections=(
        IMAGES,
        Examples(
            ("lx demo", "Explore the built-in image; no engine is needed."),
            ("lx shop:dev", "Explore an image of your Docker or Podman."),
            (
                "lx registry://docker.io/library/debian:12",
                "Straight from a registry, without pulling it into an engine.",
            ),
            ("docker save shop:dev | lx -", "An archive on standard input."),
            ("lx build -t shop:dev .", "Build, then explore."),
            ("lx check --lowest-efficiency 0.95 shop:dev", "In CI: exit code 1 if a rule fails."),
            ("lx report demo --format json | jq '.wasted[0]'", "The file that wastes most, as JSON."),
            ("lx images --sort freed", "Your images, and what removing each frees."),
            ("lx ls demo | head", "The files that a container sees."),
            ("lx du demo", "The biggest directories."),
            ("lx packages demo", "The packages, with the bytes of each."),
            ("lx findings demo", "Secrets and bad practices."),
            ("lx duplicates demo", "The same content at different paths."),
            ("lx save demo -o demo.lx", "Keep what is known of an image in a small file."),
            ("lx compare shop:1.3 shop:1.4", "The differences between two images."),
        ),
        DefinitionList(
            "Environment",
            ("CI", "if true, yes or 1: `lx IMAGE` means `lx check IMAGE`"),
            ("DOCKER_HOST, DOCKER_CONTEXT", "which Docker Engine to use, as for docker itself"),
            ("DOCKER_TLS_VERIFY, DOCKER_CERT_PATH", "TLS of that engine, as for docker itself"),
            ("DOCKER_CONFIG", "the directory of docker's configuration (contexts, registry credentials)"),
            ("CONTAINER_HOST", "the address of Podman's API service"),
            ("DOCKER_AUTH_CONFIG", "registry logins as JSON, before those in files"),
            ("REGISTRY_AUTH_FILE", "Podman's and skopeo's registry logins, instead of the files below"),
            ("LAYER_EXPLORER_CONFIG", "the configuration file, instead of the one below"),
            ("NO_COLOR", "if set: no colours, neither on the screen nor in printed output"),
            ("TMPDIR", "where to keep temporary copies of saved images and of standard input"),
            ("HTTPS_PROXY, NO_PROXY, REQUESTS_CA_BUNDLE", "proxy and certificates for registries"),
            ("LAYER_EXPLORER_DEBUG", "if set: a bug shows its traceback"),
        ),
        DefinitionList(
            "Files",
            (".layer-explorer.toml, pyproject.toml, .dive-ci", "the rules of a project; see `lx check --help`"),
            (
                "~/.config/layer-explorer/config.toml",
                "wanted paths, and settings and keys of the screen; see `lx config`",
            ),
            ("~/.cache/layer-explorer", "the cache of layers; see `lx cache`"),
            ("~/.docker/config.json", "registry logins and the current context"),
            ("…/containers/auth.json", "Podman's logins, in $XDG_RUNTIME_DIR and in ~/.config"),
        ),
    ),
)
@click.version_option(__version__, prog_name="layer-explorer")
@click.pass_context
def main(context: click.Context) -> None:
    """Show what each layer of an image added, modified, removed and wasted.

    `lx IMAGE` explores an image in the terminal, and `lx` alone lists the images to explore. The commands print
    figures, check rules, or build the image first. `lx` is short for `layer-explorer`.

    Data goes to stdout; progress and errors go to stderr. Only a terminal gets colours and bars.
    """
    raise_open_file_limit()
    if context.invoked_subcommand is None:
        # Imported here, because no command needs it.
        from explorer.cli.image_list import show_images

        show_images()


for command in (
    explore_command,
    build,
    check,
    report,
    list_images,
    list_files,
    show_directories,
    list_packages,
    list_findings,
    list_duplicates,
    compare_images,
    save_image,
    show_config,
    show_cache,
    completion,
):
    main.add_command(command)
