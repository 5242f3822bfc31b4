"""The user's files: settings, the kept state of the screen, and directories."""
