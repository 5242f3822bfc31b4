"""The screen. A frozen ``view`` says what is looked at; ``explore`` replaces it when keys and clicks come, and
``panes`` when another image does.

From tree and view follow listings, from these ``rows``, from rows what is painted::

    View ─▶ listing ─▶ rows ─▶ file_tree
            (no Textual)       (paints, no logic)

``panes`` arranges the main screen: layers, details, files, waste, image. ``lines`` has what its lists have in common,
``waste`` the waste pane, ``inside`` the screens that look into a file.
"""
