"""The gate: the rules that an image must pass, and the judgement by them."""
