"""What the index remembers of a word in a file besides that it is there."""

IN_CODE = 1
"""Outside of strings and comments."""
CALLED = 2
IMPORTED = 4
"""Imported under another name, or as a whole module."""
