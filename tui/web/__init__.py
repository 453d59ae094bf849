"""The TUI in a browser of this machine."""
