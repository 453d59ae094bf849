"""How strong the tests of a change are: small faults in its lines, and how many of them the tests notice."""

import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import zip_longest

from agent.protocol.check import Check, Location, RunEnd, TestStatus
from agent.protocol.verdict import ProofKind, Strength, Survivor, Verdict
from agent.repo.store import Store
from agent.verify.classes import FAILING
from agent.verify.line_changes import changed_lines
from agent.verify.mutations import Mutation, mutations
from agent.verify.outcomes import Outcomes
from agent.verify.path_class import PathClass, path_class
from agent.verify.run_on import Bench, Order
from agent.verify.trees import Trees
from agent.verify.workbench import Workbench

MOST = 12
SECONDS = 60.0
_TESTS = 40
"""Tests that a mutant is run against."""
_SLOWER = 5.0
"""A mutant whose tests take this many times as long as they should, plus a second, is stopped."""


@dataclass(frozen=True, slots=True)
class Mutant:
    """One fault in one file."""

    path: str
    mutation: Mutation


def measure_strength(
    workbench: Workbench,
    trees: Trees,
    check: Check,
    verdict: Verdict,
    bench: Bench,
    *,
    tests: Iterable[str] = (),
    most: int = MOST,
    seconds: float = SECONDS,
) -> Strength | None:
    """Return how many of at most `most` mutants the tests notice, None when there is nothing to measure.

    The tests are those that prove something in the verdict and those given; a mutant is killed when
    one of them that passes on the candidate does not pass any more. Takes about `seconds` at most.
    """
    chosen = covering(verdict, tests)
    found = mutants(workbench.store, trees, most)
    if not chosen or not found:
        return None
    until = min(bench.deadline, time.monotonic() + seconds)
    order = Order(workbench, trees.gated, check, chosen)
    whole = replace(bench, deadline=until)
    good = _passing(whole, order)
    if not good.tests:
        return None
    limit = min(bench.test_seconds, 1.0 + _SLOWER * good.seconds)
    count = Strength(tests=chosen)
    for mutant in found:
        if time.monotonic() >= until:
            count = count.model_copy(update={"unmeasured": count.unmeasured + 1})
        else:
            count = _with(count, mutant, _fate(replace(whole, test_seconds=limit), order, mutant, good.tests))
    return count


def covering(verdict: Verdict, tests: Iterable[str] = ()) -> tuple[str, ...]:
    """Return the tests that a mutant is run against: those that prove the change, then those given."""
    proving = [proof.test for proof in verdict.proofs if proof.kind is not ProofKind.NONE]
    return tuple(dict.fromkeys((*proving, *tests)))[:_TESTS]


def mutants(store: Store, trees: Trees, most: int = MOST) -> list[Mutant]:
    """Return mutants of the changed source lines, spread over the lines: one a line, then a second…"""
    lines: dict[tuple[str, int], list[Mutant]] = {}
    for path in trees.changed:
        if not path.endswith(".py") or path_class(path) is not PathClass.SOURCE:
            continue
        new = _read(store, trees.candidate, path)
        for mutation in mutations(new, changed_lines(_read(store, trees.base, path), new)):
            lines.setdefault((path, mutation.line), []).append(Mutant(path, mutation))
    rounds = zip_longest(*lines.values())
    found = [mutant for one in rounds for mutant in one if mutant is not None]
    return found if len(found) <= most else list(_spread(found, most))


def _spread(found: list[Mutant], most: int) -> Iterator[Mutant]:
    first = len({(mutant.path, mutant.mutation.line) for mutant in found})
    if first <= most:
        yield from found[:most]
        return
    # More lines than mutants: every so many lines one, so that the last lines count, too.
    yield from (found[place * first // most] for place in range(most))


def _read(store: Store, tree: str, path: str) -> bytes:
    entry = store.list(tree).get(path)
    return store.read(tree, path) if entry is not None and entry.is_file else b""


@dataclass(frozen=True, slots=True)
class _Good:
    tests: frozenset[str]
    seconds: float


def _passing(bench: Bench, order: Order) -> _Good:
    run = bench.run(order)
    passed = [test for test in run.tests if test.status is TestStatus.PASSED]
    return _Good(frozenset(test.id for test in passed), max((test.seconds for test in passed), default=0.0))


def _fate(bench: Bench, order: Order, mutant: Mutant, good: frozenset[str]) -> str:
    """Return the name of the field of Strength that a mutant counts for."""
    store = order.workbench.store
    source = store.read(order.tree, mutant.path)
    tree = store.write(order.tree, {mutant.path: mutant.mutation.apply(source)})
    run = bench.run(replace(order, tree=tree))
    seen = Outcomes(run)
    statuses = {seen.of(name) for name in good}
    if statuses & (FAILING - {TestStatus.TIMEOUT}) or TestStatus.ABSENT in statuses:
        return "killed"
    if TestStatus.TIMEOUT in statuses or run.end is RunEnd.TIMEOUT:
        return "timed_out"
    return "unmeasured" if TestStatus.NOT_RUN in statuses else "survived"


def _with(count: Strength, mutant: Mutant, fate: str) -> Strength:
    update: dict[str, object] = {fate: getattr(count, fate) + 1}
    if fate == "survived":
        where = Location(path=mutant.path, line=mutant.mutation.line)
        update["survivors"] = (*count.survivors, Survivor(location=where, change=mutant.mutation.change))
    return count.model_copy(update=update)
