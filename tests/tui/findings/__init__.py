"""Tests of the findings pane."""
