"""Floor 4: the process that holds one plugin and serves its hooks over pipes."""
