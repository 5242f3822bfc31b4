"""The screen, the only package that imports Textual.

A frozen view says what the screen shows. Keys and clicks replace it, and the main screen tells its panes::

    View ─▶ visible tree ─▶ rows ─▶ widgets
            (explorer.viewmodel, without Textual)

``main`` arranges the screen; ``layers``, ``files``, ``waste`` and ``history`` are its regions; ``viewer`` shows the
content of files; ``dialogs`` are the other screens; ``widgets`` are the parts that the regions share.
"""
