"""Changed outcomes are looked at again: what does not stay the same is flaky, not fixed or broken."""

from dataclasses import dataclass, field, replace

from agent.protocol.check import Run, TestStatus
from agent.protocol.verdict import TestClass
from agent.verify.classes import GOOD
from agent.verify.compare import Comparison
from agent.verify.outcomes import Outcomes
from agent.verify.run_on import Bench, Order

_LOOKED_AT = (TestClass.FIXED, TestClass.BROKEN)
_UNKNOWN = (TestStatus.NOT_RUN, TestStatus.ABSENT)
_MOST = 200
"""More changed tests than this are no flakes."""
_HANG_SHARE = 0.2
"""Share of the time left that repeated hangs may take."""
_SECONDS = 10.0
"""Time left below which nothing is run again."""
_SEEDS = ("1", "2", "3")
"""Hash seed of each further look; the first one has 0."""


def settle(
    bench: Bench, found: Comparison, red: Order, candidate: Order, runs: tuple[Run, Run]
) -> Comparison:
    """Run the changed tests again on both sides; `runs` are the first runs of red and candidate."""
    changed = tuple(name for kind in _LOOKED_AT for name in found.of(kind))
    if not changed or len(changed) > _MOST:
        return found
    sides = [_Side(bench, order, [Outcomes(run)]) for order, run in zip((red, candidate), runs, strict=True)]
    notes = found.notes
    for seed in _SEEDS:
        if bench.left < _SECONDS:
            notes = (*notes, "no time was left to look for flaky tests")
            break
        # One after the other: tests that depend on timing waver more beside another run.
        for side in sides:
            side.look_alone(changed, seed)
    for seed in _SEEDS:
        for side in sides:
            if any(side.needs_company(name) for name in changed):
                side.look_whole(seed)
    flaky = {name for name in changed if any(side.is_flaky(name) for side in sides)}
    classes = {name: TestClass.FLAKY if name in flaky else kind for name, kind in found.classes.items()}
    return replace(found, classes=classes, notes=notes)


@dataclass(frozen=True, slots=True)
class _Side:
    """What was seen of one tree: in runs of everything that was wanted, and of the changed tests alone."""

    bench: Bench
    order: Order
    whole: list[Outcomes]
    alone: list[Outcomes] = field(default_factory=list)

    def look_alone(self, names: tuple[str, ...], seed: str) -> None:
        """Run tests without the others, but for those that would only hang again or are not there."""
        chosen = self._worth_repeating(names)
        if chosen:
            self.alone.append(self._look(replace(self.order, select=chosen), seed))

    def look_whole(self, seed: str) -> None:
        """Run everything again if there is time."""
        if self.bench.left > self.whole[0].run.seconds + _SECONDS:
            self.whole.append(self._look(self.order, seed))

    def needs_company(self, name: str) -> bool:
        """True for a test that alone comes out otherwise than among the others, and does so every time."""
        among, alone = _seen(name, self.whole), _seen(name, self.alone)
        return len({*among}) == len({*alone}) == 1 and among[0] != alone[0]

    def is_flaky(self, name: str) -> bool:
        """True for a test that contradicts itself, or whose need of company was seen only once."""
        among, alone = _seen(name, self.whole), _seen(name, self.alone)
        return len({*among}) > 1 or len({*alone}) > 1 or (self.needs_company(name) and len(among) == 1)

    def _look(self, order: Order, seed: str) -> Outcomes:
        return Outcomes(self.bench.run(replace(order, env={**order.env, "PYTHONHASHSEED": seed})))

    def _worth_repeating(self, names: tuple[str, ...]) -> tuple[str, ...]:
        first = self.whole[0]
        hanging = [name for name in names if first.of(name) is TestStatus.TIMEOUT]
        if len(hanging) * self.bench.test_seconds <= self.bench.left * _HANG_SHARE:
            hanging = []
        return tuple(
            name for name in names if name not in hanging and first.of(name) is not TestStatus.ABSENT
        )


def _seen(name: str, looks: list[Outcomes]) -> list[bool]:
    """Return of every look that says something about a test whether it did pass."""
    return [look.of(name) in GOOD for look in looks if look.of(name) not in _UNKNOWN]
