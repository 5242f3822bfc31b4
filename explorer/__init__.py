"""Layer Explorer: what each layer of a container image added, modified, removed and wasted.

One pipeline, five rooms; data flows one way::

     reference ─▶ sources ─▶ layers ─▶ analysis ─┬▶ report ─▶ stdout, exit code
                  Image      Tree      ledger    └▶ tui ────▶ screen
              └────────── pipeline.explore() ─────────┘

``model`` holds the nouns that travel through it, ``errors`` what can go wrong on the way, ``text``, ``dockerfile``
and ``shell`` how untrusted words and commands become readable ones. ``cli`` is the door;
``settings`` is the user's file about the screen, ``remembered`` what the screen keeps by itself, and ``serving`` shows
it in a browser.
"""

__version__ = "0.1.0"
