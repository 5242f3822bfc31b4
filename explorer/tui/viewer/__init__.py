"""Screens about one path: its content, its differences, saving it."""
