"""Floor 5: configuration, secrets, children and the running of lanes."""
