"""Makes untrusted text safe and readable; words figures for people."""
