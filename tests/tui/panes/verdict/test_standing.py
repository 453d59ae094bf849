"""How a verdict stands: what it rests on, and what keeps it from being a proof."""

from agent.protocol.control import ApprovalRequested, ApprovalResolved
from agent.protocol.event import EditsApplied, ProposalMade
from agent.protocol.outcome import Outcome
from agent.protocol.patch import Patch
from agent.protocol.policy import Action, Answer, Approval, Decision, Subject
from agent.protocol.proposal import Proposal
from agent.protocol.state import TaskState
from agent.protocol.task import TaskKind
from agent.protocol.verdict import Scope
from tests.lsp import history
from tui.panes.verdict.judged import counting, judged
from tui.panes.verdict.standing import Standing, standing, waiting

FIX = history.spec(TaskKind.FIX)


def stands(state: TaskState) -> Standing:
    verdicts = judged(state)
    return standing(state, verdicts[counting(verdicts)], len(verdicts))


def proposed(tree: str) -> history.Told:
    patch = Patch(base="c" * 40, tree=tree * 40, diff="", files=("a.py",))
    offered = Proposal(planner="search", edits=(), rationale="")
    return [
        (f"propose:{tree}", ProposalMade(proposal=offered)),
        (f"apply:{tree}", EditsApplied(patch=patch)),
    ]


def test_a_proven_change_is_told_with_what_it_was_measured_on() -> None:
    told = (*history.patched("", "a.py"), history.verdict(fixed=("t",), passed=3), history.finished())
    stood = stands(history.state("t", FIX, history.measured(), *told))
    assert (stood.word, stood.good, stood.reason) == ("verified", True, "proven")
    assert stood.facts == ("full check", "tree dddddddddddd", "bubblewrap")
    assert (stood.against, stood.support) == ((), ("1 test fixed", "3 passed as before"))


def test_what_is_as_it_was_is_neither_for_a_change_nor_against_it() -> None:
    found = history.verdict(fixed=("a",), still_failing=("b", "c"), flaky=("d",))
    stood = stands(history.state("t", FIX, *history.patched("", "a.py"), found))
    assert stood.told == ("2 tests failed before and still fail", "1 test is flaky")
    assert stood.against == ()


def test_what_stands_against_a_change_is_counted_and_named() -> None:
    found = history.verdict(
        scope=Scope.TARGET, broken=("a", "b"), not_run=("c",), test_control=("conftest.py", "tox.ini")
    )
    stood = stands(history.state("t", FIX, *history.patched("", "a.py"), found))
    assert stood.against == (
        "only the target tests ran: nothing but a full check proves",
        "2 tests broken",
        "1 test not run",
        "set apart, since it decides how tests run: conftest.py, tox.ini",
    )
    assert stood.good is None


def test_a_verdict_without_any_test_says_so() -> None:
    assert "no test was measured" in stands(history.state("t", FIX, history.verdict())).against


def test_of_several_proposals_the_best_counts_and_the_others_can_be_seen() -> None:
    good, bad = history.verdict(seq=1, fixed=("t",)), history.verdict(seq=2, broken=("u",))
    state = history.state("t", FIX, *proposed("1"), good, *proposed("2"), bad)
    verdicts = judged(state)
    assert [(one.number, one.counts) for one in verdicts] == [(1, True), (2, False)]
    other = standing(state, verdicts[1], 2)
    assert (other.word, other.facts[0], other.good) == ("another proposal", "round 2", False)


def test_who_allowed_something_is_told() -> None:
    action = Action(subject=Subject.PATH, value="conftest.py")
    asked = Approval(id="gate", actions=(action,), reason="the change edits conftest.py")
    told = (
        history.verdict(test_control=("conftest.py",)),
        ("gate", ApprovalRequested(approval=asked)),
    )
    assert stands(history.state("t", FIX, *told)).word == "measured, waits for an answer"
    answer = Answer(approval_id="gate", decision=Decision.ALLOW, by="tui:ann", reason="I read it")
    stood = stands(history.state("t", FIX, *told, ("answer:4", ApprovalResolved(answer=answer))))
    assert stood.told == ("allowed by tui:ann: the change edits conftest.py: I read it",)


def test_without_a_verdict_the_reason_is_told() -> None:
    begun = [
        waiting(history.state("t", FIX)),
        waiting(history.state("t", FIX, history.snapshot())),
        waiting(history.state("t", FIX, history.snapshot(), history.measured())),
        waiting(history.state("t", FIX, history.measured(), *history.patched("", "a.py"))),
        waiting(history.state("t", FIX, history.finished(Outcome.NOT_REPRODUCED))),
        waiting(history.state("t", history.spec(TaskKind.VERIFY), history.measured())),
        waiting(history.state("t", history.spec(TaskKind.ASK), history.finished(Outcome.DONE))),
    ]
    assert len({one.reason for one in begun}) == len(begun)
    assert [one.good for one in begun] == [None, None, None, None, False, None, True]
