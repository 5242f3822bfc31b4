"""The state of the screen and the rows that it shows, as pure functions without Textual."""
