"""Fixes: changes to a Dockerfile, each with the bytes that it saves."""
