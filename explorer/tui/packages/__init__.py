"""The packages pane."""
