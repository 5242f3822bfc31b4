"""The storage of engines: the bytes that images share, and that removal frees."""
