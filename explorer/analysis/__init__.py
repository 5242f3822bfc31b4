"""Judgements on the merged tree: pure functions that return frozen results."""
