"""Advice on waste: which change of the Dockerfile avoids it, and how many bytes that saves."""
