"""The filter language, and its evaluation on paths, on wasted files and in all layers."""
