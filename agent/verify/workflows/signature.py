"""Whether what fails in the sandbox is what failed in a workflow run."""

from collections.abc import Sequence

from agent.protocol.check import Run, TestStatus
from agent.protocol.forge import RunEvidence
from agent.untrusted.clean import clean
from agent.untrusted.spell import spell_line
from agent.verify.workflows.complaint import normal
from agent.verify.workflows.failing_tests import failing_tests, named_again
from agent.verify.workflows.kinds import kind_of, kinds_in

_FAILING = frozenset({TestStatus.FAILED, TestStatus.ERROR, TestStatus.TIMEOUT, TestStatus.CRASHED})
_SHORTEST = 8
"""Characters that a line must have to tell one failure from another."""
_SHOWN = 3


def same_failure(evidence: RunEvidence, baseline: Sequence[Run]) -> str:
    """Return "" when a run of the base fails as the log says; else one sentence with what each had.

    Tests are compared by name, without parameters and folders before, and by the kind of error where
    both say one; a command that names no test by the line that the log complains with.
    """
    if evidence.failing:
        if not failing_again(evidence, baseline):
            return _other_tests(evidence, baseline)
        return _other_kinds(evidence, baseline)
    failed = [run for run in baseline if _fails(run)]
    line = normal(evidence.message)
    if len(line) >= _SHORTEST and any(line in normal(_output(run)) for run in failed):
        return ""
    return _other_line(evidence, bool(failed), baseline)


def failing_again(evidence: RunEvidence, baseline: Sequence[Run]) -> tuple[str, ...]:
    """Return the results of the base, by their ids there, that fail as the log says.

    Where a runner reports no tests to us but prints the same ones, that is the result of the command.
    """
    return tuple(dict.fromkeys(name for run in baseline for name in _again(evidence, run)))


def _again(evidence: RunEvidence, run: Run) -> tuple[str, ...]:
    reported = tuple(test.id for test in run.tests if test.status in _FAILING)
    same = named_again(reported, evidence.failing)
    if same or not named_again(_printed(run), evidence.failing):
        return same
    return tuple(name for name in reported if name.startswith("<"))


def _printed(run: Run) -> tuple[str, ...]:
    return failing_tests(_output(run).splitlines()) if _fails(run) else ()


def _failing_in(run: Run) -> tuple[str, ...]:
    return (*(test.id for test in run.tests if test.status in _FAILING), *_printed(run))


def _other_kinds(evidence: RunEvidence, baseline: Sequence[Run]) -> str:
    """Say how the tests fail differently; "" when one fails alike, or the log does not say how."""
    there = kinds_in(evidence.excerpt.splitlines())
    again = failing_again(evidence, baseline)
    tests = [test for run in baseline for test in run.tests if test.id in again]
    told = [(test.id, named_again(there, [test.id]), kind_of(test.message)) for test in tests]
    pairs = [(name, set().union(*(there[one] for one in same)), here) for name, same, here in told]
    if not pairs or any(not said or not here or here in said for _, said, here in pairs):
        return ""
    name, said, here = pairs[0]
    log = f"in the log with {spell_line(', '.join(sorted(said)))}"
    return f"{_ENVIRONMENT}: {spell_line(name)} fails {log}, and in the sandbox with {spell_line(here)}"


def _output(run: Run) -> str:
    """Return the end of what a run printed, without the colours that a job may ask for."""
    return clean(run.output_tail).text


def _fails(run: Run) -> bool:
    return run.exit_code not in (0, None) or any(test.status in _FAILING for test in run.tests)


def _other_tests(evidence: RunEvidence, baseline: Sequence[Run]) -> str:
    said = f"the run says that {_names(evidence.failing)} failed"
    here = tuple(dict.fromkeys(name for run in baseline for name in _failing_in(run)))
    named = tuple(name for name in here if not name.startswith("<"))
    if named:
        return f"{_ENVIRONMENT}: {said}, and in the sandbox it is {_names(named)} instead"
    if here:
        return (
            f"{_ENVIRONMENT}: {said}, and in the sandbox the step fails without naming one ({_end(baseline)})"
        )
    return f"{_ENVIRONMENT}: {said}, and in the sandbox {_passed(baseline)}"


def _other_line(evidence: RunEvidence, failed: bool, baseline: Sequence[Run]) -> str:
    line = (
        f'the log says "{spell_line(evidence.message)}"'
        if evidence.message
        else "the log does not say what failed"
    )
    if failed:
        return f"{_ENVIRONMENT}: {line}, and in the sandbox it fails otherwise ({_end(baseline)})"
    return f"{_ENVIRONMENT}: {line}, and in the sandbox {_passed(baseline)}"


_ENVIRONMENT = "environment or flake"


def _passed(baseline: Sequence[Run]) -> str:
    tests = sum(1 for run in baseline for test in run.tests if not test.id.startswith("<"))
    if not baseline:
        return "the step was not run"
    return f"the step succeeds ({tests} tests reported)" if tests else "the step succeeds"


def _end(baseline: Sequence[Run]) -> str:
    ends = [run for run in baseline if _fails(run)]
    code = ends[0].exit_code if ends else None
    lines = [line.strip() for run in ends for line in _output(run).splitlines() if line.strip()]
    said = f': "{spell_line(lines[-1])}"' if lines else ""
    return f"exit status {code}{said}"


def _names(names: Sequence[str]) -> str:
    shown = ", ".join(spell_line(name) for name in names[:_SHOWN])
    more = len(names) - _SHOWN
    return f"{shown} and {more} more" if more > 0 else shown
