"""Exit codes are a contract with scripts: the table is written out once more here."""

from agent.protocol.errors import RatchetError
from agent.protocol.outcome import EXIT_CODES, Outcome, exit_code

CONTRACT = {
    "verified": 0,
    "verified_with_preexisting": 0,
    "done": 0,
    "error": 1,
    "usage": 2,
    "unverified": 20,
    "broken": 21,
    "not_reproduced": 30,
    "no_patch": 31,
    "no_planner": 32,
    "budget": 40,
    "denied": 50,
    "sandbox": 60,
    "environment": 61,
    "interrupted": 130,
}


def test_each_outcome_has_the_exit_code_that_scripts_rely_on() -> None:
    assert {outcome.value: exit_code(outcome) for outcome in Outcome} == CONTRACT


def test_strict_tells_failures_that_were_there_before_apart() -> None:
    assert exit_code(Outcome.VERIFIED_WITH_PREEXISTING, strict=True) == 10
    others = set(Outcome) - {Outcome.VERIFIED_WITH_PREEXISTING}
    assert all(exit_code(outcome, strict=True) == EXIT_CODES[outcome] for outcome in others)


def test_every_error_has_its_own_code_and_a_failing_outcome() -> None:
    # What the client only heard of stands in for a class that the daemon has under the same code.
    kinds = [kind for kind in _tree(RatchetError) if kind.__name__ != "DaemonError"]
    assert len({kind.code for kind in kinds}) == len(kinds)
    assert all(exit_code(kind.outcome) != 0 for kind in kinds)


def test_an_error_carries_one_sentence_a_hint_and_the_log() -> None:
    error = RatchetError("It broke.", hint="mend it", log="tail")
    assert (str(error), error.message, error.hint, error.log) == ("It broke.", "It broke.", "mend it", "tail")


def _tree(kind: type[RatchetError]) -> list[type[RatchetError]]:
    return [kind, *(each for child in kind.__subclasses__() for each in _tree(child))]
