"""What a command says as a whole: its exit code as one result, and the JUnit files it wrote."""

from agent.protocol.check import Check, CheckKind, RunEnd, TestResult, TestStatus
from agent.verify.classes import FAILING
from agent.verify.junit import BadJUnit, read_junit
from agent.verify.run_end import Stop, cut_short
from agent.verify.runners.parts import Part
from sandboxes.sandbox import MIB, Ending, Result, Sandbox

_MAX_JUNIT = 64 * MIB


def clear_junit(sandbox: Sandbox, check: Check) -> None:
    """Remove result files that came with the tree, which would pass for the run's own."""
    if check.kind is CheckKind.JUNIT and check.junit:
        old = sandbox.read(check.junit, _MAX_JUNIT)
        if old:
            sandbox.put(dict.fromkeys(old))


def junit_results(
    sandbox: Sandbox, check: Check, result: Result, stop: Stop
) -> tuple[tuple[TestResult, ...], Stop]:
    """Return the results in the JUnit files of a finished command."""
    files = sandbox.read(check.junit or "", _MAX_JUNIT)
    tests: dict[str, TestResult] = {}
    try:
        for data in files.values():
            for test in read_junit(data):
                before = tests.get(test.id)
                tests[test.id] = before if before is not None and before.status in FAILING else test
    except BadJUnit as error:
        return (), Stop(RunEnd.INTERNAL, f"a JUnit file could not be read: {error}")
    return tuple(tests.values()), cut_short(result) or Stop(RunEnd.COMPLETE)


def add_command_result(
    check: Check, tests: tuple[TestResult, ...], part: Part, stop: Stop
) -> tuple[tuple[TestResult, ...], Stop]:
    """Add the result of the command itself, which also stands for whatever else it checks."""
    reported = bool(part.sessions) or bool(tests)
    status = _status(part.result, explained=any(test.status in FAILING for test in tests))
    end = stop
    if not reported and check.kind is not CheckKind.JUNIT:
        end = cut_short(part.result) or Stop(RunEnd.COMPLETE)
    message = "" if status is TestStatus.PASSED else _why(part.result)
    details = (
        "" if status is TestStatus.PASSED else (part.result.stdout.text + part.result.stderr.text)[-8000:]
    )
    result = TestResult(
        id=f"<{check.name}>",
        status=status,
        seconds=round(part.result.seconds, 4),
        message=message,
        details=details,
    )
    return (*tests, result), end


def _status(result: Result, *, explained: bool) -> TestStatus:
    if result.ending is Ending.TIMEOUT:
        return TestStatus.TIMEOUT
    if result.ending in (Ending.CANCELLED, Ending.LOST):
        return TestStatus.NOT_RUN
    if result.ending is not Ending.EXITED and result.exit_code is None:
        return TestStatus.CRASHED
    # A failing test explains the exit code; the command itself then did its job.
    return TestStatus.PASSED if result.exit_code == 0 or explained else TestStatus.FAILED


def _why(result: Result) -> str:
    stop = cut_short(result)
    return stop.reason if stop else f"exit status {result.exit_code}"
