"""Looking inside: one version of a path as text, in hexadecimal or as a diff, and its way out to the disk.

``looking`` has the keys that lead here: panes outside with a list of paths are built upon it.
"""
