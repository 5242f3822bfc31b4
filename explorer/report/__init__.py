"""Reports as text. Takes an Exploration, returns text; prints nothing."""
