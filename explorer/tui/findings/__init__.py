"""The findings pane."""
