"""The JSON Schemas: they describe the JSON output, with every key of it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from copy import deepcopy
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from jsonschema import Draft202012Validator

from explorer.analysis.engine_images.storage import EngineStorage
from explorer.analysis.findings.image_findings import ImageFindings
from explorer.cli import main
from explorer.model import EngineImage, EngineListing, Watcher
from explorer.pipeline import Exploration, compare
from explorer.report import directory_usage, duplicates, findings_json, formats, images, kind_usage, listing, packages
from explorer.report.check import formats as check_formats
from explorer.report.compare.as_json import comparison_json
from explorer.report.page import Page
from explorer.report.schemas import Schema
from tests.analysis.engine_images.made_images import listed, made
from tests.analysis.findings.made_findings import made_findings
from tests.hostile import failing, hostile_exploration, passing
from tests.images import (
    NOW,
    big,
    device,
    directory,
    docker_archive,
    explored,
    explored_layers,
    fifo,
    file,
    hardlink,
    image,
    layer,
    oci_archive,
    symlink,
    whiteout,
    zstded,
)

FINDINGS = [ImageFindings(made_findings(), [(None, "a problem"), (1, "another")]), ImageFindings([])]


@pytest.fixture(scope="module")
def explorations(tmp_path_factory: pytest.TempPathFactory) -> list[Exploration]:
    """Images of many kinds: the demo, hostile names, no layers, several layers, compressed, a root filesystem."""
    folder = tmp_path_factory.mktemp("images")
    kinds = layer(
        directory("d"), big("d/a", 0.1), file("f", b"f"), hardlink("h", "f"), device("n", 1, 3), fifo("p"), file("../x")
    )
    several = image(kinds, layer(whiteout("d/a"), symlink("s", "f"), file("f", b"F")), layer(file("f", b"F")))
    written = {
        "empty": docker_archive(image()),
        "several": docker_archive(several),
        "compressed": oci_archive(image(kinds, history=[]), compress=zstded, suffix="+zstd"),
        "rootfs": layer(file("etc/a", b"1"), file("usr/b", b"22")),
    }
    for name, archive in written.items():
        (folder / name).write_bytes(archive)
    return [explored("demo"), hostile_exploration(folder), *(explored(folder / name) for name in written)]


@pytest.fixture(scope="module")
def documents(explorations: list[Exploration], tmp_path_factory: pytest.TempPathFactory) -> dict[Schema, list[Any]]:
    """The JSON output for each image, by schema."""
    copies = explored_layers(tmp_path_factory.mktemp("copies"), layer(file("a", b"1"), file("b", b"1")))
    other = explored_layers(tmp_path_factory.mktemp("other"), layer(file("a", b"2")))
    diffs = [compare(old, new, Watcher()) for old, new in pairwise((*explorations, copies, other))]
    diffs[-1].read_causes(Watcher())
    checks = [verdict(each) for each in explorations if each.layers for verdict in (failing, passing)]
    return {
        Schema.REPORT: [json.loads(formats.FORMATS["json"](each, NOW, Page())) for each in explorations],
        Schema.CHECK: [json.loads(check_formats.FORMATS["json"](check, Page())) for check in checks],
        Schema.LISTING: [
            json.loads(listing.as_json(line))
            for each in explorations
            for line in listing.listing(each, len(each.layers) - 1)
        ],
        Schema.DIRECTORY_USAGE: [
            json.loads(directory_usage.as_json(row, usage))
            for each in explorations
            for usage in (
                directory_usage.visible_usage(each),
                *(directory_usage.shipped_usage(each, number) for number in range(len(each.layers))),
            )
            for row in directory_usage.directory_usage(usage, "", 3, None)
        ]
        + [
            json.loads(kind_usage.as_json(usage, number, has_base=number is None))
            for each in explorations
            for number in (None, *range(len(each.layers)))
            for usage in kind_usage.kind_usage(each, "", number)
        ],
        Schema.DUPLICATES: [
            json.loads(duplicates.as_json(found.groups, found.groups, found.unknown, base_layers))
            for each in [copies, *explorations]
            for found in [each.read_duplicates(1, Watcher())]
            for base_layers in (1, None)
        ],
        Schema.IMAGES: [
            json.loads(images.as_json(each, EngineStorage([one.image for one in each]), 5, [EngineListing("podman")]))
            for each in (
                listed(made("shop", "base"), EngineImage("docker", "x")),
                listed(made("shop", "base", created=NOW)),
            )
        ],
        Schema.COMPARE: [json.loads(comparison_json(diff)) for diff in diffs],
        Schema.FINDINGS: [json.loads(findings_json.as_json(found.findings, found)) for found in FINDINGS],
        Schema.PACKAGES: [
            json.loads(packages.as_json(each.packages.usages, each.packages, each.known_base_layers))
            for each in explorations
        ],
    }


def objects(schema: Any) -> Iterator[dict[str, Any]]:
    """Yields the parts of a schema that describe objects."""
    if isinstance(schema, dict):
        if "properties" in schema:
            yield schema
        for part in schema.values():
            yield from objects(part)


def loaded(schema: Schema) -> Any:
    """Returns a schema as a document."""
    return json.loads(schema.text())


def closed(schema: Schema) -> Draft202012Validator:
    """Returns a validator that rejects keys that the schema does not list."""
    document = deepcopy(loaded(schema))
    for part in objects(document):
        part["additionalProperties"] = False
    return Draft202012Validator(document)


@pytest.mark.parametrize("schema", Schema)
def test_documents_are_as_their_schema_says(documents: dict[Schema, list[Any]], schema: Schema) -> None:
    """Each report, verdict and line is valid, without a key that the schema lacks."""
    validator = closed(schema)
    for document in documents[schema]:
        validator.validate(document)


@pytest.mark.parametrize("schema", Schema)
def test_every_key_is_required(documents: dict[Schema, list[Any]], schema: Schema) -> None:
    """A document without one of its keys is not valid."""
    validator = Draft202012Validator(loaded(schema))
    for key in documents[schema][0]:
        assert not validator.is_valid({name: value for name, value in documents[schema][0].items() if name != key})
    for part in objects(loaded(schema)):
        assert part["required"] == list(part["properties"])


@pytest.mark.parametrize("schema", Schema)
def test_new_keys_may_join(documents: dict[Schema, list[Any]], schema: Schema) -> None:
    """A document with a new key is still valid."""
    Draft202012Validator(loaded(schema)).validate({**documents[schema][0], "another": 1})


@pytest.mark.parametrize("schema", Schema)
def test_schemas_are_schemas_and_explain_every_key(schema: Schema) -> None:
    """Each schema is of draft 2020-12, and describes every key in words."""
    document = loaded(schema)
    Draft202012Validator.check_schema(document)
    assert document["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    for part in objects(document):
        for name, key in part["properties"].items():
            described = document["$defs"][key["$ref"].rpartition("/")[2]] if "$ref" in key else key
            assert described["description"].endswith("."), name
    assert schema.text().endswith("}\n")


@pytest.mark.parametrize(
    ("command", "schema"),
    [
        ("report", Schema.REPORT),
        ("check", Schema.CHECK),
        ("ls", Schema.LISTING),
        ("du", Schema.DIRECTORY_USAGE),
        ("findings", Schema.FINDINGS),
        ("images", Schema.IMAGES),
        ("compare", Schema.COMPARE),
    ],
)
def test_commands_print_their_schema(command: str, schema: Schema) -> None:
    """``--schema`` needs no image, and opens none."""
    for arguments in ([command, "--schema"], [command, "/nowhere.tar", "--schema"]):
        done = CliRunner().invoke(main, arguments)
        assert (done.exit_code, done.stdout) == (0, schema.text())


@pytest.mark.end_to_end
def test_the_formats_of_the_commands(tmp_path: Path) -> None:
    """The command line offers the existing formats, and writes each to a file."""
    archive = tmp_path / "image.tar"
    archive.write_bytes(docker_archive(image(layer(file("a", b"a")))))
    for command, names in (("report", formats.FORMATS), ("check", check_formats.FORMATS)):
        for name in names:
            path = tmp_path / f"{command}-{name}"
            done = CliRunner().invoke(main, [command, str(archive), "--format", name, "-o", str(path)])
            assert (done.exit_code, done.output) == (0, "")
            assert path.read_text().endswith("\n")
