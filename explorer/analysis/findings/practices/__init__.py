"""Practices of Dockerfiles: a small function for each, with its evidence."""
