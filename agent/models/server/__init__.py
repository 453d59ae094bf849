"""A real server of the OpenAI protocol whose answers are a script; for tests and for trying things out."""
