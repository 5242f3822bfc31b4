"""Strangers' text made safe and readable; figures and words for people."""
