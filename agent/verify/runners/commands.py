"""The command that runs a check inside a sandbox with our reporter in it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from agent.protocol.check import Check, CheckKind
from sandboxes.sandbox import GUEST, WORKSPACE, Command

REPORTER = f"{GUEST}/reporter"
_LAUNCHERS = {CheckKind.PYTEST: "run_pytest.py", CheckKind.UNITTEST: "run_unittest.py"}
# The shell stays alive as the owner of the pipe, for runners that close inherited descriptors.
_KEEP_PIPE = 'RATCHET_REPORT_PATH="/proc/$$/fd/$RATCHET_REPORT_FD"; export RATCHET_REPORT_PATH; "$@"; exit $?'
_MAX_ENV = 100_000


@dataclass(frozen=True, slots=True)
class Invocation:
    """What one execution of a check is asked to do; `key` authenticates its records."""

    check: Check
    python: str
    key: str
    select: tuple[str, ...] = ()
    plugins: tuple[str, ...] = ()
    """Module names, or paths inside the sandbox of plugin files of ours."""
    seconds: float = 300.0
    test_seconds: float = 60.0
    env: Mapping[str, str] = field(default_factory=dict)


def is_launched(check: Check) -> bool:
    """True when we start the runner ourselves, so that its exit status must equal the session's."""
    return check.kind in _LAUNCHERS


def command_of(invocation: Invocation) -> Command:
    """Return the command for an invocation."""
    if is_launched(invocation.check):
        return _launch(invocation)
    return Command(
        argv=("sh", "-c", _KEEP_PIPE, "sh", *invocation.check.argv),
        env={**_stable(invocation), **_injected(invocation)},
        seconds=invocation.seconds,
        report=True,
    )


def _launch(invocation: Invocation) -> Command:
    check = invocation.check
    settings = {
        "key": invocation.key,
        "select": invocation.select,
        "plugins": invocation.plugins,
        "test_seconds": invocation.test_seconds,
    }
    return Command(
        argv=(invocation.python, f"{REPORTER}/{_LAUNCHERS[check.kind]}", *check.argv),
        env=_stable(invocation),
        stdin=json.dumps(settings).encode("ascii"),
        seconds=invocation.seconds,
        report=True,
    )


def _stable(invocation: Invocation) -> dict[str, str]:
    """Return what makes runs repeatable: one hash seed, no user site, no bytecode in the tree."""
    return {
        "PYTHONHASHSEED": "0",
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONNOUSERSITE": "1",
        "RATCHET_REPORT_ROOT": WORKSPACE,
        **invocation.env,
    }


def _injected(invocation: Invocation) -> dict[str, str]:
    """Return the variables that load the reporter into any pytest that the command starts."""
    select = json.dumps(invocation.select)
    names = ["ratchet_pytest", *(PurePosixPath(name).stem for name in invocation.plugins)]
    folders = [REPORTER, *(str(PurePosixPath(name).parent) for name in invocation.plugins if "/" in name)]
    before = invocation.env.get("PYTEST_ADDOPTS", "")
    path = invocation.env.get("PYTHONPATH", "")
    return {
        "PYTEST_ADDOPTS": " ".join([*(f"-p {name}" for name in names), *([before] if before else [])]),
        "PYTHONPATH": ":".join([*dict.fromkeys(folders), *([path] if path else [])]),
        "RATCHET_REPORT_KEY": invocation.key,
        "RATCHET_REPORT_TEST_SECONDS": str(invocation.test_seconds),
        "RATCHET_REPORT_SELECT": select if len(select) < _MAX_ENV else "[]",
    }
