"""`ratchet bot`."""
