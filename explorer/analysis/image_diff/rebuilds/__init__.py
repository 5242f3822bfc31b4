"""Causes of differences between two builds of the same sources."""
