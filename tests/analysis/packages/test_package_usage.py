"""The bytes of packages: with those of no package, they add up to the image."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.analysis.packages.made_databases import dpkg_list, dpkg_status
from tests.images import Item, big, explored_layers, file, hardlink, layer, symlink, whiteout

if TYPE_CHECKING:
    from explorer.pipeline import Exploration

_PATHS = ("a", "d/a", "d/b", "lib/x", "usr/lib/x", "usr/lib/node/package.json", "usr/lib/node/b", "usr/lib/node/c/a")
_PACKAGES = ("p", "q")

paths = st.sampled_from(_PATHS)
members = st.one_of(
    st.builds(file, paths, st.binary(min_size=1, max_size=4)),
    st.builds(hardlink, paths, paths),
    st.builds(symlink, st.sampled_from(("lib", "d", "a")), st.sampled_from(("usr/lib", "/usr", "d", "lib"))),
    st.builds(whiteout, st.sampled_from((*_PATHS, "d", "usr", "var", "var/lib/dpkg/info/p.list"))),
    st.builds(dpkg_status, st.dictionaries(st.sampled_from(_PACKAGES), st.sampled_from("12"))),
    st.builds(dpkg_list, st.sampled_from(_PACKAGES), st.lists(paths.map("/{}".format))),
    st.just(file("usr/lib/node/package.json", b'{"name": "node", "version": "1"}')),
)
images = st.lists(st.lists(members, max_size=6), min_size=1, max_size=4)


def check_sums(image: Exploration) -> None:
    """The figures of packages and of no package add up to those of the image, by layer too."""
    usages = [*image.packages.usages, image.packages.unowned]
    assert sum(usage.bytes for usage in usages) == image.usage.visible_bytes
    assert sum(usage.wasted_bytes for usage in usages) == image.usage.wasted_bytes
    assert all(sum(usage.wasted.values()) == usage.wasted_bytes for usage in usages)
    shares = [(layer, share) for usage in usages for layer, share in usage.by_layer.items()]
    for number, shipped in enumerate(image.usage.shipped_by_layer):
        assert sum(share.bytes + share.wasted_bytes for layer, share in shares if layer == number) == shipped


@settings(suppress_health_check=list(HealthCheck), deadline=None, max_examples=60)
@given(images)
def test_packages_and_no_package_add_up(layers: list[list[Item]]) -> None:
    """Each visible and each wasted byte belongs to one package or to none."""
    with tempfile.TemporaryDirectory() as folder:
        image = explored_layers(Path(folder), *(layer(*items) for items in layers))
        check_sums(image)


def test_hard_links_belong_to_one(tmp_path: Path) -> None:
    """The bytes of an inode belong to the first name that has an owner, and count once."""
    image = explored_layers(
        tmp_path,
        layer(
            dpkg_status({"perl": "5"}),
            dpkg_list("perl", ["/usr/bin/perl", "/usr/bin/perl5"]),
            big("opt/copy", 2),
            hardlink("usr/bin/perl", "opt/copy"),
            hardlink("usr/bin/perl5", "opt/copy"),
        ),
    )
    (perl,) = image.packages.usages
    assert (perl.files, perl.bytes) == (2, 2_000_000 + len("/usr/bin/perl\n/usr/bin/perl5\n"))
    check_sums(image)


def test_a_recopied_file_is_of_its_first_owner(tmp_path: Path) -> None:
    """Copies that only change a mode belong to the package that owned the file when it came."""
    image = explored_layers(
        tmp_path,
        layer(dpkg_status({"gcc": "12"}), dpkg_list("gcc", ["/usr/bin/gcc"]), big("usr/bin/gcc", 3)),
        layer(big("usr/bin/gcc", 3, mode=0o755), dpkg_status({}), whiteout("var/lib/dpkg/info/gcc.list")),
        layer(whiteout("usr/bin/gcc")),
    )
    (gcc,) = image.packages.usages
    shares = {number: share.wasted_bytes // 1_000_000 for number, share in gcc.by_layer.items()}
    assert shares == {0: 3, 1: 3}
    check_sums(image)
