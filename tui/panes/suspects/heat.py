"""How hot each line is: the suspects of a task by file, the hottest first."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import IntEnum

from agent.protocol.proposal import Suspect


class Heat(IntEnum):
    """How suspicious a line is, in steps that signs and colours can tell apart."""

    COLD = 0
    WARM = 1
    HOT = 2
    HOTTER = 3
    HOTTEST = 4


_FROM = ((0.85, Heat.HOTTEST), (0.6, Heat.HOTTER), (0.3, Heat.HOT))


@dataclass(frozen=True, slots=True)
class HeatMap:
    """The suspects of one file by line, from 1."""

    path: str
    lines: Mapping[int, Suspect]

    def at(self, line: int) -> Heat:
        """Return how hot a line is."""
        return heat(self.lines[line].score) if line in self.lines else Heat.COLD

    def score(self, line: int) -> float | None:
        """Return the score of a line, None where nothing makes it suspicious."""
        return self.lines[line].score if line in self.lines else None


def heat(score: float) -> Heat:
    """Return the step of a score in 0..1; what has a score at all is warm."""
    return next((step for least, step in _FROM if score >= least), Heat.WARM)


def ranked(suspects: Iterable[Suspect]) -> tuple[Suspect, ...]:
    """Return each line once, with its highest score, the most suspicious first."""
    best: dict[tuple[str, int], Suspect] = {}
    for one in suspects:
        known = best.get((one.path, one.line))
        if known is None or one.score > known.score:
            best[one.path, one.line] = one
    return tuple(sorted(best.values(), key=lambda one: -one.score))


def heat_maps(suspects: Iterable[Suspect]) -> dict[str, HeatMap]:
    """Return the heat of each file that has any, the hottest file first."""
    found: dict[str, dict[int, Suspect]] = {}
    for one in ranked(suspects):
        found.setdefault(one.path, {})[one.line] = one
    return {path: HeatMap(path, lines) for path, lines in found.items()}
