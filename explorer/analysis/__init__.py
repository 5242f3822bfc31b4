"""Room 3, judgements: the tree goes in, frozen results come out. Pure functions, no reading, no showing."""
