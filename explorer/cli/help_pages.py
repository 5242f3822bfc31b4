"""The layout of ``--help``: options under headings, then sections."""

from __future__ import annotations

import enum
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import click


class Heading(enum.Enum):
    """The headings of options in their order."""

    BUILD = "Build"
    RULES = "Rules"
    SCOPE = "Scope of the rules"
    LISTING = "Listing"
    IMAGE = "Image"
    OUTPUT = "Output"
    BROWSER = "Browser"
    OPTIONS = "Options"


_REFERENCE = "A name in an engine, a path, a reference such as registry://HOST/NAME, or demo: see `lx --help`."
_IMAGES = {"image": _REFERENCE, "old": _REFERENCE, "new": "The image to compare with OLD."}
"""The arguments that name images, and their meaning."""


class DefinitionList:
    """A section with terms and their meaning."""

    def __init__(self, heading: str, *rows: tuple[str, str]) -> None:
        self.heading = heading
        self.rows = rows

    def write(self, formatter: click.HelpFormatter) -> None:
        """Writes the section."""
        with formatter.section(self.heading):
            formatter.write_dl(self.rows)


class Examples(DefinitionList):
    """A section with command lines that work as they are, and their purpose."""

    def __init__(self, *rows: tuple[str, str]) -> None:
        super().__init__("Examples", *rows)

    def write(self, formatter: click.HelpFormatter) -> None:
        with formatter.section(self.heading):
            for number, (command, purpose) in enumerate(self.rows):
                if number:
                    formatter.write_paragraph()
                formatter.write(f"{'':>{formatter.current_indent}}{command}\n")
                formatter.indent()
                formatter.write_text(purpose)
                formatter.dedent()


class CodeBlock:
    """A section with lines that are not wrapped."""

    def __init__(self, heading: str, text: str) -> None:
        self.heading = heading
        self.text = text

    def write(self, formatter: click.HelpFormatter) -> None:
        """Writes the section."""
        with formatter.section(self.heading):
            for line in self.text.strip("\n").splitlines():
                formatter.write(f"{'':>{formatter.current_indent}}{line}".rstrip() + "\n")


class HeadedOption(click.Option):
    """An option under a heading."""

    def __init__(self, *args: Any, heading: Heading = Heading.OPTIONS, **rest: Any) -> None:
        super().__init__(*args, **rest)
        self.heading = heading


class CommandWithSections(click.Command):
    """A command with sections after the options of its help; the exit codes come last."""

    def __init__(self, *args: Any, sections: Sequence[DefinitionList | CodeBlock] = (), **rest: Any) -> None:
        super().__init__(*args, **rest)
        self.sections = sections

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        write_options(self.get_params(ctx), ctx, formatter)

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 -- click's
        for section in (*self.sections, EXIT_CODES):
            section.write(formatter)


def headed_option(heading: Heading, *names: str, **settings: Any) -> Callable[[Any], Any]:
    """An option under a heading; the other arguments are those of ``click.option``."""
    return click.option(*names, cls=HeadedOption, heading=heading, **settings)


def write_options(params: Iterable[click.Parameter], ctx: click.Context, formatter: click.HelpFormatter) -> None:
    """Writes the options under their headings; those without one come last."""
    headed: dict[Heading, list[tuple[str, str]]] = {heading: [] for heading in Heading}
    images: list[tuple[str, str]] = []
    for param in params:
        record = param.get_help_record(ctx) if isinstance(param, click.Option) else None
        if record is not None:
            headed[getattr(param, "heading", Heading.OPTIONS)].append(record)
        elif param.name is not None and param.name in _IMAGES:
            images.append((param.human_readable_name, _IMAGES[param.name]))
    headed[Heading.IMAGE][:0] = images
    for heading, records in headed.items():
        if records:
            with formatter.section(heading.value):
                formatter.write_dl(records)


EXIT_CODES = DefinitionList(
    "Exit codes",
    ("0", "success; for a check: all rules pass"),
    ("1", "a rule fails; or, with --exit-code, two images differ"),
    ("2", "wrong usage or an invalid rule; nothing was read"),
    ("3", "the image cannot be found, reached or read, or is damaged; or a build failed"),
    ("130", "interrupted"),
)
IMAGES = DefinitionList(
    "IMAGE is one of",
    (
        "name[:tag], name@digest, an ID",
        "an image in the Docker Engine that `docker` itself would use, or in Podman if no Docker Engine answers; "
        "docker://NAME and podman://NAME name the engine",
    ),
    ("registry://HOST/NAME[:TAG]", "an image in a registry, without an engine; registry://NAME is on Docker Hub"),
    ("container://NAME", "a container: its image, with the container's own files as the top layer"),
    ("PATH, PATH:TAG", "an archive of `docker save` or an OCI archive, maybe compressed; archive://PATH"),
    ("DIRECTORY", "an OCI layout directory; oci://PATH[:TAG]"),
    ("rootfs://PATH", "a root filesystem tar, as `docker export` writes it; PATH alone works too"),
    ("saved://PATH", "a saved exploration, as `lx save` writes it; PATH alone works too"),
    ("-", "any of these archives on standard input"),
    ("demo", "the built-in demo image, with the usual mistakes"),
)
