"""What was tried, from the log of a task."""

from agent.protocol.control import RetryRequested
from agent.protocol.event import EditsRefused, ProposalMade
from agent.protocol.proposal import Effort, Proposal
from agent.protocol.task import TaskKind
from tests.lsp import history
from tests.tui.recorded import log
from tui.panes.suspects.attempts import Attempt, attempts, tried

FIX = history.spec(TaskKind.FIX)
SPENT = Effort(candidates=120, seconds=0.5)


def proposed(number: int, exhausted: str = "") -> tuple[str, ProposalMade]:
    offered = Proposal(planner="search", edits=(), rationale="swapped the operands", effort=SPENT)
    return f"propose:{number}", ProposalMade(proposal=offered, exhausted=exhausted)


def found(*told: history.Told) -> tuple[Attempt, ...]:
    return attempts(log("t", FIX, *[one for some in told for one in some]))


def test_each_proposal_is_told_with_what_came_of_it() -> None:
    refused = ("apply:1", EditsRefused(reason="the anchor moved"))
    applied = history.patched("", "a.py")[1]
    seen = found(
        [proposed(1), refused],
        [proposed(2), applied, history.verdict(fixed=("t",), broken=("u",))],
        [proposed(3), applied, history.verdict(fixed=("t",))],
        [proposed(4)],
        [proposed(5, exhausted="nothing is left to try")],
    )
    assert [(one.said, one.good) for one in seen] == [
        ("does not fit: the anchor moved", False),
        ("full check: 1 fixed, 1 broken", False),
        ("full check: 1 fixed", True),
        ("", None),
        ("gave up: nothing is left to try", False),
    ]
    assert seen[1].files == ("a.py",) and seen[1].rationale == "swapped the operands"
    assert tried(seen) == "4 proposals, 600 candidates tried (240/s)"


def test_a_task_that_is_tried_again_begins_anew() -> None:
    again = [("retry:4", RetryRequested(by="cli:ann"))]
    assert found([proposed(1)], again) == ()
    assert tried(()) == ""
