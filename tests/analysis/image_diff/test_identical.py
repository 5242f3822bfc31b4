"""Two builds are identical, identical but for times, or not."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from explorer.analysis.image_diff.identical import Identical, Sameness
from explorer.analysis.image_diff.layer_pair import PairStatus
from explorer.model import Watcher
from explorer.pipeline.image_diff import compare
from tests.image_pairs import compared_archives
from tests.images import (
    MadeImage,
    directory,
    docker_archive,
    explored,
    file,
    gzipped,
    hardlink,
    image,
    layer,
    oci_archive,
    symlink,
    whiteout,
    zstded,
)

LATER = 1_700_086_400


def answer(tmp_path: Path, old: MadeImage, new: MadeImage, compress: Any = gzipped) -> Identical:
    """Returns the answer for two images in OCI archives."""
    return compared_archives(
        tmp_path, oci_archive(old, compress=gzipped), oci_archive(new, compress=compress)
    ).identical


def test_the_same_image_is_identical(tmp_path: Path) -> None:
    """Two copies of an image have one image ID."""
    made = image(layer(file("a", b"x")))
    result = answer(tmp_path, made, made)
    assert result.value is Sameness.YES
    assert result.sentence.startswith("Identical: both have the image ID sha256:")
    assert "compressed" not in result.sentence


def test_another_compression_is_identical_and_said(tmp_path: Path) -> None:
    """An image ID does not depend on the compression, but the sentence names it."""
    made = image(layer(file("a", b"x")))
    result = answer(tmp_path, made, made, zstded)
    assert result.value is Sameness.YES
    assert result.sentence.endswith("But 1 layer is compressed in another way.")


def test_times_of_files_and_dates_are_times(tmp_path: Path) -> None:
    """Files, directories and dates that differ only in times make no other image."""
    old = image(layer(directory("d"), file("d/a", b"x"), symlink("l", "d")))
    new = image(
        layer(directory("d", mtime=LATER), file("d/a", b"x", mtime=LATER), symlink("l", "d", mtime=LATER)),
        created="2026-02-01T09:00:00Z",
    )
    result = answer(tmp_path, old, new)
    assert result.value is Sameness.EXCEPT_TIMES
    assert result.sentence == (
        "Identical but for times: only the times of files in 1 layer and the dates in the configuration differ."
    )
    assert "SOURCE_DATE_EPOCH" in result.advice
    assert "rewrite-timestamp" in result.advice


def test_a_date_of_a_step_alone_is_a_time(tmp_path: Path) -> None:
    """The dates of the history are times, and its commands are not."""
    made = layer(file("a", b"x"))
    old = image(made)
    history = [{"created_by": "RUN step 0", "created": "2026-02-01T09:00:00Z"}]
    assert answer(tmp_path, old, image(made, history=history)).value is Sameness.EXCEPT_TIMES
    history[0]["created_by"] = "RUN other"
    result = answer(tmp_path, old, image(made, history=history))
    assert result.value is Sameness.NO
    assert result.sentence == "Not identical: the configuration differs (history)."


def test_each_other_difference_makes_another_image(tmp_path: Path) -> None:
    """Bytes, modes, owners, names, attributes and whiteouts are no times."""
    old = layer(file("a", b"x"), file("b", b"y"))
    for new in (
        layer(file("a", b"z"), file("b", b"y")),
        layer(file("a", b"x", mode=0o600), file("b", b"y")),
        layer(file("a", b"x", uid=7), file("b", b"y")),
        layer(file("a", b"x"), file("c", b"y")),
        layer(file("a", b"x", xattrs={"user.k": "v"}), file("b", b"y")),
        layer(file("a", b"x"), file("b", b"y"), whiteout("c")),
        layer(file("b", b"y"), file("a", b"x")),
        layer(file("a", b"x"), file("b", b"y"), hardlink("c", "a")),
    ):
        result = answer(tmp_path, image(old), image(new))
        assert result.value is Sameness.NO
        assert result.sentence.startswith("Not identical: ")
        assert not result.advice


def test_the_order_of_hard_links_is_no_other_link(tmp_path: Path) -> None:
    """Two names of a file stay linked in either order, but the archive is another one."""
    old = image(layer(file("a", b"x"), hardlink("b", "a")))
    result = answer(tmp_path, old, image(layer(file("b", b"x"), hardlink("a", "b"))))
    assert [(each.changes, each.is_reordered) for each in result.layers] == [([], True)]
    assert result.sentence == "Not identical: 1 layer is archived in another way."
    result = answer(tmp_path, old, image(layer(file("a", b"x"), file("b", b"x"))))
    assert [change.differs for change in result.layers[0].changes] == [{"link"}, {"link"}]


def test_a_layer_that_names_the_root_has_no_other_files(tmp_path: Path) -> None:
    """The root exists also in a layer without an entry for it, so only the archive differs."""
    result = answer(tmp_path, image(layer(file("a", b"x"))), image(layer(directory("./"), file("a", b"x"))))
    assert result.sentence == "Not identical: 1 layer is archived in another way."


def test_a_hidden_file_counts(tmp_path: Path) -> None:
    """A file that no container sees makes another layer."""
    old = image(layer(file("log", b"1")), layer(whiteout("log")))
    new = image(layer(file("log", b"2")), layer(whiteout("log")))
    result = answer(tmp_path, old, new)
    assert result.value is Sameness.NO
    assert [change.path for each in result.layers for change in each.changes] == ["log"]


def test_contents_without_a_name_count(tmp_path: Path) -> None:
    """Bytes that a later member of the same archive replaces are shipped, and no matter of times."""
    replaced, other, longer = (file("a", content) for content in (b"x", b"y", b"long"))
    old = image(layer(replaced, file("a", b"z")))
    for item, expected in ((replaced, Sameness.EXCEPT_TIMES), (other, Sameness.NO), (longer, Sameness.NO)):
        result = answer(tmp_path, old, image(layer(item, file("a", b"z", mtime=LATER))))
        assert result.value is expected
    claimed = image(layer(other, file("a", b"z")), rootfs=old.config["rootfs"])
    (tmp_path / "old.tar").write_bytes(docker_archive(old))
    (tmp_path / "new.tar").write_bytes(docker_archive(claimed))
    diff = compare(explored(tmp_path / "old.tar"), explored(tmp_path / "new.tar"), Watcher())
    assert diff.identical.value is Sameness.NO
    assert diff.layer_pairs[0].status is PairStatus.CHANGED


def test_a_setting_is_named_without_its_value(tmp_path: Path) -> None:
    """The sentence has the names of settings, also of those whose secrets are masked."""
    made = layer(file("a", b"x"))
    old = image(made, config={"Env": ["PASSWORD=hunter2hunter2"]})
    new = image(made, config={"Env": ["PASSWORD=hunter3hunter3"], "Labels": {"k": "v"}})
    result = answer(tmp_path, old, new)
    assert result.sentence == "Not identical: the configuration differs (Env, Labels)."
    new = image(made, config={"Env": ["PASSWORD=hunter3hunter3"]})
    assert answer(tmp_path, old, new).value is Sameness.NO


def test_another_number_of_layers_is_no_rebuild(tmp_path: Path) -> None:
    """Images with other numbers of layers are not compared layer by layer."""
    made = layer(file("a", b"x"))
    result = answer(tmp_path, image(made), image(made, layer(file("b"))))
    assert result.sentence == "Not identical: the images have 1 layer and 2 layers."


def test_a_claimed_image_id_proves_nothing(tmp_path: Path) -> None:
    """Plain layers are not checked against their digests, so their files are compared."""
    made = image(layer(file("a", b"x")))
    old = docker_archive(made)
    found = compared_archives(tmp_path, old, old.replace(layer(file("a", b"x")), layer(file("a", b"y")))).identical
    assert found.value is Sameness.NO
    assert found.sentence.startswith("Not identical: both claim the image ID sha256:")
    assert found.sentence.endswith("but 1 path differs in more than times (directories and hidden files included).")


def test_records_of_the_builder_are_no_settings(tmp_path: Path) -> None:
    """The IDs that Docker's classic builder records do not make another image."""
    made = layer(file("a", b"x"))
    old, new = (image(made, container=name, container_config={"Hostname": name}) for name in ("c1", "c2"))
    found = answer(tmp_path, old, new)
    assert found.value is Sameness.EXCEPT_TIMES
    assert found.sentence == "Identical but for the records of the builder, such as the IDs of its containers."
    assert not found.advice


