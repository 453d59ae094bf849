"""What a daemon does for itself from time to time: it forgets old tasks, and ends when nobody needs it."""

import asyncio
import time

from agent.config import load_user
from agent.daemon.daemon import Daemon
from agent.engine.database import Database
from agent.engine.errors import StoreUnavailable
from agent.engine.retention import Keep, Pruned, prune
from agent.protocol.errors import RatchetError

FIRST_SECONDS, EVERY_SECONDS = 300.0, 3600.0
_IDLE_LOOK_SECONDS = 5.0
_MIB = 1024 * 1024


async def forget_old_tasks(daemon: Daemon) -> None:
    """Prune when the first work of a start is done with, and then every hour, until cancelled."""
    pause = FIRST_SECONDS
    while True:
        await asyncio.sleep(pause)
        pause = EVERY_SECONDS
        try:
            pruned = await daemon.in_thread(_prune, daemon.database)
            freed = await daemon.run_apart("agent.daemon.tidy")
        except (RatchetError, OSError) as error:
            daemon.log.warning("pruning failed", reason=str(error))
            continue
        daemon.log.info("pruned", tasks=len(pruned.tasks), blobs=pruned.blobs, freed=freed.split())


def _prune(database: Database) -> Pruned:
    retention = load_user().retention
    size = None if retention.size_mib is None else retention.size_mib * _MIB
    return prune(database, Keep(days=retention.days, bytes=size))


async def stop_when_idle(daemon: Daemon) -> None:
    """End the daemon when there was no task, no follower and no request for a while."""
    minutes = daemon.settings.idle_minutes
    needed_at = time.monotonic()
    while minutes > 0:
        await asyncio.sleep(min(_IDLE_LOOK_SECONDS, 6 * minutes))
        if daemon.followers or daemon.supervisor.busy or await _has_work(daemon):
            needed_at = time.monotonic()
        if time.monotonic() - max(needed_at, daemon.asked_at) >= 60 * minutes:
            daemon.log.info("idle", minutes=minutes)
            daemon.stop(drain=True)
            return


async def _has_work(daemon: Daemon) -> bool:
    try:
        return daemon.publishing.has_work or await daemon.waiting() > 0
    except StoreUnavailable:
        # Who cannot look cannot know.
        return True
