"""Measures time and memory, and dive beside it: ``python -m tests.benchmarks``.

``recipe`` defines the measured images, ``making`` writes them, ``packing`` compresses their layers, ``supply`` keeps
them. ``programs`` knows how to call both programs, ``processes`` runs them without a screen, ``terminal`` with one.
``keys`` and ``floor`` measure in their own process. ``comparing`` runs the programs in turn, ``parts`` and ``growth``
define the measurements, ``tables`` prints them. The measuring process stays small; other processes use the memory.
"""
