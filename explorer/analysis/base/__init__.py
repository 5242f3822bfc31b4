"""The base image: the lowest layers, and the evidence for their name and number."""
