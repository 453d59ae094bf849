"""What tasks say about lines and tests: pure, and the newest task wins."""

import json
from pathlib import Path
from typing import Any

import pytest

from agent.protocol.check import TestStatus
from agent.protocol.conversation import Finding
from agent.protocol.event import parse_event
from agent.protocol.proposal import Suspect
from agent.protocol.state import TaskState, fold
from agent.protocol.task import TaskKind
from agent.protocol.verdict import Diagnostic, Failure
from lsp.facts.complaints import complaints
from lsp.facts.definition import definition, definitions
from lsp.facts.failing import failing
from lsp.facts.findings import findings
from lsp.facts.results import Outcome, results_of
from lsp.facts.suspects import MOST, suspects
from lsp.facts.tests import Record, names_of_test, path_of_test, records
from lsp.names import Code
from tests.lsp import history
from tests.lsp.history import at, failed, passed

LOGS = Path(__file__).parent.parent / "data" / "logs"
POP, PUSH = "tests/test_stack.py::test_pop", "tests/test_stack.py::test_push"
FRAMES = at("tests/test_stack.py", 9), at("src/stack.py", 12)


def fix(task_id: str, *tests: Any, **more: Any) -> TaskState:
    spec = history.spec(TaskKind.FIX, **more)
    return history.state(task_id, spec, history.snapshot(), history.measured(*tests))


def verify(task_id: str, *, of: dict[str, Any] | None = None, **classes: Any) -> TaskState:
    spec = history.spec(TaskKind.VERIFY, **(of or {}))
    return history.state(task_id, spec, history.snapshot(), history.verdict(**classes))


def known(*newest_first: TaskState, applied: tuple[str, ...] = ()) -> dict[str, Record]:
    return records([results_of(one, applied=one.task_id in applied) for one in newest_first])


def outcomes(*newest_first: TaskState, applied: tuple[str, ...] = ()) -> dict[str, str]:
    return {test: str(one.last.outcome) for test, one in known(*newest_first, applied=applied).items()}


def test_a_failing_test_is_told_at_its_innermost_frame_with_the_others_and_its_definition() -> None:
    (fact,) = failing(known(fix("t1", failed(POP, *FRAMES), passed(PUSH))))
    assert (fact.code, fact.task, fact.location, fact.tests) == (Code.FAILING, "t1", FRAMES[1], (POP,))
    assert fact.message == f"{POP} fails: AssertionError: assert 1 == 2"
    assert [(one.test, one.location) for one in fact.related] == [(POP, None), ("", FRAMES[0])]


def test_tests_that_fail_at_one_line_are_told_once() -> None:
    (fact,) = failing(known(fix("t1", failed(POP, *FRAMES), failed(PUSH, *FRAMES))))
    assert fact.tests == (POP, PUSH)
    assert fact.message.startswith("2 tests fail here: AssertionError")


def test_a_test_without_a_frame_is_told_at_its_definition() -> None:
    (fact,) = failing(known(fix("t1", history.result(POP, TestStatus.CRASHED))))
    assert fact.at_definition
    assert "the test ended as crashed" in fact.message


def test_a_check_that_is_no_test_has_no_line() -> None:
    assert failing(known(fix("t1", failed("make test")))) == []


@pytest.mark.parametrize(
    ("later", "expected"),
    [
        (fix("t2", passed(POP)), "passed"),
        (fix("t2", passed(PUSH)), "failing"),
        (verify("t2", fixed=(POP,)), "passed"),
        (verify("t2", passed=2), "clear"),
        (verify("t2", passed=2, scope="impacted"), "failing"),
        (verify("t2", not_run=(POP,)), "failing"),
        (verify("t2", flaky=(POP,)), "flaky"),
        (verify("t2", skipped_now=(POP,)), "skipped"),
        # Of another tree, or of a check that may not have run it.
        (verify("t2", passed=2, of={"head": "main"}), "failing"),
        (verify("t2", passed=2, of={"command": "make lint"}), "failing"),
        (fix("t2", passed(POP), clean=True), "failing"),
    ],
)
def test_the_newest_task_that_says_something_wins(later: TaskState, expected: str) -> None:
    assert outcomes(later, fix("t1", failed(POP, *FRAMES)))[POP] == expected


def test_a_test_that_is_gone_is_not_told_of() -> None:
    assert POP not in outcomes(verify("t2", vanished=(POP,)), fix("t1", failed(POP, *FRAMES)))


def test_an_older_pass_does_not_clear_a_newer_failure() -> None:
    assert outcomes(fix("t2", failed(POP, *FRAMES)), verify("t1", passed=2))[POP] == "failing"


def fixed(task_id: str, **classes: Any) -> TaskState:
    told = [history.snapshot(), history.measured(failed(POP, *FRAMES), passed(PUSH))]
    told += [history.ranked(Suspect(path="src/stack.py", line=12, score=0.75, reason="ochiai"))]
    told += [*history.patched("", "src/stack.py"), history.verdict(**classes), history.finished()]
    return history.state(task_id, history.spec(TaskKind.FIX), *told)


def test_a_fix_clears_its_failures_once_its_patch_is_applied() -> None:
    task = fixed("t1", fixed=(POP,))
    assert outcomes(task)[POP] == "failing"
    assert outcomes(task, applied=("t1",)) == {POP: "passed", PUSH: "passed"}


