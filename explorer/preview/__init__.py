"""Contents of files, prepared for display: versions, file types, text, differences, highlighting."""
