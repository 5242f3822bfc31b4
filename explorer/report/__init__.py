"""Room 4, say it in text: an Exploration goes in, text comes out. Nothing here prints."""
