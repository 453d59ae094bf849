"""The language server: the agent in every editor, thin in front of the daemon."""
