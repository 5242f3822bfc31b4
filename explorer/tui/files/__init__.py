"""The file pane."""
