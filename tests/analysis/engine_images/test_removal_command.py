"""The command that would remove images of engines."""

from __future__ import annotations

from explorer.analysis.engine_images.removal_command import removal_command
from explorer.analysis.engine_images.storage import EngineStorage
from explorer.model import EngineImage
from tests.analysis.engine_images.made_images import made

_ID = f"sha256:{'0123456789abcdef' * 4}"


def command(*images: EngineImage, others: tuple[EngineImage, ...] = ()) -> str:
    return removal_command(EngineStorage([*images, *others]), images)


def test_each_engine_removes_its_images_by_all_their_names() -> None:
    """An image goes with its last name, so all names are in the command; a digest goes with its repository's tag."""
    two = made("two", "base", tags=("two:1", "reg:5000/two:latest"), digests=("reg:5000/two@sha256:1", "b@sha256:1"))
    pod = made("pod", "base", engine="podman", tags=("localhost/pod:1",))
    assert command(made("shop", "base"), pod, two) == (
        "docker rmi shop:1 two:1 reg:5000/two:latest b@sha256:1; podman rmi localhost/pod:1"
    )


def test_an_image_without_a_name_has_its_id() -> None:
    """The ID is short unless another image of the engine begins with the same digits."""
    lone = made(_ID, "base", tags=())
    assert command(lone) == "docker rmi 0123456789ab"
    assert command(lone, others=(made(_ID, "base", tags=(), engine="podman"),)) == "docker rmi 0123456789ab"
    twin = made("sha256:0123456789abffff", "base")
    assert command(lone, others=(twin,)) == f"docker rmi {_ID.removeprefix('sha256:')}"


def test_an_image_in_use_is_left_out() -> None:
    """An engine would refuse to remove it."""
    used = made("used", "base", containers=("web",))
    assert command(used, made("shop", "base")) == "docker rmi shop:1"
    assert command(used) == command() == ""


def test_only_names_that_an_engine_takes_are_in_the_command() -> None:
    """Neither an option nor another command gets in by a name or an ID."""
    assert command(made("odd", "base", tags=("--force", "x;reboot", "$(id):1", "a b:1", "a\n", "fine:1"))) == (
        "docker rmi fine:1"
    )
    assert command(made("-f", "base", tags=())) == ""
