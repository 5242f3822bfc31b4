"""Lists layers from their tables of contents, of eStargz and of zstd:chunked.

Both formats pack each file alone, and have a table of all members at the end: JSON with metadata, digests and places.
The manifest has the table's digest. So one or two short reads list a layer, and another one gets a file.
"""
