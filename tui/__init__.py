"""The terminal user interface: see, steer and trust the work from a terminal."""
