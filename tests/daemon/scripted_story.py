"""A story that does what the `tests` of its task say, for tests of whatever runs stories."""

import ctypes
import os
import signal
import subprocess
import time
from pathlib import Path

from agent.engine.story import Hold, Performer
from agent.protocol.control import ApprovalRequested
from agent.protocol.event import Body, ProposalMade, TaskFinished
from agent.protocol.outcome import Outcome
from agent.protocol.policy import Action, Approval, Decision, Subject
from agent.protocol.progress import Progress
from agent.protocol.proposal import Proposal
from agent.protocol.state import TaskState


class ScriptedStory:
    """Takes one step for each word, then finishes the task.

    `step` records an event, `stamp` one with the time of day; `sleep:S` sleeps and heeds the interrupt,
    `stuck:S` does not heed it and holds the interpreter's lock; `die` kills the process, `once:PATH` only
    when the file is missing; `progress:N` emits N updates, `prints:N` N lines of output; `child:S` waits
    for a program; `large:N` records N bytes; `ask` waits for an approval.
    """

    def __init__(self, _: Path) -> None:
        pass

    def next_step(self, state: TaskState) -> str | None:
        """Return the key of the step that follows."""
        if state.finished or state.paused or state.open_approvals:
            return None
        step = _done(state)
        finished = state.cancelled or step >= len(_words(state))
        return state.step_key("finish" if finished else f"step:{step}")

    def open(self, state: TaskState, hold: Hold) -> Performer:
        """Begin or go on with a task."""
        return _Performer(hold)


class _Performer:
    uncounted = 0.0

    def __init__(self, hold: Hold) -> None:
        self._hold = hold

    def perform(self, state: TaskState, step_key: str) -> Body | None:
        if step_key.endswith("finish"):
            ended = {"outcome": _outcome(state), "reason": "the script is at its end"}
            return TaskFinished(**ended, log=str(time.time()))
        word, _, argument = _words(state)[_done(state)].partition(":")
        return getattr(self, f"_{word}", self._step)(argument)

    def close(self) -> None:
        pass

    def _step(self, _: str) -> Body:
        return _recorded()

    def _stamp(self, _: str) -> Body:
        return ProposalMade(proposal=Proposal(planner="script", edits=(), rationale=str(time.time())))

    def _sleep(self, seconds: str) -> Body | None:
        return None if self._hold.interrupt.wait(float(seconds)) else _recorded()

    def _stuck(self, seconds: str) -> Body:
        # Unlike CDLL, PyDLL keeps the interpreter's lock, as a bad C extension would.
        ctypes.PyDLL(None).usleep(int(float(seconds) * 1_000_000))
        return _recorded()

    def _die(self, _: str) -> Body:
        os.kill(os.getpid(), signal.SIGKILL)
        return _recorded()

    def _once(self, path: str) -> Body:
        if not Path(path).exists():
            Path(path).touch()
            self._die(path)
        return _recorded()

    def _progress(self, count: str) -> Body:
        for number in range(int(count)):
            self._hold.on_progress(Progress(phase="search", done=number, total=int(count)))
            time.sleep(0.06)
        return _recorded()

    def _prints(self, count: str) -> Body:
        for number in range(int(count)):
            self._hold.on_progress(Progress(phase="verify", output=f"line {number}\n"))
        return _recorded()

    def _child(self, seconds: str) -> Body:
        subprocess.run(["sleep", seconds], check=False)
        return _recorded()

    def _large(self, size: str) -> Body:
        return ProposalMade(proposal=Proposal(planner="script", edits=(), rationale="x" * int(size)))

    def _ask(self, _: str) -> Body:
        action = Action(subject=Subject.TOOL, value="apply")
        return ApprovalRequested(approval=Approval(id="apply", actions=(action,), reason="the script asks"))


def _recorded() -> Body:
    return ProposalMade(proposal=Proposal(planner="script", edits=(), rationale=""))


def _words(state: TaskState) -> tuple[str, ...]:
    return state.spec.tests if state.spec else ()


def _done(state: TaskState) -> int:
    return state.proposals + len(state.approvals)


def _outcome(state: TaskState) -> Outcome:
    if state.cancelled:
        return Outcome.INTERRUPTED
    denied = any(answer.decision is Decision.DENY for answer in state.answers)
    return Outcome.DENIED if denied else Outcome.UNVERIFIED
