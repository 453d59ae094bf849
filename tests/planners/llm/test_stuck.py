"""When a model is stopped because it gets nowhere, and when it is not."""

from agent.planners.llm.stuck import FLAT_VERDICTS, SAME_CALLS, stuck
from agent.protocol.conversation import ToolUse, Turn
from agent.protocol.model import Role
from agent.protocol.verdict import Scope, Verdict


def turn(*results: str, tree: str = "t", text: str = "", arguments: str = '{"path": "a.py"}') -> Turn:
    uses = tuple(ToolUse(id="1", name="read", arguments=arguments, result=one) for one in results)
    return Turn(role=Role.EDIT, model="m", text=text, uses=uses, tree=tree)


def verdict(**known: object) -> Verdict:
    return Verdict(**{"tree": "t", "scope": Scope.FULL, **known})


def test_the_same_call_with_the_same_answer_on_the_same_tree_is_a_loop() -> None:
    assert stuck([turn("x")] * (SAME_CALLS - 1), ()) == ""
    assert "read was called 3 times" in stuck([turn("x")] * SAME_CALLS, ())


def test_a_loop_is_one_whatever_is_done_in_between() -> None:
    turns = [turn("x"), turn("y", arguments="{}"), turn("x"), turn("z", arguments="{ }"), turn("x")]
    assert stuck(turns, ())


def test_looking_again_after_a_change_is_no_loop() -> None:
    assert stuck([turn("x", tree=str(number)) for number in range(9)], ()) == ""
    assert stuck([turn(str(number)) for number in range(9)], ()) == ""


def test_one_answer_may_not_hold_the_loop_either() -> None:
    assert stuck([turn("x", "x", "x")], ())


def test_empty_answers_in_a_row_are_the_end() -> None:
    assert stuck([turn()] * 2, ()) == ""
    assert "3 empty answers" in stuck([turn()] * 3, ())
    assert stuck([turn(text="done")] * 3, ()) == ""


def test_verdicts_without_progress_are_the_end() -> None:
    flat = [verdict(still_failing=("a",))] * (FLAT_VERDICTS + 1)
    assert stuck((), flat[:-1]) == ""
    assert "came no nearer" in stuck((), flat)


def test_a_better_verdict_starts_the_count_again() -> None:
    worse, better = verdict(still_failing=("a", "b")), verdict(fixed=("a",), still_failing=("b",))
    assert stuck((), [worse, worse, worse, better]) == ""
    assert stuck((), [worse, better, better, better]) == ""
    assert stuck((), [better, better, better, better])


def test_harm_weighs_more_than_what_is_fixed() -> None:
    safe, bold = verdict(fixed=("a",)), verdict(fixed=("a", "b", "c"), broken=("d",))
    assert safe.standing > bold.standing
    assert verdict(fixed=("a", "b")).standing > safe.standing
    assert safe.standing > verdict(fixed=("a",), not_run=("e",)).standing
