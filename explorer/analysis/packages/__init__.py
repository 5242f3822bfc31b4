"""The packages of an image: their layers, their files and their bytes."""
