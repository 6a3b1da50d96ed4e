"""Floor 6: what tests of plugins and of the framework use: the stand-in hub, fakes, faults."""
