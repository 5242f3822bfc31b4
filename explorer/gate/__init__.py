"""The gate: rules that an image must pass, from options and files to the judgement."""
