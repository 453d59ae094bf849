"""Deliveries that nobody took while the bot or the daemon was away are sent again, each once."""

import asyncio
import time
from collections.abc import Iterable

from agent.bot.intake import Note
from agent.bot.wanted import EVENTS
from agent.repo.forge.errors import ForgeBusy, ForgeError
from agent.repo.forge.port import WatchesForge
from agent.repo.forge.values import Delivery

EVERY = 15 * 60.0
SPAN = 3 * 24 * 3600
"""Seconds for which GitHub keeps deliveries and sends them again."""
_FIRST = 2.0


def missed(deliveries: Iterable[Delivery]) -> list[Delivery]:
    """Return the deliveries, oldest first, that failed and were not yet sent again; pure."""
    failed: dict[str, Delivery] = {}
    settled: set[str] = set()
    for one in deliveries:
        if one.ok or one.redelivery:
            settled.add(one.guid)
        elif one.event in EVENTS:
            failed[one.guid] = one
    left = (one for one in failed.values() if one.guid not in settled)
    return sorted(left, key=lambda one: (one.delivered_at, one.id))


def catch_up(forge: WatchesForge, now: float) -> int:
    """Have the forge send again what was missed; returns how many. Raises ForgeError."""
    found = missed(forge.deliveries(int(now) - SPAN))
    for one in found:
        forge.redeliver(one.id)
    return len(found)


async def keep_up(forge: WatchesForge, note: Note, every: float = EVERY) -> None:
    """Catch up soon and then again and again, without an end."""
    pause = _FIRST
    while True:
        # What is sent again comes in here: the server has to listen first.
        await asyncio.sleep(pause)
        pause = every
        try:
            count = await asyncio.to_thread(catch_up, forge, time.time())
        except ForgeBusy as error:
            pause = max(every, error.seconds)
        except ForgeError as error:
            note(f"missed deliveries cannot be asked for: {error.message}")
        else:
            if count:
                note(f"{count} missed deliveries are sent again")
