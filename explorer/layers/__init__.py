"""From the bytes of layers to one tree: decompress, read tar headers, index each layer, merge the indexes."""
