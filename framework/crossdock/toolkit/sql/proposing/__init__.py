"""Proposing field maps: known systems by their tables, all others by the names of their columns."""
