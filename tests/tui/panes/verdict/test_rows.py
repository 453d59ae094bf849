"""The rows of the matrix say what was measured, and no more."""

import pytest

from agent.protocol.check import Run, RunEnd, TestStatus
from agent.protocol.event import BaselineMeasured, SandboxInForce
from agent.protocol.state import TaskState
from agent.protocol.task import TaskKind
from agent.protocol.verdict import (
    Diagnostic,
    Failure,
    Proof,
    ProofKind,
    Scope,
    Strength,
    Survivor,
    Tamper,
    TamperKind,
    Verdict,
)
from tests.lsp import history
from tui.panes.verdict.detail import detail
from tui.panes.verdict.row import Kind, Row
from tui.panes.verdict.rows import rows_before, rows_of

FIX = history.spec(TaskKind.FIX)
BAD, FINE, IDLE = "test_a.py::test_bad", "test_a.py::test_fine", "test_a.py::test_idle"


def state(*tests: str) -> TaskState:
    skipped = history.result(IDLE, TestStatus.SKIPPED)
    found = [history.failed(BAD, history.at("a.py", 3)), *map(history.passed, tests), skipped]
    return history.state("t", FIX, history.snapshot(), history.measured(*found))


def verdict(**said: object) -> Verdict:
    return Verdict.model_validate({"tree": "d" * 40, "scope": Scope.FULL, **said})


def outcomes(rows: tuple[Row, ...]) -> list[tuple[Kind, str, str, str]]:
    return [(row.kind, row.name, row.before, row.after) for row in rows]


def test_the_base_alone_shows_what_fails_before_what_does_not() -> None:
    assert outcomes(rows_before(state(FINE))) == [
        (Kind.FAILING, BAD, "failed", ""),
        (Kind.PASSED, FINE, "passed", ""),
        (Kind.SKIPPED, IDLE, "skipped", ""),
    ]


def test_a_run_that_was_cut_short_is_told_with_what_it_printed() -> None:
    run = Run(check="pytest", end=RunEnd.TIMEOUT, reason="it hung", output_tail="collecting")
    force = SandboxInForce(kind="bubblewrap", image="")
    measured = BaselineMeasured(checks=(), environment="k", sandbox=force, runs=(run,))
    (row,) = rows_before(history.state("t", FIX, ("reproduce", measured)))
    assert (row.message, row.details) == ("pytest ended as timeout: it hung", "collecting")


def test_a_verdict_is_told_beside_what_the_base_said() -> None:
    rows = rows_of(state(FINE), verdict(fixed=(BAD,), passed=1))
    assert outcomes(rows) == [
        (Kind.FIXED, BAD, "failed", "passed"),
        (Kind.PASSED, FINE, "passed", "passed"),
        (Kind.PASSED, IDLE, "skipped", "skipped"),
    ]


def test_what_broke_comes_first_with_what_it_says_now() -> None:
    said = Failure(test=FINE, message="KeyError: 1", location=history.at("a.py", 9))
    row = rows_of(state(FINE), verdict(broken=(FINE,), fixed=(BAD,), failures=(said,)))[0]
    assert (row.kind, row.before, row.after) == (Kind.BROKEN, "passed", "failed")
    assert (row.message, row.location) == ("KeyError: 1", said.location)


def test_what_it_said_before_is_no_answer_to_why_it_is_broken() -> None:
    row = rows_of(state(), verdict(broken=(BAD,)))[0]
    assert row.message == ""


def test_a_proof_tells_how_a_test_ended_without_the_change_of_the_source() -> None:
    shown = Proof(
        test="test_a.py::test_new",
        kind=ProofKind.WEAK,
        red=TestStatus.ERROR,
        candidate=TestStatus.PASSED,
        brought=True,
        message="NameError",
    )
    (row,) = rows_of(history.state("t", FIX), verdict(new=(shown.test,), proofs=(shown,)))
    assert (row.before, row.after) == ("error", "passed")
    read = {one.title: one.text for one in detail(row)}
    assert read["proof"].startswith("weak proof") and "brought" in read["proof"]
    assert read["without the change"] == "NameError"


def test_tests_whose_names_were_not_kept_are_a_number() -> None:
    row = rows_of(history.state("t", history.spec(TaskKind.VERIFY)), verdict(passed=412))[-1]
    assert (row.kind, row.name, row.message) == (Kind.PASSED, "", "412 tests passed")
    assert row.count == 412


def test_what_was_not_measured_again_is_not_shown_as_passed() -> None:
    rows = rows_of(state(FINE), verdict(scope=Scope.TARGET, fixed=(BAD,)))
    assert outcomes(rows) == [(Kind.FIXED, BAD, "failed", "passed")]


def test_a_rewritten_test_that_fails_as_it_was_is_shown_once_and_as_that() -> None:
    rows = rows_of(state(FINE), verdict(weakened=(FINE,), fixed=(FINE,)))
    assert outcomes(rows)[:-1] == [(Kind.WEAKENED, FINE, "passed", "failed")]


def test_evidence_beside_the_outcomes_has_rows_of_its_own() -> None:
    found = verdict(
        diagnostics=(Diagnostic(tool="ruff", code="E1", message="no", location=history.at("a.py", 1)),),
        tampering=(
            Tamper(
                kind=TamperKind.EARLY_END, test=BAD, location=history.at("test_a.py", 2), message="return"
            ),
        ),
        test_control=("conftest.py",),
        strength=Strength(
            survived=1, survivors=(Survivor(location=history.at("a.py", 3), change="< -> <="),)
        ),
        notes=("a check is opaque",),
    )
    assert [(row.kind, row.name, row.message) for row in rows_of(history.state("t", FIX), found)] == [
        (Kind.COMPLAINT, "a.py:1", "ruff E1: no"),
        (Kind.LOOSENED, "test_a.py:2", f"early end in {BAD}: return"),
        (Kind.SET_APART, "conftest.py", "it decides how tests run: running them proves nothing of it"),
        (Kind.UNNOTICED, "a.py:3", "< -> <=: no test notices"),
        (Kind.NOTE, "", "a check is opaque"),
    ]


@pytest.mark.parametrize("kind", Kind)
def test_every_kind_of_row_can_be_read(kind: Kind) -> None:
    assert detail(Row(kind, "name", message="message"))
