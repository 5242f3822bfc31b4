"""An image with two packages, one of them removed too late, and files of nobody."""

from __future__ import annotations

from pathlib import Path

from explorer.pipeline import Exploration
from tests.analysis.packages.made_databases import dpkg_list, dpkg_status
from tests.images import big, explored_layers, file, layer, whiteout


def packaged(folder: Path) -> Exploration:
    """Explores the image: layer 1 installs gcc and make, layer 2 removes gcc."""
    return explored_layers(
        folder,
        layer(file("etc/hostname", b"x")),
        layer(
            dpkg_status({"gcc": "12", "make": "4"}),
            dpkg_list("gcc", ["/usr/bin/gcc"]),
            dpkg_list("make", ["/usr/bin/make", "/usr/share"]),
            big("usr/bin/gcc", 3),
            big("usr/bin/make", 2),
            big("usr/share/nobodys", 1),
        ),
        layer(dpkg_status({"make": "4"}), whiteout("usr/bin/gcc"), whiteout("var/lib/dpkg/info/gcc.list")),
    )
