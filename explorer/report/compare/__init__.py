"""The differences between two images as text, JSON and Markdown."""
