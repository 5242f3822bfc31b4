"""Layer Explorer: shows the changes and the waste of each layer of an image.

One pipeline; data flows one way::

    reference ─▶ sources ─▶ layers ─▶ analysis ─┬▶ report ────▶ stdout, exit code
                 Image      Tree      usage    └▶ viewmodel ─▶ tui ─▶ screen
             └────────── pipeline.explore() ─────────┘

From the top level down; a module imports from its own level or a lower one:

- ``cli``: the commands. Only this package prints or exits.
- ``tui``: the screen, the only package that knows Textual.
- ``report``: reports and verdicts as text. ``viewmodel``: the screen's state and rows, without Textual.
- ``gate``: rules that an image must keep. ``preview``: what is in a file. ``pipeline``: the whole way as one function.
- ``analysis``: changes, waste, base, disposable files, fixes, filter. ``sources``: from a reference to an image.
- ``extract``: saves to disk.
- ``saved``: the file of a saved exploration.
- ``layers``: from the bytes of layers to one tree, and the cache.
- ``config``: the user's files and directories. ``serve``: the screen in a browser.
- ``files``, ``open_file_limit``: opens and writes files safely. ``text``: makes strangers' text safe and readable.
- ``errors``, ``model``: the errors and the nouns. ``gc_control``: keeps Python's garbage collector off the tree.
"""

__version__ = "0.2.0"

JSON_SCHEMA = 1
"""Version of the JSON that reports print and that baselines are read from. New keys do not change it."""

SIGNAL_EXIT_CODE = 128
"""Shells add a signal's number to this for the exit code of a program that the signal ended."""
