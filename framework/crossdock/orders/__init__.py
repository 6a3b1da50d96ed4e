"""Floor 4: orders from a channel into their targets, each document exactly once."""
