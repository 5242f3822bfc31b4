"""The gate: rules that an image must keep, from options and files to a judgement."""
