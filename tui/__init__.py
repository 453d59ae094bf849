"""The terminal user interface (comes with its own issue)."""
