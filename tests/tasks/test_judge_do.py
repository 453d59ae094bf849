"""A `do` task is verified by what was measured, and by nothing else."""

import pytest

from agent.protocol.check import Location, TestStatus
from agent.protocol.outcome import Outcome
from agent.protocol.task import Intent
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
from agent.tasks.judge_do import accepts_do, feedback, judge_do

TEST = "tests/test_a.py::test_new"
AT = Location(path="tests/test_a.py", line=3)
ALL = tuple(Intent)


def proof(kind: ProofKind, test: str = TEST) -> Proof:
    return Proof(
        test=test, kind=kind, red=TestStatus.FAILED, candidate=TestStatus.PASSED, brought=True, message="why"
    )


def tamper(kind: TamperKind, test: str = "") -> Tamper:
    return Tamper(kind=kind, location=AT, test=test, message="what")


STRONG, WEAK, NONE = (proof(kind) for kind in ProofKind)


def verdict(**known: object) -> Verdict:
    return Verdict(**{"tree": "c" * 40, "scope": Scope.FULL, "passed": 3, **known})


GOOD = {"proofs": (STRONG,), "fixed": (TEST,)}


@pytest.mark.parametrize(
    ("known", "intent", "outcome"),
    [
        (GOOD, Intent.IMPLEMENT, Outcome.VERIFIED),
        ({"proofs": (WEAK,), "new": (TEST,)}, Intent.IMPLEMENT, Outcome.VERIFIED),
        ({"proofs": (NONE, WEAK), "new": (TEST,)}, Intent.IMPLEMENT, Outcome.VERIFIED),
        ({"proofs": (NONE,), "new": (TEST,)}, Intent.IMPLEMENT, Outcome.UNVERIFIED),
        ({"new": (TEST,)}, Intent.IMPLEMENT, Outcome.UNVERIFIED),
        ({}, Intent.IMPLEMENT, Outcome.UNVERIFIED),
        ({}, Intent.REFACTOR, Outcome.VERIFIED),
        ({}, Intent.DOCUMENT, Outcome.VERIFIED),
        ({"new": (TEST,), "proofs": (NONE,)}, Intent.REFACTOR, Outcome.VERIFIED),
        ({"new": (TEST,), "proofs": (WEAK,)}, Intent.REFACTOR, Outcome.VERIFIED),
        (GOOD, Intent.REFACTOR, Outcome.UNVERIFIED),
        (GOOD, Intent.DOCUMENT, Outcome.UNVERIFIED),
        ({"fixed": ("t::a",)}, Intent.REFACTOR, Outcome.UNVERIFIED),
        ({"passed": 0}, Intent.REFACTOR, Outcome.UNVERIFIED),
        ({"passed": 0}, Intent.DOCUMENT, Outcome.UNVERIFIED),
        ({**GOOD, "still_failing": ("t::z",)}, Intent.IMPLEMENT, Outcome.VERIFIED_WITH_PREEXISTING),
        ({"still_failing": ("t::z",)}, Intent.REFACTOR, Outcome.VERIFIED_WITH_PREEXISTING),
        ({**GOOD, "flaky": ("t::z",)}, Intent.IMPLEMENT, Outcome.VERIFIED),
    ],
)
def test_the_outcome_follows_from_the_intent_and_the_facts(
    known: dict, intent: Intent, outcome: Outcome
) -> None:
    assert judge_do(verdict(**known), intent).outcome is outcome
    assert accepts_do(verdict(**known), intent) == (outcome is not Outcome.UNVERIFIED)


COMPLAINT = Diagnostic(tool="mypy", location=AT, message="wrong type")
AGAINST = [
    {"broken": ("t::a",)},
    {"vanished": ("t::a",)},
    {"skipped_now": ("t::a",)},
    {"not_run": ("t::a",)},
    {"weakened": ("t::a",)},
    {"diagnostics": (COMPLAINT,)},
    {"test_control": ("conftest.py",)},
    {"scope": Scope.TARGET},
    {"scope": Scope.IMPACTED},
    *({"tampering": (tamper(kind),)} for kind in TamperKind),
]


@pytest.mark.parametrize("against", AGAINST, ids=str)
@pytest.mark.parametrize("intent", ALL)
def test_nothing_that_speaks_against_a_change_is_outweighed(against: dict, intent: Intent) -> None:
    known = GOOD if intent is Intent.IMPLEMENT else {}
    judgement = judge_do(verdict(**{**known, **against}), intent)
    assert judgement.outcome is Outcome.UNVERIFIED
    assert judgement.reason and judgement.hint


def test_a_change_without_a_proof_says_so() -> None:
    reason = judge_do(verdict(), Intent.IMPLEMENT).reason
    assert reason == "nothing broke, but no test shows the new behaviour"


def test_a_weak_proof_is_called_what_it_is() -> None:
    assert "did not exist" in judge_do(verdict(proofs=(WEAK,), new=(TEST,)), Intent.IMPLEMENT).reason
    assert "did not exist" not in judge_do(verdict(**GOOD), Intent.IMPLEMENT).reason


EDITED = {
    "weakened": ("tests/test_a.py::test_old[1]",),
    "tampering": (tamper(TamperKind.CHANGED_EXPECTATION, "tests/test_a.py::test_old"),),
}


@pytest.mark.parametrize(
    ("named", "accepted"),
    [
        ((), False),
        (("tests/test_a.py::test_old",), True),
        (("tests/test_a.py",), True),
        (("tests/test_a.py::test_other",), False),
    ],
)
def test_a_test_that_the_user_named_may_be_edited(named: tuple[str, ...], accepted: bool) -> None:
    assert accepts_do(verdict(**GOOD, **EDITED), Intent.IMPLEMENT, named) is accepted


def test_naming_a_file_does_not_free_what_decides_how_tests_run() -> None:
    control = {"test_control": ("tests/conftest.py",)}
    assert not accepts_do(verdict(**GOOD, **control), Intent.IMPLEMENT, ("tests/conftest.py", "tests"))


def test_feedback_names_recorded_facts_one_a_line() -> None:
    told = feedback(
        verdict(
            broken=("t::a",),
            weakened=("t::w",),
            failures=(Failure(test="t::a", message="KeyError: 1\nnot verified: x", location=AT),),
            tampering=(tamper(TamperKind.SKIPPED),),
            proofs=(NONE,),
            strength=Strength(survived=1, survivors=(Survivor(location=AT, change="`<` -> `<=`"),)),
            notes=("a note",),
        ),
        Intent.IMPLEMENT,
    ).splitlines()
    assert told[0] == "not verified: the change breaks 1 test (t::a)"
    assert "broken: t::a: KeyError: 1 not verified: x at tests/test_a.py:3" in told
    assert "fails as it was before the change: t::w" in told
    assert "loosened: tests/test_a.py:3 skipped what" in told
    assert f"none proof: {TEST}: without the change failed: why" in told
    assert "no test notices `<` -> `<=` at tests/test_a.py:3" in told
    assert told[-1] == "note: a note"


def test_feedback_on_many_failures_stays_short() -> None:
    names = tuple(f"t::{'x' * 200}{number}" for number in range(5000))
    failures = tuple(Failure(test=name, message="m" * 500) for name in names[:20])
    told = feedback(verdict(broken=names, weakened=names, failures=failures), Intent.IMPLEMENT)
    assert len(told) < 10_000


def test_feedback_on_a_proven_change_says_so() -> None:
    assert feedback(verdict(**GOOD), Intent.IMPLEMENT).startswith("verified\n")
