"""From what a front end asks for and the settings of the user and the repository to the spec of a task."""

import os
from pathlib import Path
from typing import Any

from agent.client.routed import bounds, routed
from agent.config import (
    REPOSITORY_FILE,
    client_rules,
    load_organization,
    load_user,
    machine,
    merge,
    parse_repository,
)
from agent.protocol.errors import UsageError
from agent.protocol.limits import TaskLimits
from agent.protocol.task import TaskKind, TaskSpec

_DEFAULTS = {
    TaskKind.FIX: TaskLimits(seconds=300),
    TaskKind.VERIFY: TaskLimits(seconds=1800),
    TaskKind.DO: TaskLimits(seconds=3600),
    TaskKind.ASK: TaskLimits(seconds=600),
    TaskKind.REVIEW: TaskLimits(seconds=1800),
    TaskKind.REPLY: TaskLimits(seconds=60),
}
"""A verdict needs whole test suites on both sides; a search that takes longer seldom finds more."""


def request(
    kind: TaskKind,
    root: Path,
    tests: tuple[str, ...] = (),
    **asked: Any,
) -> TaskSpec:
    """Return the spec of a task for a repository's root; raises UsageError before anything runs.

    `asked` as for `configured`.
    """
    own = root / REPOSITORY_FILE
    text = own.read_bytes() if own.is_file() and not own.is_symlink() else b""
    named, command = _split(root, tests)
    known: dict[str, Any] = {"tests": named, "command": command, "machine": machine()}
    return configured(kind, str(root), text, **known, **asked)


def configured(
    kind: TaskKind,
    repository: str,
    its_file: bytes = b"",
    *,
    seconds: float | None = None,
    sandbox: str | None = None,
    budget: float | None = None,
    planner: str | None = None,
    **more: Any,
) -> TaskSpec:
    """Return the spec of a task with the user's settings, within what the repository's file allows.

    `seconds`, `sandbox`, `budget` (US dollars) and `planner` are what the user asked for beside the settings,
    `more` further fields of the spec. Raises UsageError.
    """
    user = load_user()
    config = merge(
        parse_repository(its_file),
        user,
        os.environ,
        organization=load_organization(),
        seconds=seconds,
        sandbox=sandbox,
        defaults=_DEFAULTS[kind],
    )
    return TaskSpec(
        kind=kind,
        repository=repository,
        limits=config.limits.model_copy(update=bounds(user.routing, budget)),
        sandbox=config.sandbox.kind,
        policy=client_rules(),
        **routed(user, kind, planner),
        **more,
    )


def _split(root: Path, tests: tuple[str, ...]) -> tuple[tuple[str, ...], str | None]:
    """Tell node ids and paths from a shell command; raises UsageError when both are given."""
    named = tuple(test for test in tests if _names_tests(root, test))
    commands = [test for test in tests if test not in named]
    if len(commands) > 1 or (commands and named):
        raise UsageError(
            "--test takes node ids and paths, or one shell command, not both",
            hint=f"not found in the repository: {commands[0]}",
        )
    return named, commands[0] if commands else None


def _names_tests(root: Path, test: str) -> bool:
    path = test.partition("::")[0]
    return "::" in test or path.endswith(".py") or os.path.lexists(root / path)
