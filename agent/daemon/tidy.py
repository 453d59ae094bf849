"""Frees what is old or too much below the state directory: `python -m agent.daemon.tidy --state DIR`."""

import argparse
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from agent.config import load_user
from agent.daemon.disk import free, outdated, survey
from agent.protocol.errors import RatchetError

_MIB = 1024 * 1024


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the names of what was freed; a process of its own, since it takes long and imports a lot."""
    parser = argparse.ArgumentParser(prog="ratchet tidy", description=__doc__)
    parser.add_argument("--state", type=Path, required=True)
    try:
        for name in free_disk(parser.parse_args(arguments).state):
            print(name)  # noqa: T201
    except (RatchetError, OSError) as error:
        print(error, file=sys.stderr)  # noqa: T201
        return 1
    return 0


def free_disk(state: Path) -> list[str]:
    """Free what `[retention]` no longer keeps below the state directory; returns the names."""
    retention, now = load_user().retention, time.time()
    size = None if retention.size_mib is None else retention.size_mib * _MIB
    chosen = outdated(survey(state, now), days=retention.days, size=size, now=now)
    return [f"{item.kind}/{item.name}" for item in chosen if free(item, state)]


if __name__ == "__main__":
    sys.exit(main())
