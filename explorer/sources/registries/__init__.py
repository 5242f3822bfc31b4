"""Images straight from a registry."""
