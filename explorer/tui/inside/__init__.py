"""Looking inside: one version of a path as text, in hexadecimal or as a diff, and its way out to the disk."""
