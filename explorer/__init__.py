"""Layer Explorer: what each layer of a container image added, modified, removed and wasted.

One pipeline, five rooms; data flows one way::

     reference ─▶ sources ─▶ layers ─▶ analysis ─┬▶ report ─▶ stdout, exit code
                  Image      Tree      ledger    └▶ tui ────▶ screen
              └────────── pipeline.explore() ─────────┘

``model`` holds the nouns that travel through it, ``errors`` what can go wrong on the way, ``text`` how untrusted
words become printable ones, and ``cli`` is the door.
"""

__version__ = "0.1.0"
