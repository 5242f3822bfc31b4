"""Widgets that know nothing of images: lists, tables, text, the footer."""
