"""Ratchet: a coding-agent daemon whose harness, never a model, says whether a change works."""

__version__ = "0.1.0"
