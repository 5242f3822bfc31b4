"""Panes of lines that are painted one by one: a cursor, folding, heads of columns."""
