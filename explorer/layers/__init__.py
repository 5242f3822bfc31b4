"""Turns the bytes of layers into one tree: decompresses, reads tar headers, indexes each layer, merges the indexes."""
