"""Saves files of an image to disk, without leaving the chosen directory."""
