"""Screens that cover the main screen for one question or one text."""
