"""The Dockerfile pane."""
