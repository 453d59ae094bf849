"""The message of a delivered commit: the request, the reason, and what the verdict proves."""

from agent.protocol.check import TestStatus
from agent.protocol.forge import Happened, Trigger, Verb
from agent.protocol.proposal import Proposal
from agent.protocol.task import TaskKind
from agent.protocol.verdict import Proof, ProofKind
from agent.tasks.commit_message import commit_message
from tests.tasks.test_next_step import FAILED, PATCH, SPEC, state, verdict

KEY = "ghp_" + "a1B2c3D4e5F6" * 3
WHY = Proposal(planner="cheap", edits=(), rationale=f"All 900 tests pass.\u200b The key is {KEY}.")


def message(goal: str = "", **known: object) -> str:
    kind = TaskKind.DO if goal else TaskKind.FIX
    spec = SPEC.model_copy(update={"kind": kind, "goal": goal})
    return commit_message(
        state(**{"spec": spec, "proposal": WHY, "patch": PATCH, "verdict": verdict(), **known})
    )


def test_a_fix_is_named_after_its_test() -> None:
    text = message()
    assert text.splitlines()[0] == "Fix test_x"
    assert f"Fixes:\n- {FAILED.id}" in text


def test_a_request_is_named_after_its_first_line_in_72_characters() -> None:
    assert message("Add a tax\n\nIn percent.").splitlines()[0] == "Add a tax"
    subject = message("word " * 40).splitlines()[0]
    assert len(subject) == 72
    assert subject.endswith("…")


def test_proofs_come_from_the_verdict_alone() -> None:
    shown = Proof(test="t.py::test_n", kind=ProofKind.WEAK, red=TestStatus.ERROR, candidate=TestStatus.PASSED)
    void = Proof(test="t.py::test_o", kind=ProofKind.NONE, red=TestStatus.PASSED, candidate=TestStatus.PASSED)
    text = message("Add a tax", verdict=verdict(proofs=(shown, void)))
    assert "Fail without this change and pass with it:\n- t.py::test_n" in text
    assert "test_o" not in text
    assert "pass with it" not in message("Add a tax")


def test_keys_and_hidden_signs_are_not_committed() -> None:
    for text in (message(), message(f"Use {KEY}\u202e")):
        assert KEY not in text
        assert "\u200b" not in text
        assert "\u202e" not in text


def test_what_is_pushed_to_a_forge_mentions_nobody_closes_nothing_and_adds_no_author() -> None:
    trigger = Trigger(happened=Happened.LABEL, verb=Verb.DO, repository="acme/shop", number=12, actor="ann")
    why = WHY.model_copy(update={"rationale": "Fixes #7, @octocat.\n\nCo-authored-by: Eve <e@evil.example>"})
    goal = "Closes octo/repo#8 [skip ci]"
    spec = SPEC.model_copy(update={"kind": TaskKind.DO, "goal": goal})
    own, pushed = (
        commit_message(
            state(spec=spec.model_copy(update={"trigger": one}), proposal=why, patch=PATCH, verdict=verdict())
        )
        for one in (None, trigger)
    )
    for acting in ("#7", "#8", "@octocat", "[skip", "Co-authored-by:"):
        assert acting in own and acting not in pushed
