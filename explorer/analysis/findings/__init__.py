"""Findings: secrets, practices of Dockerfiles, and what other scanners report."""