def test_what_an_applied_patch_breaks_is_told_in_the_patched_tree() -> None:
    failure = Failure(test=PUSH, message="boom", location=FRAMES[1])
    (fact,) = failing(known(fixed("t1", fixed=(POP,), broken=(PUSH,), failures=[failure]), applied=("t1",)))
    assert (fact.code, fact.tests, fact.patched) == (Code.BROKEN, (PUSH,), True)


def test_a_broken_test_is_told_of_as_broken_and_an_old_failure_as_failing() -> None:
    failures = [Failure(test=one, message="boom", location=FRAMES[1]) for one in (POP, PUSH)]
    facts = failing(known(verify("t1", broken=(POP,), still_failing=(PUSH,), failures=failures)))
    assert {fact.tests: fact.code for fact in facts} == {(POP,): Code.BROKEN, (PUSH,): Code.FAILING}
    assert not any(fact.patched for fact in facts)


def test_flakiness_is_remembered_over_tasks() -> None:
    found = known(verify("t3", fixed=(POP,)), verify("t2", flaky=(POP,)), verify("t1", flaky=(POP,)))
    assert found[POP].flaky_in == ("t2", "t1")
    assert found[POP].last.outcome is Outcome.PASSED


def test_suspects_are_told_while_their_failures_stand() -> None:
    task = fixed("t1", fixed=(POP,))
    (fact,) = suspects([task], known(task))
    assert (fact.code, fact.location, fact.tests) == (Code.SUSPECT, at("src/stack.py", 12), (POP,))
    assert "score 0.75" in fact.message
    assert suspects([task], known(verify("t2", fixed=(POP,)), task)) == []


def test_of_many_suspects_the_first_are_told() -> None:
    lines = [Suspect(path="a.py", line=number, score=1 - number / 100) for number in range(1, 40)]
    task = history.state(
        "t1",
        history.spec(TaskKind.FIX),
        history.snapshot(),
        history.measured(failed(POP, *FRAMES)),
        history.ranked(*lines),
    )
    found = suspects([task], known(task))
    assert [fact.location.line for fact in found] == list(range(1, MOST + 1))


def test_only_the_newest_verdict_complains() -> None:
    one = Diagnostic(tool="mypy", location=at("a.py", 3), message="Incompatible\nreturn", code="return")
    newest = verify("t2", diagnostics=(one,), vanished=(POP,))
    found = complaints([newest, verify("t1", diagnostics=(one, one))])
    assert [(fact.code, fact.location.line) for fact in found] == [(Code.COMPLAINT, 3), (Code.BROKEN, 1)]
    assert found[0].message == "mypy: Incompatible return [return]"
    assert complaints([verify("t3"), newest]) == []


def test_proven_findings_stand_alone_and_the_others_are_folded_by_file() -> None:
    told = [
        Finding(path="a.py", line=3, title="drops two", body="b", severity="error", proven=True),
        Finding(path="a.py", line=5, title="slow", body=""),
        Finding(path="a.py", line=9, title="unclear", body=""),
    ]
    spec = history.spec(TaskKind.REVIEW)
    state = history.state("t1", spec, history.snapshot(), history.reviewed(*told))
    proven, folded = findings([state])
    assert (proven.location.line, proven.level, "proven" in proven.message) == (3, 1, True)
    assert folded.message == "2 unproven findings of a review: slow (line 5), unclear (line 9)"
    assert len(folded.related) == 2


def test_messages_are_one_line_without_what_cannot_be_seen() -> None:
    evil = history.result(POP, TestStatus.FAILED).model_copy(update={"message": "a\x1b[31m\n\u202eb"})
    (fact,) = failing(known(fix("t1", evil)))
    assert fact.message == f"{POP} fails: a b"


@pytest.mark.parametrize("version", ["v1", "v2", "v3"])
def test_recorded_logs_give_facts_at_every_event(version: str) -> None:
    lines = (LOGS / version / "every-event.jsonl").read_text(encoding="utf-8").splitlines()
    events = [parse_event(json.loads(line)) for line in lines]
    found = []
    for count in range(len(events) + 1):
        state = fold(events[:count])
        assert state.spec is None or state.spec.clean
        if state.spec is not None:
            # Recorded of a commit; the same of the working tree.
            spec = state.spec.model_copy(update={"clean": False, "base": None})
            state = state.model_copy(update={"spec": spec})
        told = records([results_of(state, applied=False)])
        found.append([*failing(told), *suspects([state], told), *complaints([state]), *findings([state])])
    told_of = {(fact.code, fact.location) for facts in found for fact in facts}
    assert {(code, at("src/stack.py", 12)) for code in (Code.FAILING, Code.SUSPECT)} <= told_of


def test_a_test_is_found_by_the_names_that_lead_to_it() -> None:
    lines = [
        "class TestA:\n",
        "    async def test_b(self):\n",
        "        def test_b(): ...\n",
        "def test_b(): ...",
    ]
    defined = definitions(lines)
    assert definition(defined, "a.py::TestA::test_b[x::y]") == 2
    assert definition(defined, "a.py::test_b") == 4
    assert definition(defined, "a.py::TestA::test_inherited") == 1
    assert definition(defined, "a.py::test_none") is None


def test_the_parts_of_a_test_id() -> None:
    assert (path_of_test("a.py::B::c[1]"), names_of_test("a.py::B::c[x::1]")) == ("a.py", ("B", "c"))
    assert (path_of_test("make"), names_of_test("make")) == ("", ())
