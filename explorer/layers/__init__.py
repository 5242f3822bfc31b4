"""Turns layers into one tree: decompresses, reads tar headers, indexes, merges."""
