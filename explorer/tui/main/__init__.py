"""The main screen: its state, its layout and what belongs to no single pane."""
