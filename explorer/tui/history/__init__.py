"""The line with the history of the selected path."""
