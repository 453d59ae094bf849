"""`python -m agent.daemon --state DIR`: what `ratchet daemon run` does."""

import argparse
import gc
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TypeVar

from agent.config import load_user, state_dir
from agent.daemon.settings import STORY, Settings, default_workers
from agent.protocol.errors import RatchetError

T = TypeVar("T")
ALREADY_RUNNING = 3
"""Exit status when another daemon serves the state directory."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve until told to stop; returns the exit status."""
    parsed = _parser().parse_args(arguments)
    # What is imported stays: collecting it again and again takes a quarter of the start.
    gc.disable()
    from agent.daemon.errors import AlreadyRunning  # noqa: PLC0415
    from agent.daemon.server import run  # noqa: PLC0415

    try:
        run(_settings(parsed))
    except RatchetError as error:
        print(f"ratchet daemon: {error.message}", file=sys.stderr)  # noqa: T201
        if error.hint:
            print(f"hint: {error.hint}", file=sys.stderr)  # noqa: T201
        return ALREADY_RUNNING if isinstance(error, AlreadyRunning) else 1
    return 0


def _settings(parsed: argparse.Namespace) -> Settings:
    """Return what flags say, and where they say nothing what `[daemon]` of the user's file does."""
    wanted = load_user().daemon
    return Settings(
        state=(parsed.state or state_dir()).absolute(),
        listen=parsed.listen,
        hosts=tuple(parsed.allow_host),
        database=os.environ.get("RATCHET_DATABASE_URL") or None,
        workers=_first(parsed.workers, wanted.workers, default_workers()),
        per_repository=_first(parsed.per_repository, wanted.per_repository),
        story=parsed.story,
        idle_minutes=_first(parsed.idle_minutes, wanted.idle_minutes),
        keep_alive_seconds=parsed.keep_alive,
    )


def _first(*values: T | None) -> T:
    return next(value for value in values if value is not None)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="ratchet daemon run", description="Serve tasks.")
    parser.add_argument("--state", type=Path, help="state directory; default RATCHET_STATE_DIR")
    parser.add_argument("--listen", metavar="HOST:PORT", help="serve TCP as well, to bearers of a token")
    parser.add_argument("--allow-host", action="append", default=[], metavar="NAME")
    parser.add_argument("--workers", type=int, help="tasks at the same time")
    parser.add_argument("--per-repository", type=int, help="of them for one repository")
    parser.add_argument("--idle-minutes", type=float, help="0 means to stay for ever")
    parser.add_argument("--keep-alive", type=float, default=15.0, metavar="SECONDS", help="of streams")
    parser.add_argument("--story", default=STORY, metavar="MODULE:NAME", help="what tasks do")
    return parser


if __name__ == "__main__":
    sys.exit(main())
