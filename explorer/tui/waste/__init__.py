"""The waste pane."""
