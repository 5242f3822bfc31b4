"""The user's files: settings, the state that the screen keeps, and the directories they are in."""
