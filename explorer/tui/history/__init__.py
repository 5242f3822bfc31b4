"""The line below the panes with the history of the selected path."""
