"""Layers of two images are aligned by identity, then by command, then by shared paths."""

from pathlib import Path

from explorer.analysis.image_diff.identical import Sameness
from explorer.pipeline.image_diff import ImageDiff
from tests.analysis.image_diff.builds import Step, compared
from tests.images import digest, directory, file, layer, whiteout

BASE = Step("ADD rootfs.tar / # buildkit", layer(file("bin/sh", b"shell")))
TOOLS = Step("RUN install tools", layer(file("usr/tool", b"tool")))
APP = Step("COPY app /app # buildkit", layer(file("app/a", b"a"), file("app/b", b"b")))


def statuses(diff: ImageDiff) -> list[tuple[int | None, int | None, str]]:
    """Returns the numbers and the status of each pair."""
    return [(pair.old, pair.new, pair.status.value) for pair in diff.layer_pairs]


def test_layers_with_the_same_diff_id_are_the_same(tmp_path: Path) -> None:
    """The same layers at the same places are the same."""
    assert statuses(compared(tmp_path, [BASE, APP], [BASE, APP])) == [(0, 0, "same"), (1, 1, "same")]


def test_a_claimed_diff_id_makes_no_layer_the_same(tmp_path: Path) -> None:
    """Layers with other files differ whatever digests the images claim, also in files that a container does not see."""
    other = Step(APP.created_by, layer(file("app/a", b"z"), file("app/b", b"b")))
    hiding = Step("RUN rm /app/a", layer(whiteout("app/a")))
    claimed = {"rootfs": {"type": "layers", "diff_ids": [digest(step.layer or b"") for step in (APP, hiding)]}}
    diff = compared(tmp_path, [APP, hiding], [other, hiding], **claimed)
    assert statuses(diff) == [(0, 0, "changed"), (1, 1, "same")]
    assert diff.first_break is not None
    assert diff.first_break.new == 0
    assert diff.identical.value is Sameness.NO
    assert diff.update.layers == [0]
    assert diff.update.disk_bytes == 2


def test_a_layer_that_is_inserted_moves_no_other(tmp_path: Path) -> None:
    """An inserted layer is added, and those above it stay the same."""
    assert statuses(compared(tmp_path, [BASE, APP], [BASE, TOOLS, APP])) == [
        (0, 0, "same"),
        (None, 1, "added"),
        (1, 2, "same"),
    ]


def test_a_removed_layer_stands_where_it_was(tmp_path: Path) -> None:
    """A layer that only the old image has stands before the next one that both have."""
    assert statuses(compared(tmp_path, [BASE, TOOLS, APP], [BASE, APP])) == [
        (0, 0, "same"),
        (1, None, "removed"),
        (2, 1, "same"),
    ]


def test_layers_in_another_order_are_moved(tmp_path: Path) -> None:
    """One of two layers that change places is moved."""
    assert statuses(compared(tmp_path, [BASE, TOOLS, APP], [BASE, APP, TOOLS])) in (
        [(0, 0, "same"), (2, 1, "moved"), (1, 2, "same")],
        [(0, 0, "same"), (2, 1, "same"), (1, 2, "moved")],
    )


def test_a_layer_built_again_is_the_same_but_for_times(tmp_path: Path) -> None:
    """Layers of the same command whose files differ only in times belong together."""
    later = Step(TOOLS.created_by, layer(directory("usr"), file("usr/tool", b"tool", mtime=1_800_000_000)))
    earlier = Step(TOOLS.created_by, layer(directory("usr", mtime=5), file("usr/tool", b"tool")))
    assert statuses(compared(tmp_path, [BASE, earlier], [BASE, later]))[1] == (1, 1, "same-but-times")


def test_an_other_owner_is_a_change(tmp_path: Path) -> None:
    """Layers of the same command whose files differ in more than times are changed."""
    owned = Step(TOOLS.created_by, layer(file("usr/tool", b"tool", uid=7)))
    assert statuses(compared(tmp_path, [BASE, TOOLS], [BASE, owned]))[1] == (1, 1, "changed")


def test_layers_of_other_commands_are_aligned_by_shared_paths(tmp_path: Path) -> None:
    """A layer belongs to one with most of its paths, whatever its command."""
    renamed = Step("COPY sources /app # buildkit", layer(file("app/a", b"A!"), file("app/b", b"b")))
    assert statuses(compared(tmp_path, [BASE, APP], [BASE, TOOLS, renamed])) == [
        (0, 0, "same"),
        (None, 1, "added"),
        (1, 2, "changed"),
    ]


def test_tools_with_one_command_for_all_layers_are_aligned_by_paths(tmp_path: Path) -> None:
    """A command that several layers have does not align them if their paths tell more."""
    one, two, three = (layer(file(name, name.encode())) for name in ("one", "two", "three"))
    two_changed = layer(file("two", b"other"))
    old = [Step("bazel build ...", each) for each in (one, two)]
    new = [Step("bazel build ...", each) for each in (three, two_changed)]
    assert statuses(compared(tmp_path, old, new)) == [(0, 0, "changed"), (1, 1, "changed")]


def test_the_same_layer_twice_is_matched_once_each(tmp_path: Path) -> None:
    """The second copy of a layer is added if the old image has it once."""
    assert statuses(compared(tmp_path, [BASE, APP], [BASE, APP, APP])) == [
        (0, 0, "same"),
        (1, 1, "same"),
        (None, 2, "added"),
    ]


def test_images_without_layers_have_no_pairs(tmp_path: Path) -> None:
    """Two images without layers have no pairs, no break and no cost."""
    diff = compared(tmp_path, [], [])
    assert (diff.layer_pairs, diff.first_break, diff.update.download_bytes) == ([], None, 0)
