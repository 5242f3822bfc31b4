"""Layer Explorer: what each layer of a container image added, modified, removed and wasted.

One pipeline, five rooms; data flows one way::

     reference ─▶ sources ─▶ layers ─▶ analysis ─┬▶ report ─▶ stdout, exit code
                  Image      Tree      ledger    └▶ tui ────▶ screen
              └────────── pipeline.explore() ─────────┘

``model`` holds the nouns that travel through it, ``errors`` what can go wrong on the way, ``text``, ``dockerfile``
and ``shell`` how untrusted words and commands become readable ones. ``garbage`` keeps Python's collector away from
the many small objects of a tree.

``cli`` is the door: a module for each command (``explore``, ``build``, ``check``, ``report``, ``cache``, ``config``,
``completion``), and beside them what several have in common: ``command_line`` takes the words, ``subject`` and the
options say what they mean, ``completing`` completes them, ``screen`` shows the image, and ``answering`` says
what came of it.

The gate goes through all rooms. ``rules`` says which rules there are, ``rule_values`` what each takes,
``path_patterns`` what their patterns match, ``rules_file`` and ``dive_rules`` read those of a project,
``analysis.gate`` judges,
``report.check`` puts the verdict into words, ``baseline_file`` reads an earlier one, and ``cli.gate`` runs it all.

``settings`` is the user's file about the screen, ``files`` and ``toml_file`` how that and the rules are read,
``remembered`` what the screen keeps by itself, ``user_directories`` where all that is. ``serving`` shows the screen in
a browser, with ``web_server`` as the server behind it.
"""

__version__ = "0.1.0"
