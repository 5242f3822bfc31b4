"""The state of the screen and its rows, as pure functions without Textual."""
