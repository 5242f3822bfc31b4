"""``explore``: shows the screen in the terminal or in a browser."""

from __future__ import annotations

import os
import sys
from functools import partial

import click

from explorer.cli.dockerfile_option import with_dockerfile_option
from explorer.cli.help_pages import CommandWithSections, Examples, Heading, headed_option
from explorer.cli.image_options import RequestedImage, with_image_options
from explorer.cli.rule_options import with_base_options
from explorer.cli.run_tui import missing_ability, screen_settings, show, terminal_for_keys
from explorer.cli.scan_options import with_scan_option
from explorer.errors import UsageError
from explorer.text.printable import printable, without_login


@click.command(
    cls=CommandWithSections,
    name="explore",
    short_help="Explore IMAGE in the terminal (the default).",
    sections=(
        Examples(
            ("lx demo", "The built-in image; the same as `lx explore demo`."),
            ("lx podman://localhost/shop:dev", "An image in Podman."),
            ("lx explore --platform linux/arm64 shop.tar", "One platform of an archive for several."),
            ("docker save shop:dev | lx -", "An archive on standard input; keys still come from the terminal."),
            ("lx --scan trivy.json shop:dev", "The layers, with what a scan of the image found in each."),
            ("lx --serve demo", "In a browser, at http://127.0.0.1:8000."),
        ),
    ),
)
@headed_option(
    Heading.BROWSER, "--serve", "served", is_flag=True, help="Show the image in a browser instead of the terminal."
)
@headed_option(
    Heading.BROWSER,
    "--serve-host",
    metavar="HOST",
    default="127.0.0.1",
    show_default=True,
    help="The address to listen on; anyone who can reach it can use the screen.",
)
@headed_option(
    Heading.BROWSER,
    "--serve-port",
    metavar="PORT",
    type=click.IntRange(1, 65535),
    default=8000,
    show_default=True,
    help="The port to listen on.",
)
@with_base_options
@with_dockerfile_option
@with_scan_option
@with_image_options
def explore_command(requested: RequestedImage, served: bool, serve_host: str, serve_port: int) -> None:
    """Explore IMAGE in the terminal, or with --serve in a browser.

    The screen appears at once and fills as the layers are read. Press `?` for help on a pane and its keys, and `q` to
    quit.
    """
    reference = requested.reference
    shown = printable(without_login(reference) if "://" in reference else reference)
    if served:
        _serve(requested, serve_host, serve_port, shown)
        return
    standard_input = terminal_for_keys() if requested.uses_standard_input else 0
    in_browser = os.environ.get("TEXTUAL_DRIVER", "").startswith("textual.drivers.web_driver:")
    if not (in_browser or (sys.stdin.isatty() and sys.stdout.isatty())):
        raise UsageError("the screen needs a terminal", f"For a pipe or a file: layer-explorer report {shown}")
    missing = None if in_browser else missing_ability(os.environ.get("TERM", ""))
    if missing:
        raise UsageError(missing, f"Set TERM to your terminal's type, or use: layer-explorer report {shown}")
    show(requested, standard_input)


def _serve(requested: RequestedImage, host: str, port: int, title: str) -> None:
    """Show the screen in a browser."""
    from explorer.serve.serve import serve

    if requested.uses_standard_input:
        raise UsageError("standard input cannot be served", "Save it to a file, and serve that file.")
    screen_settings()
    # With -m, Python would look for modules in the current directory, which may hold anything.
    run = f"import sys; sys.path[:] = {[*filter(None, sys.path)]}; from explorer.__main__ import main; main()"
    arguments = [sys.executable, "-P", "-c", run, "explore", *requested.arguments]
    serve(arguments, host, port, title, partial(click.echo, err=True))
