"""The base's own tests on the changed source: what passes only as the change rewrote it is no proof."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from agent.protocol.check import Check, RunEnd
from agent.protocol.progress import Progress
from agent.protocol.verdict import Failure, Verdict
from agent.verify.classes import FAILING
from agent.verify.compare import failure_of
from agent.verify.outcomes import Outcomes, is_under
from agent.verify.run_on import Bench, Order
from agent.verify.trees import Trees
from agent.verify.workbench import Workbench

_WHOLE = (RunEnd.COMPLETE, RunEnd.NO_TESTS, RunEnd.COLLECTION_ERROR)
_SHOWN = 3


@dataclass(frozen=True, slots=True)
class Originals:
    """What the original tests say; `not_run` stands for checks that could not be run to their end."""

    failures: tuple[Failure, ...] = ()
    not_run: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def failing(self) -> tuple[str, ...]:
        """Return the tests that fail."""
        return tuple(dict.fromkeys(failure.test for failure in self.failures))


def originals(
    bench: Bench,
    workbench: Workbench,
    trees: Trees,
    checks: Iterable[Check],
    verdict: Verdict,
    spent: float = 0.0,
) -> Originals:
    """Run the base's tests on the changed source; `verdict` and `spent` say what is known by now.

    All of them run when nothing else speaks against the change, since a file of tests can also bend
    what others see; else, or when no time is left for it, those that it changed.
    """
    tree = trees.base_tests_on_candidate
    if tree is None or tree == trees.base:
        return Originals()
    hurried = bench.left <= spent
    select = () if verdict.harmless and not hurried else _changed_modules(workbench, trees)
    if not select and (hurried or not verdict.harmless):
        return Originals(notes=_HURRIED if hurried else ())
    bench.on_progress(Progress(phase="verify", message="the tests as they were, after the change"))
    told = {*verdict.broken, *verdict.still_failing, *verdict.not_run, *verdict.flaky}
    failing: list[Failure] = []
    not_run: list[str] = []
    for check in checks:
        found, complete = _failing(bench, Order(workbench, tree, check, select), told)
        failing += found
        not_run += [] if complete else [f"<{check.name} with the original tests>"]
    notes = (*_note(failing), *(_HURRIED if hurried else ()))
    return Originals(tuple(failing), tuple(not_run), notes)


_HURRIED = ("no time was left to run all tests of the base as they were on the changed code",)


def _changed_modules(workbench: Workbench, trees: Trees) -> tuple[str, ...]:
    listed = workbench.store.list(trees.base)
    return tuple(path for path in trees.changed_tests if path in listed and is_module(path))


def is_module(path: str) -> bool:
    """Say whether a path is a file of tests by itself, not something that tests use."""
    name = path.rpartition("/")[2]
    return name.endswith(".py") and (name.startswith("test") or name.endswith("_test.py"))


def _failing(bench: Bench, order: Order, told: set[str]) -> tuple[list[Failure], bool]:
    """Return the tests that fail twice and of which nothing bad is known yet, and whether all were run."""
    first = Outcomes(bench.run(order))
    suspects = [
        failure_of(test.id, test)
        for test in first.run.tests
        if first.of(test.id) in FAILING and not _is_told(test.id, told)
    ]
    complete = first.run.end in _WHOLE
    if not suspects or not complete:
        return suspects, complete
    again = Outcomes(bench.run(replace(order, select=tuple(one.test for one in suspects))))
    return [one for one in suspects if again.of(one.test) in FAILING], True


def _is_told(test_id: str, told: set[str]) -> bool:
    return test_id in told or any(is_under(name, test_id) or is_under(test_id, name) for name in told)


def _note(failing: list[Failure]) -> tuple[str, ...]:
    if not failing:
        return ()
    shown = ", ".join(failure.test for failure in failing[:_SHOWN])
    return (f"{len(failing)} tests of the base fail on the changed code as they were: {shown}",)
