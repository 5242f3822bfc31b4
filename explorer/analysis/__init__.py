"""Judgements on the merged tree: pure functions that take a tree and return frozen results."""
