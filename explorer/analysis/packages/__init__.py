"""The packages of an image: what is installed, by which layer, and whose files are whose."""
