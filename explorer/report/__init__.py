"""Reports as text: each function takes an exploration and returns text."""
