"""The LSP server (comes with its own issue)."""
