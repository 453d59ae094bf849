"""Removes the sandboxes and builds that dead workers left: `python -m agent.daemon.reap --state DIR`."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from sandboxes.choose import all_backends
from sandboxes.errors import SandboxError
from sandboxes.left_builds import reap_builds


def main(arguments: Sequence[str] | None = None) -> int:
    """Ask every backend that works here; a process of its own, since their libraries are large."""
    parser = argparse.ArgumentParser(prog="ratchet reap", description=__doc__)
    parser.add_argument("--state", type=Path, required=True)
    parsed = parser.parse_args(arguments)
    if left := reap_builds(parsed.state):
        print(f"removed {left} folders of builds", file=sys.stderr)  # noqa: T201
    for backend in all_backends(parsed.state):
        try:
            removed = backend.reap()
        except SandboxError:
            # What does not work here has left nothing here.
            continue
        if removed:
            print(f"removed {removed} sandboxes of {backend.kind}", file=sys.stderr)  # noqa: T201
    return 0


if __name__ == "__main__":
    sys.exit(main())
