"""Tests of ``explorer.saved``."""
