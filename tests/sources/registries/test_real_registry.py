"""Images in the registry that Docker distributes."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from explorer.errors import (
    ImageNotFound,
    RegistryError,
)
from explorer.layers.tables.places import TableFormat
from tests.conftest import skip_or_fail
from tests.fake_registry import NAME, push, push_files
from tests.images import (
    content_of,
    docker_archive,
    explored,
    gzipped,
    zstded,
)
from tests.sources.registries.samples import (
    AMD,
    ARM,
    auth,
    failure,
    shipped_bytes,
)
from tests.sources.samples import MADE, answer
from tests.tables import packed, table_files


class TestRealRegistry:
    """The registry that Docker distributes."""

    users = "me:$2b$04$bdKfZ.oQ2tEuUSRLhHRwWOU/8lfG1pNWXWaYlQSgELr7z7YkVB9I.\n"
    password = "opensesame"

    @pytest.mark.end_to_end
    def test_the_answer_is_the_archives(self, registry: Callable[..., str], tmp_path: Path) -> None:
        """A pushed image gives the same answer as its archive."""
        (tmp_path / "reference.tar").write_bytes(docker_archive(MADE))
        address = registry()
        for tag, compress in (("plain", bytes), ("gzip", gzipped), ("zstd", zstded)):
            push(address, tag, MADE, compress=compress)
            exploration = explored(f"registry://{address}/{NAME}:{tag}")
            assert answer(exploration) == answer(explored(tmp_path / "reference.tar"))

    @pytest.mark.parametrize("form", TableFormat)
    def test_tables_of_contents(self, registry: Callable[..., str], form: TableFormat) -> None:
        """The registry gives the ranges of tables and of files."""
        address = registry()
        push_files(address, "1", table_files([packed(tar, form) for tar in MADE.layers]))
        tables, full = (explored(f"registry://{address}/{NAME}:1", reads_all=reads_all) for reads_all in (False, True))
        assert all(index.is_from_table for index in tables.tree.layers)
        assert tables.usage == full.usage
        for layer, index in zip(tables.image.layers, tables.tree.layers, strict=True):
            assert all(content_of(layer.contents, index, each) for each in index.entries if each.size)

    def test_an_index(self, registry: Callable[..., str]) -> None:
        """The platform is chosen from an index that the registry has validated."""
        address = registry()
        push(address, "multi", ARM, AMD)
        assert shipped_bytes(f"registry://{address}/{NAME}:multi") == 4
        assert shipped_bytes(f"registry://{address}/{NAME}:multi", "linux/arm64") == 3

    def test_unknown_names(self, registry: Callable[..., str]) -> None:
        """An unknown tag or repository is not found."""
        address = registry()
        push(address, "1", AMD)
        failure(f"registry://{address}/{NAME}:nope", "has no image", ImageNotFound)
        failure(f"registry://{address}/nope", "has no image", ImageNotFound)

    def test_a_login(self, registry: Callable[..., str], log_in: Callable[..., None]) -> None:
        """A registry that requires a login gets the one of the Docker configuration."""
        address = registry(self.users)
        push(address, "1", MADE, compress=gzipped, login=("me", self.password))
        reference = f"registry://{address}/{NAME}:1"
        failure(reference, "no permission", RegistryError)
        log_in(auths={address: auth("me", "wrong")})
        failure(reference, "no permission", RegistryError)
        log_in(auths={address: auth("me", self.password)})
        assert explored(reference).usage.wasted_bytes == 100_004

    def test_docker_media_types(self, registry: Callable[..., str], tmp_path: Path) -> None:
        """An image that skopeo pushed in Docker's own format is the same image."""
        skopeo = shutil.which("skopeo")
        if skopeo is None:
            skip_or_fail("skopeo is not installed")
        source = tmp_path / "image.tar"
        source.write_bytes(docker_archive(MADE))
        address = registry()
        policy = tmp_path / "policy.json"
        policy.write_text('{"default": [{"type": "insecureAcceptAnything"}]}')
        command = [skopeo, "--policy", str(policy), "copy", "--quiet", "--format", "v2s2", "--dest-tls-verify=false"]
        subprocess.run([*command, f"docker-archive:{source}", f"docker://{address}/{NAME}:skopeo"], check=True)
        exploration = explored(f"registry://{address}/{NAME}:skopeo")
        assert answer(exploration) == answer(explored(source))
        assert exploration.image.layers[0].media_type == "application/vnd.docker.image.rootfs.diff.tar.gzip"
