"""Contents of files, prepared for display."""
