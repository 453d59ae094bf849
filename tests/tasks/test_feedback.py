"""What a model hears of a verdict: facts, and nothing that it said itself."""

from agent.protocol.round import Round
from agent.protocol.task import Intent, TaskKind
from agent.protocol.verdict import Failure, Scope, Verdict
from agent.tasks.feedback import feedback
from tests.tasks.test_next_step import FAILED, PATCH, SPEC, state


def said(verdict: Verdict | None = None, refusal: str = "", **spec: object) -> str:
    task = state(spec=SPEC.model_copy(update=spec))
    return feedback(task, Round(stage=0, patch=PATCH, verdict=verdict, refusal=refusal))


def verdict(**known: object) -> Verdict:
    return Verdict(**{"tree": PATCH.tree, "scope": Scope.FULL, "passed": 3, **known})


def test_a_refused_change_is_said_with_its_reason() -> None:
    told = said(refusal="a.py exists already")
    assert told.startswith("The harness could not apply your change:\n<untrusted ")
    assert "\na.py exists already\n" in told


def test_a_fix_hears_first_what_is_not_fixed() -> None:
    failure = Failure(test=FAILED.id, message="AssertionError: 5 == 6")
    text = said(verdict(still_failing=(FAILED.id,), failures=(failure,)))
    assert f"not fixed: {FAILED.id}" in text
    assert "AssertionError: 5 == 6" in text


def test_what_broke_is_named_with_what_it_said() -> None:
    failure = Failure(test="t.py::test_b", message="TypeError: no")
    text = said(verdict(fixed=(FAILED.id,), broken=("t.py::test_b",), failures=(failure,)))
    assert "broken: t.py::test_b: TypeError: no" in text
    assert "not fixed" not in text


def test_a_change_that_was_asked_for_hears_what_proves_it() -> None:
    text = said(verdict(), kind=TaskKind.DO, intent=Intent.IMPLEMENT, tests=())
    assert "no test shows the new behaviour" in text
    moved = verdict(fixed=("t.py::test_b",))
    assert "must not" in said(moved, kind=TaskKind.DO, intent=Intent.REFACTOR, tests=())


def test_keys_and_hidden_signs_in_a_verdict_go_no_further() -> None:
    key = "ghp_" + "a1B2c3D4e5F6" * 3
    failure = Failure(test=FAILED.id, message=f"bad token {key}\u200b")
    text = said(verdict(still_failing=(FAILED.id,), failures=(failure,)))
    assert key not in text
    assert "\u200b" not in text
