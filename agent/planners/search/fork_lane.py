"""Tiers 1 and 2: candidates in the forks of one sandbox, which is replaced when a candidate ends it."""

import itertools
import time
from collections.abc import Mapping

from agent.planners.planner import Problem
from agent.planners.search.fork_client import FORK, SWAP, Answer, ForkServer, Job
from agent.planners.search.pace import Pace
from agent.planners.search.reproduction import difference, spawns
from agent.protocol.check import TestStatus
from agent.verify.failures import sandbox_errors_mapped
from sandboxes.errors import SandboxLost
from sandboxes.sandbox import MIB, Sandbox

TARGETS, ALL = "targets", "all"
MOST_LOSSES = 4
_START_SECONDS = 60.0
_UNCHANGED = 10.0
"""Seconds for a test of the unchanged code."""


class ForkLane:
    """Queues candidates for some tests in a fork server; `unusable` says why it takes none, "" when it does.

    A candidate that was running when the server was lost runs again by itself; the second loss is its own.
    """

    def __init__(
        self,
        problem: Problem,
        tests: tuple[str, ...],
        targets: tuple[str, ...],
        bounds: Pace,
        workers: int,
    ) -> None:
        self._problem = problem
        self._tests = tests
        self._targets = targets
        self._guards = tuple(test for test in tests if test not in targets)
        self._bounds = bounds
        self._workers = workers
        self._numbers = itertools.count(1)
        self._sandbox: Sandbox | None = None
        self._server: ForkServer | None = None
        self._running: dict[int, Job] = {}
        self._contents: dict[str, bytes] = {}
        self._suspects: list[Job] = []
        self._blamed: set[int] = set()
        self._losses = 0
        self._tier = SWAP
        self._start = (0.0, 0.0)
        self.notes: list[str] = []
        self.unusable = ""

    @property
    def busy(self) -> int:
        """Return how many candidates are queued or running."""
        return len(self._running) + len(self._suspects)

    @property
    def accepts(self) -> bool:
        """True unless candidates under suspicion have to run alone."""
        return not self._suspects and not self._blamed & self._running.keys()

    def start(self) -> None:
        """Start the server and see which tiers show the failures of the baseline."""
        try:
            server = self._connect()
            server.wait(self._patience(), self._problem.cancel)
            self._rehearse(server)
        except SandboxLost as error:
            self._disable(f"the fork server was lost: {error.message}")

    def submit(
        self,
        files: Mapping[str, tuple[tuple[int, int, bytes], ...]],
        contents: Mapping[str, bytes],
        bounds: Pace,
    ) -> int:
        """Queue one candidate and return its number; `contents` are the unchanged bytes of its files."""
        number = next(self._numbers)
        then = ALL if self._guards else ""
        bounds = bounds.started(*self._start)
        job = Job(number, bounds, self._tier, files, members=TARGETS, then=then)
        self._contents.update(contents)
        self._send([job])
        return number

    def answers(self, seconds: float) -> list[Answer]:
        """Return what finished, after waiting for at most `seconds`."""
        if self._server is None:
            return []
        try:
            found = self._server.answers(seconds)
        except SandboxLost as error:
            return self._recover(error)
        settled = [answer for answer in found if not self._is_retried(answer)]
        if self._suspects and not self._running:
            self._send([self._suspects.pop(0)])
        return settled

    def cancel(self) -> None:
        """Drop what is queued and end what runs."""
        self._running.clear()
        self._suspects.clear()
        if self._server is not None:
            try:
                self._server.cancel()
            except SandboxLost:
                self.close()

    def close(self) -> None:
        """Take the server and its sandbox down."""
        server, sandbox = self._server, self._sandbox
        self._server = self._sandbox = None
        if server is not None:
            server.close()
        if sandbox is not None:
            sandbox.close()

    def _is_retried(self, answer: Answer) -> bool:
        """Take note of an answer; a candidate lost with others runs again, alone."""
        job = self._running.pop(answer.id, None)
        if answer.end != "lost" or job is None or answer.id in self._blamed:
            return False
        self._blamed.add(answer.id)
        self._suspects.append(job)
        return True

    def _patience(self) -> float:
        """Return the seconds that a start may take."""
        return max(0.0, min(_START_SECONDS, self._problem.deadline - time.monotonic()))

    def _connect(self) -> ForkServer:
        with sandbox_errors_mapped():
            self._sandbox = self._problem.workbench.open(self._problem.tree)
        sets = {ALL: self._tests, TARGETS: self._targets}
        memory = self._problem.limits.memory_mib * MIB // (2 * self._workers)
        python = self._problem.workbench.python
        self._server = ForkServer(
            self._sandbox, python, self._problem.check, sets, workers=self._workers, memory=memory
        )
        return self._server

    def _rehearse(self, server: ForkServer) -> None:
        # What hung in the baseline hangs here: waiting longer would show nothing.
        hangs = any(test.status is TestStatus.TIMEOUT for test in self._problem.failing)
        bounds = self._bounds if hangs else Pace(_UNCHANGED, _UNCHANGED)
        for tier in (SWAP, FORK):
            if server.tiers[tier]:
                self.notes.append(f"tier {tier} is off: {server.tiers[tier]}")
                continue
            spawning = tier == FORK
            job = Job(tier, bounds, tier, members=ALL, stop=False, exact=True, spawns=spawning)
            server.submit([job], {})
            self._running[tier] = job
        self._numbers = itertools.count(FORK + 1)
        good = set()
        while self._running and self._patience() > 0 and not self._problem.cancel.is_set():
            for answer in server.answers(1.0):
                self._running.pop(answer.id)
                self._start = max(self._start, answer.start)
                if self._is_faithful(answer):
                    good.add(answer.tier)
        self._choose(good)

    def _is_faithful(self, answer: Answer) -> bool:
        why = difference(answer, self._problem.baseline, self._targets, self._guards)
        program = spawns(answer)
        if program:
            self._disable(f"the tests start programs that read the files: {program}")
        if why:
            self.notes.append(f"tier {answer.tier} is off: {why}")
        return not why

    def _choose(self, good: set[int]) -> None:
        if SWAP not in good:
            self._tier = FORK
        if not good and not self.unusable:
            self._disable("no warm process shows the failures of the baseline")
        if self.unusable:
            self.close()

    def _disable(self, reason: str) -> None:
        self.unusable = reason
        self.notes.append(reason)

    def _send(self, jobs: list[Job]) -> None:
        self._running.update((job.id, job) for job in jobs)
        if self._server is None:
            return
        try:
            self._server.submit(jobs, self._contents)
        except SandboxLost:
            # The next look for answers finds the loss and sorts out who caused it.
            return

    def _recover(self, error: SandboxLost) -> list[Answer]:
        jobs, self._running = list(self._running.values()), {}
        self.close()
        self._losses += 1
        guilty = [job for job in jobs if len(jobs) == 1 or job.id in self._blamed]
        self._suspects += [job for job in jobs if job not in guilty]
        self._blamed.update(job.id for job in jobs)
        lost = [
            Answer(job.id, job.tier, (), "crashed", f"ended the fork server: {error.message}", 0.0)
            for job in guilty
        ]
        if self._losses > MOST_LOSSES:
            self._disable("the fork server was lost too often")
            left, self._suspects = self._suspects, []
            return lost + [Answer(job.id, job.tier, (), "tier", self.unusable, 0.0) for job in left]
        try:
            self._connect().wait(self._patience(), self._problem.cancel)
        except SandboxLost as again:
            self._disable(f"the fork server does not start again: {again.message}")
            return lost
        if self._suspects:
            self._send([self._suspects.pop(0)])
        return lost
