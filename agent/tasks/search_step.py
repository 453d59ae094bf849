"""The steps of the search planner: localize and search."""

import contextlib

from agent.engine.checkpoints import Checkpoints
from agent.engine.errors import StoreUnavailable
from agent.planners.planner import Exhausted, Problem
from agent.protocol.check import Run
from agent.protocol.event import LocationsRanked, ProposalMade
from agent.protocol.progress import Progress
from agent.protocol.proposal import Effort, Proposal
from agent.protocol.state import TaskState
from agent.tasks.context import Context
from agent.tasks.judgement import targets


def localize(state: TaskState, context: Context) -> LocationsRanked:
    """Rank suspicious lines for the failing tests."""
    context.on_progress(Progress(phase="localize", message="comparing failing with passing tests"))
    return LocationsRanked(suspects=context.planner.localize(_problem(state, context)))


def search(state: TaskState, context: Context) -> ProposalMade:
    """Search on from where the last refused proposal was found."""
    context.on_progress(Progress(phase="search"))
    cursor = state.proposal.cursor if state.proposal else 0
    found = context.planner.propose(_problem(state, context), state.suspects or (), cursor)
    if isinstance(found, Exhausted):
        effort = Effort(candidates=found.candidates, seconds=found.seconds)
        nothing = Proposal(planner=context.planner.name, edits=(), rationale="", effort=effort)
        return ProposalMade(proposal=nothing, exhausted=found.reason, timed_out=found.timed_out)
    return ProposalMade(proposal=found)


def _problem(state: TaskState, context: Context) -> Problem:
    assert state.snapshot is not None and state.baseline
    failing = targets(state)
    run = next(run for run in state.baseline if failing[0] in run.tests)
    check = next(check for check in state.checks if check.name == run.check)
    return Problem(
        store=context.store,
        tree=state.snapshot.tree,
        check=check,
        baseline=run,
        failing=failing,
        workbench=context.workbench(state.snapshot.tree, state.snapshot.commit),
        limits=context.spec.limits,
        deadline=context.deadline - _time_to_verify(run, context),
        seed=context.spec.seed,
        on_progress=context.on_progress,
        cancel=context.cancel,
        checkpoint=_Kept(context.hold.checkpoints, _key(state, 1), _key(state, 0)),
    )


class _Kept:
    """The checkpoints of one round of the search and of the round before."""

    def __init__(self, checkpoints: Checkpoints, step_key: str, before: str) -> None:
        self._checkpoints = checkpoints
        self._step_key = step_key
        self._before = before

    def load(self) -> bytes | None:
        """Return what was saved last for this round."""
        return self._checkpoints.load(self._step_key)

    def before(self) -> bytes | None:
        """Return what was saved last for the round before."""
        return self._checkpoints.load(self._before)

    def save(self, data: bytes) -> None:
        """Replace what was saved; raises LeaseLost."""
        # A search does not end because the database is away for a moment.
        with contextlib.suppress(StoreUnavailable):
            self._checkpoints.save(self._step_key, data)


def _key(state: TaskState, further: int) -> str:
    return state.step_key(f"propose:{state.proposals + further}")


def _time_to_verify(baseline: Run, context: Context) -> float:
    """Return the seconds a search leaves for the verdict: what the base took, a few times over."""
    return min(context.spec.limits.seconds / 4, 5.0 + 3 * baseline.seconds)
