"""The storage of an engine, which images share."""
