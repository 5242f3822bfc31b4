"""Advice on waste: how to change the Dockerfile, and the bytes that this saves."""
