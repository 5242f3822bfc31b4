"""What was shipped for nothing: its pane, its list, and what to do about it."""
