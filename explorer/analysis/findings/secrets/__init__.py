"""Secrets in files, in the history and in the settings of an image."""
