"""Two images as one exploration of two layers."""

from __future__ import annotations

from explorer import gc_control
from explorer.analysis.image_diff.joined_layers import JoinedIndex, joined_layers
from explorer.analysis.layer_stats import layer_stats
from explorer.analysis.waste import byte_usage
from explorer.layers.joined_layer import JoinedLayer
from explorer.layers.merge import merge
from explorer.model import HistoryStep, Image, Layer
from explorer.pipeline.exploration import Exploration, dismantle_when_unused
from explorer.pipeline.image_diff import ImageDiff
from explorer.text.point_names import IMAGES


def joined(diff: ImageDiff, *, with_times: bool = True) -> Exploration:
    """Returns an exploration whose changes are the differences of two images.

    Its layer 0 is what a container of the old image sees; its layer 1 is what the new image changes of it: files that
    it adds or modifies, and whiteouts of those that it removes. Contents are read from the layers of both images.

    Args:
        diff: The two images.
        with_times: True if paths that differ only in their times are changes.
    """
    old, new = diff.old, diff.new
    changes = [change for change in diff.file_changes if with_times or not change.is_time_only]
    with gc_control.paused():
        lower, upper = joined_layers(old.tree, new.tree, changes)
        tree = merge([lower.index, upper.index])
        usage = byte_usage(tree)
        layers = (_layer(0, lower, old), _layer(1, upper, new))
        stats = tuple(layer_stats(layers, tree, usage))
    dismantle_when_unused(tree)
    image = Image(
        reference=f"{old.image.reference} → {new.image.reference}",
        id=new.image.id,
        layers=layers,
        platform=new.image.platform,
        config=new.image.config,
        history=tuple(layer.step for layer in layers if layer.step is not None),
    )
    return Exploration(image, tree, usage, stats, new.is_wanted, new.budget, points=IMAGES)


def _layer(number: int, made: JoinedIndex, exploration: Exploration) -> Layer:
    contents = JoinedLayer(made.index, exploration.image.layers, exploration.tree.layers, made.origins)
    step = HistoryStep(created_by=exploration.image.reference, created=exploration.image.created, layer=number)
    return Layer(number, contents, step=step)


def join_packages(diff: ImageDiff, files: Exploration) -> None:
    """Gives a joined exploration the packages of both images, which are read."""
    from explorer.analysis.packages.joined_packages import joined_packages

    old, new = diff.old, diff.new
    files.__dict__["packages"] = joined_packages(old.packages, old.tree, new.packages, new.tree)
