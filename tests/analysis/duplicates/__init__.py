"""Files of the same content at different visible paths."""
