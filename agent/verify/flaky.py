"""Changed outcomes are looked at again: what does not stay the same is flaky, not fixed or broken."""

from dataclasses import replace

from agent.protocol.check import Run, TestStatus
from agent.protocol.verdict import TestClass
from agent.verify.classes import GOOD
from agent.verify.compare import Comparison
from agent.verify.outcomes import Outcomes
from agent.verify.run_on import Bench, Order

_LOOKED_AT = (TestClass.FIXED, TestClass.BROKEN)
_MOST = 200
"""More changed tests than this are no flakes."""
_HANG_SHARE = 0.2
"""Share of the time left that repeated hangs may take."""
_SEEDS = ("1", "2")
_MORE_LOOKS = 3
"""Further runs, alone, of tests that were once so and once otherwise."""


def settle(
    bench: Bench, found: Comparison, red: Order, candidate: Order, runs: tuple[Run, Run]
) -> Comparison:
    """Run the changed tests again on both sides; `runs` are the first runs of red and candidate."""
    changed = tuple(name for kind in _LOOKED_AT for name in found.of(kind))
    if not changed or len(changed) > _MOST or bench.cancel.is_set():
        return found
    seconds = max(run.seconds for run in runs)
    if bench.left < 3 * seconds and bench.left < 10:
        return replace(found, notes=(*found.notes, "no time was left to look for flaky tests"))
    doubtful: set[str] = set()
    for number, seed in enumerate(_SEEDS):
        again = _again(bench, changed, red, candidate, runs, seed)
        different = {name for name in changed if _differs(name, runs, again)}
        if number == 0 and different:
            wavering = _wavering(bench, different, red, candidate, (runs, again), seed)
            # Alone a test may behave otherwise than among all the others, and do so every time.
            settled = different - wavering
            different = wavering | _still_different(bench, settled, red, candidate, runs, seed)
            # What is left of them was settled by that, one way or the other.
            changed = tuple(name for name in changed if not _differs(name, runs, again))
        doubtful |= different
        if not changed:
            break
    classes = {name: TestClass.FLAKY if name in doubtful else kind for name, kind in found.classes.items()}
    return replace(found, classes=classes)


def _again(
    bench: Bench,
    names: tuple[str, ...],
    red: Order,
    candidate: Order,
    runs: tuple[Run, Run],
    seed: str,
) -> tuple[Run | None, Run | None]:
    """Return second runs of both sides; None for a side on which they would only hang again."""
    sides: list[Order | None] = []
    for order, run in zip((red, candidate), runs, strict=True):
        chosen = _worth_repeating(bench, names, run)
        sides.append(replace(order, select=chosen, env=_seeded(order, seed)) if chosen else None)
    done = iter(bench.run_all(tuple(order for order in sides if order is not None)))
    first, second = (next(done) if order is not None else None for order in sides)
    return first, second


def _seeded(order: Order, seed: str) -> dict[str, str]:
    return {**order.env, "PYTHONHASHSEED": seed}


def _worth_repeating(bench: Bench, names: tuple[str, ...], run: Run) -> tuple[str, ...]:
    outcomes = Outcomes(run)
    hanging = [name for name in names if outcomes.of(name) is TestStatus.TIMEOUT]
    if len(hanging) * bench.test_seconds <= bench.left * _HANG_SHARE:
        hanging = []
    return tuple(name for name in names if name not in hanging and outcomes.of(name) is not TestStatus.ABSENT)


def _differs(name: str, runs: tuple[Run, Run], again: tuple[Run | None, Run | None]) -> bool:
    for first, second in zip(runs, again, strict=True):
        if second is None:
            continue
        before, after = Outcomes(first).of(name), Outcomes(second).of(name)
        unknown = (TestStatus.NOT_RUN, TestStatus.ABSENT)
        if after not in unknown and before not in unknown and (before in GOOD) != (after in GOOD):
            return True
    return False


def _wavering(
    bench: Bench,
    names: set[str],
    red: Order,
    candidate: Order,
    seen: tuple[tuple[Run, Run], tuple[Run | None, Run | None]],
    seed: str,
) -> set[str]:
    """Return the tests that contradict themselves when nothing but the time is another."""
    runs, alone = seen
    wavering: set[str] = set()
    for _ in range(_MORE_LOOKS):
        if names == wavering or bench.left < 3 * max(run.seconds for run in runs):
            break
        more = _again(bench, tuple(names - wavering), red, candidate, runs, seed)
        pairs = [(before, after) for before, after in zip(alone, more, strict=True) if before and after]
        wavering |= {
            name
            for name in names
            for before, after in pairs
            if _differs(name, (before, before), (after, None))
        }
    return wavering


def _still_different(
    bench: Bench, names: set[str], red: Order, candidate: Order, runs: tuple[Run, Run], seed: str
) -> set[str]:
    """Return the tests that differ from the first runs even when everything is run again."""
    if not names or bench.left < 2 * max(run.seconds for run in runs):
        return names
    orders = (replace(order, env=_seeded(order, seed)) for order in (red, candidate))
    again = bench.run_all(tuple(orders))
    return {name for name in names if _differs(name, runs, (again[0], again[1]))}
