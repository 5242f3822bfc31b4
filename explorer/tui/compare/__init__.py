"""The screen of two images."""
