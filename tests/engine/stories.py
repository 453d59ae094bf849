"""A small story for the engine's tests: a task of `spec.seed` proposals that do what `spec.command` says.

The command is a list of words `verb` or `verb=value`, done in order by every proposal:
`wait=SECONDS` (or until interrupted), `gate=PATH` (until the file is there), `effect=PATH` (append one
line through the outbox), `checkpoint` (save the process id), `die`, `die-once=MARK`, `stop-once=MARK`,
`die-in-effect=PATH`, `stop-in-effect=PATH`, `nothing`, `raise`. The command `ask` is an approval,
`none` gives a task no step at all.
"""

import os
import signal
import time
from collections.abc import Callable
from pathlib import Path

from agent.engine.story import Hold
from agent.protocol.control import ApprovalRequested
from agent.protocol.event import Body, ProposalMade, TaskFinished
from agent.protocol.outcome import Outcome
from agent.protocol.policy import Action, Approval, Subject
from agent.protocol.proposal import Effort, Proposal
from agent.protocol.state import TaskState


class Proposals:
    """The story; `journal` gets a line for each run of a step."""

    def __init__(self, journal: Path) -> None:
        self._journal = journal

    def next_step(self, state: TaskState) -> str | None:
        assert state.spec is not None
        if state.finished or state.spec.command == "none":
            return None
        if state.cancelled:
            return state.step_key("finish")
        if state.paused or state.open_approvals:
            return None
        if state.spec.command == "ask" and not state.answers:
            return state.step_key("ask")
        done = state.proposals >= state.spec.seed
        return state.step_key("finish" if done else f"propose:{state.proposals + 1}")

    def open(self, state: TaskState, hold: Hold) -> "Proposer":
        assert state.spec is not None
        return Proposer(self._journal, hold, (state.spec.command or "").split())


class Proposer:
    """Runs the steps of one task."""

    uncounted = 0.0

    def __init__(self, journal: Path, hold: Hold, words: list[str]) -> None:
        self._journal = journal
        self._hold = hold
        self._words = words

    def perform(self, state: TaskState, step_key: str) -> Body | None:
        write_line(self._journal, f"{self._hold.task_id} {step_key} {os.getpid()}")
        if step_key.endswith("finish"):
            outcome = Outcome.INTERRUPTED if state.cancelled else Outcome.NO_PATCH
            return TaskFinished(outcome=outcome, reason="done")
        if step_key.endswith("ask"):
            action = Action(subject=Subject.TOOL, value="apply")
            return ApprovalRequested(approval=Approval(id="gate", actions=(action,), reason="may I?"))
        for word in self._words:
            verb, _, value = word.partition("=")
            if not self._do(verb, value, step_key):
                return None
        effort = Effort(candidates=1, seconds=0.0, cost_usd=0.25)
        return ProposalMade(proposal=Proposal(planner="test", edits=(), rationale=step_key, effort=effort))

    def close(self) -> None:
        write_line(self._journal, f"{self._hold.task_id} closed {os.getpid()}")

    def _do(self, verb: str, value: str, step_key: str) -> bool:
        match verb:
            case "wait":
                return not self._hold.interrupt.wait(float(value))
            case "gate":
                return self._wait_for(Path(value))
            case "die":
                os.kill(os.getpid(), signal.SIGKILL)
            case "die-once":
                _once(Path(value), signal.SIGKILL)
            case "stop-once":
                _once(Path(value), signal.SIGSTOP)
            case "effect" | "stop-in-effect" | "die-in-effect":
                self._effect(Path(value), step_key, verb)
            case "checkpoint":
                self._hold.checkpoints.save(step_key, str(os.getpid()).encode())
            case "nothing":
                return False
            case "raise":
                raise RuntimeError("a defect of the story")
        return True

    def _wait_for(self, gate: Path) -> bool:
        while not gate.exists():
            if self._hold.interrupt.wait(0.02):
                return False
        return True

    def _effect(self, path: Path, step_key: str, verb: str) -> None:
        line = f"{self._hold.task_id} {step_key}"

        def find() -> dict[str, str] | None:
            found = path.exists() and line in path.read_text().splitlines()
            if verb == "stop-in-effect":
                _once(path.with_suffix(".stopped"), signal.SIGSTOP)
            return {"line": line} if found else None

        def act() -> dict[str, str]:
            write_line(path, line)
            if verb == "die-in-effect":
                _once(path.with_suffix(".died"), signal.SIGKILL)
            return {"line": line}

        self._hold.outbox.once("line", {"step": step_key}, find=find, act=act)


def _once(mark: Path, signal_number: signal.Signals) -> None:
    """Send a signal to this process unless the mark shows that it was sent before."""
    if not mark.exists():
        mark.touch()
        os.kill(os.getpid(), signal_number)


def write_line(path: Path, line: str) -> None:
    """Append a line; lines of several processes do not mix."""
    descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    try:
        os.write(descriptor, f"{line}\n".encode())
    finally:
        os.close(descriptor)


def wait_until(holds: Callable[[], object], seconds: float = 90.0) -> None:
    """Wait for a condition; fail after a generous while."""
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, "it did not come to that"
        time.sleep(0.02)
