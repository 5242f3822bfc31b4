"""The Dockerfile, as saved explorations hold it."""

from __future__ import annotations

from dataclasses import replace

from explorer.analysis.dockerfile.dockerfile import Dockerfile
from explorer.analysis.dockerfile.parse import parse_dockerfile
from explorer.errors import UsageError
from explorer.saved.document import DockerfileRecord
from explorer.text.units import parsed_time


def dockerfile_record(dockerfile: Dockerfile) -> DockerfileRecord:
    """Returns the record of a Dockerfile whose secrets are masked."""
    started = dockerfile.build_started
    return DockerfileRecord(
        dockerfile.name,
        dockerfile.lines,
        dockerfile.target,
        None if started is None else started.isoformat(),
        dockerfile.is_of_build,
    )


def saved_dockerfile(record: DockerfileRecord) -> Dockerfile | None:
    """Reverses ``dockerfile_record``; None if the lines are not a Dockerfile."""
    try:
        parsed = parse_dockerfile("\n".join(record.lines), record.name, record.target)
    except UsageError:
        return None
    return replace(parsed, build_started=parsed_time(record.build_started), is_of_build=record.is_of_build)
