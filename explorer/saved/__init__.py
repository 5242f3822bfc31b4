"""Saved explorations: the file, its document, and its layers without contents.

The file is a tar, so it is opened like an archive of an image. ``document.py`` describes its members.
"""

DOCUMENT_NAME = "layer-explorer.json"
"""The first member of the file: no archive of an image begins with it."""
SAVE_AGAIN = "Save the image again: lx save IMAGE -o FILE"
"""The hint of errors about the file."""
