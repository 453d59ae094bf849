"""The bot without a webhook: asks the forge what happened, and remembers up to where it knows."""

import asyncio
import json
import os
import re
import time
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple, Protocol

from pydantic import TypeAdapter, ValidationError

from agent.bot.errand import key_of
from agent.bot.intake import Note, Submits, submit
from agent.bot.seen import wanted_by
from agent.bot.wanted import Wanted
from agent.protocol.errors import RatchetError, UsageError
from agent.repo.forge.errors import ForgeBusy
from agent.repo.forge.port import ReadsForge, WatchesForge
from agent.repo.forge.values import Seen
from agent.sections import BotConfig

SPAN = 3 * 24 * 3600
"""Seconds: what happened earlier, nobody waits for any more."""
_OVERLAP = 120
"""Seconds that are asked for again, and before the first time: lists of a forge lag behind."""
_NAME = re.compile(r"[A-Za-z0-9_.-]{1,100}/[A-Za-z0-9_.-]{1,100}")
_SINCE = TypeAdapter(dict[str, int])


class Asked(ReadsForge, WatchesForge, Protocol):
    """What polling needs of a forge."""


class Memory:
    """Up to when each repository is known, in seconds since the epoch; in one file, replaced as a whole."""

    def __init__(self, state: Path) -> None:
        self._path = state / "bot" / "polled.json"

    def read(self) -> dict[str, int]:
        """Return what is remembered; raises UsageError for a file that is not ours."""
        try:
            return _SINCE.validate_json(self._path.read_bytes())
        except FileNotFoundError:
            return {}
        except ValidationError:
            hint = "remove it: polling begins with what happens from then on"
            raise UsageError(f"{self._path} is not what the bot wrote", hint=hint) from None

    def write(self, known: Mapping[str, int]) -> None:
        """Remember; a crash leaves the old file or the new one."""
        self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        new = self._path.with_suffix(".new")
        with new.open("w", encoding="utf-8") as file:
            file.write(json.dumps(dict(sorted(known.items())), indent=1))
            file.flush()
            os.fsync(file.fileno())
        new.replace(self._path)


class Round(NamedTuple):
    """What came of asking for every repository."""

    pause: float = 0.0
    """Seconds for which the forge wants to be left alone."""
    failed: int = 0
    """Repositories that could not be asked for, or of which something could not be recorded."""


class Poll:
    """Asks for the repositories in [bot]; `login` is our own name on the forge."""

    def __init__(
        self, config: BotConfig, forge: Asked, tasks: Submits, memory: Memory, login: str, note: Note
    ) -> None:
        """Take what is asked and told; raises UsageError when no repository is named."""
        if not config.repositories or not all(_NAME.fullmatch(name) for name in config.repositories):
            hint = '[bot] repositories = ["owner/name"], without * or ?'
            raise UsageError("polling has to be told which repositories to ask for", hint=hint)
        self._config = config
        self._forge = forge
        self._tasks = tasks
        self._memory = memory
        self._login = login
        self._note = note

    async def go_on(self, seconds: float) -> None:
        """Ask again and again, without an end."""
        while True:
            found = await self.once(time.time())
            await asyncio.sleep(max(seconds, found.pause))

    async def once(self, now: float) -> Round:
        """Ask for every repository; one that cannot be asked holds up no other."""
        failed = 0
        for number, repository in enumerate(self._config.repositories):
            try:
                await self._ask(repository, int(now))
            except RatchetError as error:
                self._note(f"{repository}: {error.message}; it is asked again")
                failed += 1
                if isinstance(error, ForgeBusy):
                    return Round(error.seconds, failed + len(self._config.repositories) - number - 1)
        return Round(failed=failed)

    async def _ask(self, repository: str, now: int) -> None:
        known = self._memory.read()
        if repository not in known:
            # Nobody waits for an answer from before the bot was there.
            known |= {repository: now}
            self._memory.write(known)
        since = max(known[repository], now - SPAN)
        found = await asyncio.to_thread(self._look, repository, since - _OVERLAP)
        for seen, errands in found:
            if not isinstance(errands, str):
                key = key_of("seen", f"{repository.lower()} {seen.key}")
                made = await submit(errands, (key,), self._config, self._tasks)
                self._note(f"{repository} {seen.key}: {', '.join(made)}")
        newest = max((seen.at for seen, _ in found), default=since)
        # Only now: whatever could not be recorded is found again.
        self._memory.write({**known, repository: max(since, min(newest, now))})

    def _look(self, repository: str, since: int) -> list[tuple[Seen, Wanted]]:
        return [
            (seen, self._wanted(seen, repository)) for seen in self._forge.events_since(repository, since)
        ]

    def _wanted(self, seen: Seen, repository: str) -> Wanted:
        on_issue = bool(seen.label) and not self._forge.issue(repository, seen.number or 0).is_pull
        return wanted_by(seen, repository, self._config, self._login, on_issue=on_issue)
