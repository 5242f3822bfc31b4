"""Images in files: archives, OCI layouts, root filesystems."""
