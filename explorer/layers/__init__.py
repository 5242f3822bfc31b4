"""Room 2, from bytes to one tree: decompress, read tar headers, index each layer, merge the indexes."""
