"""Where the code that runs inside sandboxes lies on the host."""

from pathlib import Path

GUEST_DIR = Path(__file__).resolve().parent / "guest"
"""What is mounted read-only at GUEST; for the process backend it is used in place."""
WORKER = "worker.py"
"""The resident worker, below GUEST_DIR."""
