"""Why something cannot be done just now, in a few words; empty when it can. Asks nobody."""

import functools
import os
from collections.abc import Collection
from pathlib import Path

from agent.client.routed import routed
from agent.config import load_user, user_file
from agent.protocol.errors import UsageError
from agent.protocol.state import TaskState
from agent.protocol.task import TaskKind
from agent.sections import UserConfig
from lsp.feed import Feed
from lsp.settings import Settings

NO_REPOSITORY = "this is in no git repository"
NO_MODEL = "no model is configured; docs/models.md says how"
UNTRUSTED = "the sandbox `process` isolates nothing, and `ratchet.trusted` is not set"
_PROCESS = "process"


def planning(kind: TaskKind, settings: Settings) -> str:
    """Say why nobody can plan a task of a kind."""
    try:
        found = routed(_user(*_version(user_file())), kind, settings.model)
    except UsageError as error:
        return error.message
    return "" if kind is TaskKind.VERIFY or found["stages"] else NO_MODEL


def isolation(settings: Settings) -> str:
    """Say why nothing of the repository may run."""
    try:
        user = _user(*_version(user_file()))
    except UsageError as error:
        return error.message
    kind = settings.sandbox or os.environ.get("RATCHET_SANDBOX") or user.sandbox.kind
    return refused(kind, settings)


def refused(sandbox: str, settings: Settings) -> str:
    """Say why a sandbox may not be used for what is open."""
    return UNTRUSTED if sandbox == _PROCESS and not settings.trusted else ""


def running_fix(feed: Feed, repository: Path, tests: Collection[str]) -> TaskState | None:
    """Return a task that is at work on all of some tests; one that names none works on whatever fails."""
    for state in feed.tasks(repository):
        spec = state.spec
        if spec is None or spec.kind is not TaskKind.FIX or state.finished or state.cancelled:
            continue
        if not spec.tests or (tests and set(tests) <= set(spec.tests)):
            return state
    return None


def _version(path: Path) -> tuple[Path, int, int]:
    try:
        stat = path.stat()
    except OSError:
        return path, 0, 0
    return path, stat.st_mtime_ns, stat.st_size


@functools.lru_cache(maxsize=1)
def _user(path: Path, changed: int, size: int) -> UserConfig:
    """Read the user's file again only when it was written to."""
    return load_user()