def test_images_between_the_steps_are_records(tmp_path: Path) -> None:
    """Buildah names the image below each step in the history, which differs with each build."""
    made = layer(file("a", b"x"))
    steps = [
        [{"created_by": "RUN x", "comment": f"FROM {name}"}] for name in ("0123456789ab", "ba9876543210", "debian")
    ]
    old, new, other = (image(made, history=history) for history in steps)
    assert answer(tmp_path, old, new).sentence.startswith("Identical but for the records of the builder")
    assert answer(tmp_path, old, other).settings == ["history"]


def test_builds_with_the_same_commands_are_rebuilds(tmp_path: Path) -> None:
    """Images of other commands are not expected to be identical."""
    old, new = layer(file("a", b"x")), layer(file("a", b"y"))
    assert answer(tmp_path, image(old), image(new)).is_rebuild
    assert not answer(tmp_path, image(old), image(new, history=[{"created_by": "RUN other"}])).is_rebuild
    assert not answer(tmp_path, image(old), image(new, new)).is_rebuild


def test_an_image_without_layers_is_identical_to_itself(tmp_path: Path) -> None:
    """Images without layers are compared by their settings."""
    assert answer(tmp_path, image(), image()).value is Sameness.YES
    assert answer(tmp_path, image(), image(created="2026-02-01T09:00:00Z")).value is Sameness.EXCEPT_TIMES


def test_root_filesystems_are_compared_by_their_files(tmp_path: Path) -> None:
    """A root filesystem has no image ID; the same files make two of them identical."""
    tar = layer(file("etc/passwd", b"root:x:0:0::/:/bin/sh"))
    (tmp_path / "old.tar").write_bytes(gzipped(tar))
    (tmp_path / "new.tar").write_bytes(zstded(tar))
    old, new = (explored(f"rootfs://{tmp_path / name}.tar") for name in ("old", "new"))
    found = compare(old, new, Watcher()).identical
    assert found.sentence == "Identical: all layers have the same contents, and the settings are equal."
