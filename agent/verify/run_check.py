"""Runs one check inside a sandbox and says what every test did."""

import secrets
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from agent.protocol.check import Check, CheckKind, Run, RunEnd, TestResult, TestStatus
from agent.verify.failures import sandbox_errors_mapped
from agent.verify.run_end import Stop
from agent.verify.runners.commands import Invocation, command_of, is_launched
from agent.verify.runners.parts import Part, read_part
from agent.verify.runners.whole_command import add_command_result, clear_junit, junit_results
from sandboxes.sandbox import Sandbox

RESTARTS = 5
"""How often a run goes on after a test that ended its process."""
_TAIL = 20_000
_OnOutput = Callable[[bytes], None] | None


def run_check(
    sandbox: Sandbox,
    check: Check,
    *,
    python: str,
    select: tuple[str, ...] = (),
    seconds: float,
    test_seconds: float,
    env: Mapping[str, str] | None = None,
    plugins: tuple[str, ...] = (),
    on_test: Callable[[TestResult], None] | None = None,
    on_output: Callable[[bytes], None] | None = None,
    cancel: threading.Event | None = None,
) -> Run:
    """Run a check on the tree in a sandbox, at most `seconds` in all; raises IsolationUnavailable.

    `on_output` takes what it prints while it runs.

    `select` are node ids, files or folders; empty runs everything. `plugins` are module names or
    paths (inside) of pytest plugins of ours. After a test that ended the process the others run on.
    """
    invocation = Invocation(
        check=check,
        python=python,
        key="",
        select=select,
        plugins=plugins,
        seconds=seconds,
        test_seconds=test_seconds,
        env=env or {},
    )
    with sandbox_errors_mapped():
        run = _run_parts(sandbox, invocation, on_output, cancel)
    if on_test is not None:
        for test in run.tests:
            on_test(test)
    return run


@dataclass(slots=True)
class _Sum:
    """What the parts of a run have given so far."""

    tests: dict[str, TestResult]
    restarts: int = 0


def _run_parts(
    sandbox: Sandbox, invocation: Invocation, on_output: _OnOutput, cancel: threading.Event | None
) -> Run:
    began = time.monotonic()
    total = _Sum({})
    asked = invocation
    clear_junit(sandbox, invocation.check)
    while True:
        part = _run_part(sandbox, asked, on_output, cancel)
        _add(total, part)
        left = invocation.seconds - (time.monotonic() - began)
        if not _goes_on(part, total.restarts, left, invocation.check):
            break
        total.restarts += 1
        asked = replace(asked, select=part.waiting, seconds=left)
    return _run_of(sandbox, invocation, total, part, time.monotonic() - began)


def _run_part(
    sandbox: Sandbox, invocation: Invocation, on_output: _OnOutput, cancel: threading.Event | None
) -> Part:
    asked = replace(invocation, key=secrets.token_hex(16))
    result = sandbox.run(command_of(asked), on_output=on_output, cancel=cancel)
    return read_part(result, asked)


def _add(total: _Sum, part: Part) -> None:
    for test in part.tests:
        total.tests[test.id] = test


def _goes_on(part: Part, restarts: int, left: float, check: Check) -> bool:
    """True when a single test ended the process and others still wait for their turn."""
    if not is_launched(check) or restarts >= RESTARTS or left < 1.0:
        return False
    return part.culprit and bool(part.waiting)


def _run_of(sandbox: Sandbox, invocation: Invocation, total: _Sum, part: Part, seconds: float) -> Run:
    check, stop = invocation.check, _stop(total, part)
    tests = tuple(total.tests.values())
    if stop.end is RunEnd.FORGED:
        tests = tuple(TestResult(id=test.id, status=TestStatus.NOT_RUN) for test in tests)
    elif check.kind is CheckKind.JUNIT:
        tests, stop = junit_results(sandbox, check, part.result, stop)
    if not is_launched(check) and stop.end is not RunEnd.FORGED:
        tests, stop = add_command_result(check, tests, part, stop)
    return Run(
        check=check.name,
        end=stop.end,
        reason=stop.reason,
        tests=tests,
        selected=invocation.select,
        overridden=part.overridden,
        patched=part.patched,
        exit_code=part.result.exit_code,
        seconds=round(seconds, 4),
        output_tail=(part.result.stdout.text + part.result.stderr.text)[-_TAIL:],
    )


def _stop(total: _Sum, part: Part) -> Stop:
    """Return the end of all parts: complete once every collected test has its own result."""
    undone = any(test.status is TestStatus.NOT_RUN for test in total.tests.values())
    if part.stop.end is RunEnd.FORGED or undone or not (part.culprit or total.restarts):
        return part.stop
    if part.culprit or part.stop.end in (RunEnd.COMPLETE, RunEnd.NO_TESTS):
        times = f"{total.restarts} time{'s' if total.restarts != 1 else ''}"
        return Stop(RunEnd.COMPLETE, f"went on {times} after a test that ended the process")
    return part.stop
