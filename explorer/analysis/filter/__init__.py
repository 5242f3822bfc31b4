"""The filter language, and its use on paths, wasted files and all layers."""
