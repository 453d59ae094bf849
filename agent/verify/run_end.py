"""Why a run stopped, from how its process ended and what its session said."""

from dataclasses import dataclass

from agent.protocol.check import RunEnd
from agent.verify.session import Folded
from sandboxes.sandbox import Ending, Result

_OUT_OF = {
    Ending.OUT_OF_MEMORY: "memory",
    Ending.PIDS: "processes",
    Ending.DISK: "disk space",
    Ending.OUTPUT: "room for output",
}
_NO_TESTS = 5
_INTERRUPTED = 2
_INTERNAL = 3
_USAGE = 4


@dataclass(frozen=True, slots=True)
class Stop:
    """The end of a run and its reason in one sentence."""

    end: RunEnd
    reason: str = ""


def stop_of(result: Result, session: Folded | None, *, launched: bool) -> Stop:
    """Return why a run of one session stopped; `launched` demands that the exit statuses agree."""
    if session is not None and session.contradiction:
        return Stop(RunEnd.FORGED, session.contradiction)
    if session is not None and session.exit is not None:
        return _ended(result, session, launched)
    return cut_short(result) or _without_session(result, session)


def cut_short(result: Result) -> Stop | None:
    """Return the stop of a process that did not end by itself, None for one that exited."""
    if result.ending is Ending.TIMEOUT:
        return Stop(RunEnd.TIMEOUT, f"the run took longer than {result.seconds:.0f} s")
    if result.ending in _OUT_OF:
        return Stop(RunEnd.OUT_OF_RESOURCES, f"the run was out of {_OUT_OF[result.ending]}")
    if result.ending is Ending.CANCELLED:
        return Stop(RunEnd.TRUNCATED, "the run was cancelled")
    if result.ending is Ending.LOST:
        return Stop(RunEnd.CRASHED, "the sandbox was lost during the run")
    if result.ending is Ending.SIGNALLED:
        return Stop(RunEnd.CRASHED, f"the runner was killed by signal {result.signal}")
    return None


def _ended(result: Result, session: Folded, launched: bool) -> Stop:
    if launched and result.exit_code != session.exit:
        stop = cut_short(result)
        if stop is not None:
            return Stop(stop.end, f"{stop.reason}, after the session had ended")
        claim = f"the session ended with status {session.exit}, the process with {result.exit_code}"
        return Stop(RunEnd.FORGED, claim)
    if session.exit == _INTERNAL:
        return Stop(RunEnd.INTERNAL, session.internal or "the test runner failed")
    if session.exit == _USAGE:
        return Stop(RunEnd.USAGE, _last_line(result) or "the test runner refused its arguments")
    if session.exit == _INTERRUPTED or session.stopped:
        return Stop(RunEnd.TRUNCATED, session.stopped or "the session was interrupted")
    if not session.tests and not session.open and not session.waiting:
        return Stop(RunEnd.NO_TESTS, "no test was collected")
    return _complete(session)


def _complete(session: Folded) -> Stop:
    if session.open or session.waiting:
        return Stop(RunEnd.TRUNCATED, "the session ended before every collected test had run")
    if session.tests and not session.collected:
        return Stop(RunEnd.COLLECTION_ERROR, session.tests[0].message)
    return Stop(RunEnd.COMPLETE)


def _without_session(result: Result, session: Folded | None) -> Stop:
    said = _last_line(result)
    if session is None:
        return Stop(RunEnd.INTERNAL, said or f"the test runner exited with {result.exit_code}")
    if session.started:
        return Stop(
            RunEnd.CRASHED, f"the process exited with {result.exit_code} in the middle of the session"
        )
    if result.exit_code == _USAGE and "conftest" in result.stderr.text:
        return Stop(RunEnd.COLLECTION_ERROR, said)
    if result.exit_code == _USAGE:
        return Stop(RunEnd.USAGE, said)
    return Stop(RunEnd.CRASHED, said or f"the test runner exited with {result.exit_code}")


def _last_line(result: Result) -> str:
    for stream in (result.stderr, result.stdout):
        lines = [line.strip() for line in stream.text.splitlines() if line.strip()]
        if lines:
            return lines[-1][:500]
    return ""
