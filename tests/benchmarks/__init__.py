"""How fast is it, and how much memory does it take, with ``dive`` beside it: ``python -m tests.benchmarks``.

``recipe`` decides what is in the images that are measured, ``making`` writes them, ``packing`` compresses their layers
and ``supply`` has both done. ``programs`` says how the two programs are called, ``processes`` runs them without a
screen and ``terminal`` with one; ``keys`` and ``floor`` measure inside a process of their own. ``comparing`` takes the
programs in turn, ``parts`` and ``growth`` are what is measured, and ``tables`` prints it. The process that measures
stays small: all that takes memory happens in others.
"""
