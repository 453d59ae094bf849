"""Whether a warm process shows the same failures on the unchanged code as a fresh one."""

from agent.planners.search.fork_client import Answer
from agent.protocol.check import Run, TestStatus

_PROGRAMS = ("subprocess.Popen", "os.system", "os.exec", "os.posix_spawn")
FAILING = frozenset({TestStatus.FAILED, TestStatus.ERROR, TestStatus.TIMEOUT, TestStatus.CRASHED})


def difference(answer: Answer, baseline: Run, targets: tuple[str, ...], guards: tuple[str, ...]) -> str:
    """Say how an unchanged run differs from the baseline, "" when it does not."""
    if answer.end not in ("done", "timeout", "crashed"):
        return answer.reason or answer.end
    if answer.missing and not answer.tests:
        return f"{answer.missing[0]} is not collected"
    known = baseline.by_id()
    if not answer.tests and answer.end != "done":
        first = [known[test].status for test in targets if test in known]
        ends = {"timeout": TestStatus.TIMEOUT, "crashed": TestStatus.CRASHED}
        return "" if ends[answer.end] in first else f"the tests ended as {answer.end}: {answer.reason}"
    for test in answer.tests:
        if test.id in targets and test.status not in FAILING:
            return f"{test.id} passes on the unchanged code"
        if test.id in guards and test.status in FAILING:
            return f"{test.id} fails on the unchanged code"
        before = known.get(test.id)
        named = before is not None and before.message.partition(":")[0].strip()
        if test.id in targets and test.error and named and named.isidentifier() and named != test.error:
            return f"{test.id} raises {test.error} instead of {named}"
    return ""


def spawns(answer: Answer) -> str:
    """Name a program that the tests started and that reads the project from disk, "" when none did."""
    for program in answer.spawned:
        if "python" in program or "/opt/env" in program:
            return program
    return ""
