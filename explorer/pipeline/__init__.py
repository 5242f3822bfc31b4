"""The way from an image to its figures in one function; another adds a layer."""

from explorer.pipeline.exploration import Exploration
from explorer.pipeline.explore_image import explore, fetch
from explorer.pipeline.image_diff import ImageDiff, compare
from explorer.pipeline.stages import Stages, StageWatcher

__all__ = ["Exploration", "ImageDiff", "StageWatcher", "Stages", "compare", "explore", "fetch"]
