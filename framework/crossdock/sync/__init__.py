"""Floor 4: reading a source into the catalogue, and bringing channels up to date from it."""
