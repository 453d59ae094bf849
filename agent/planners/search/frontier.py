"""Feeds candidates to the evaluation, and remembers where to go on."""

from collections.abc import Callable, Iterator

from agent.planners.search.candidate import Candidate
from agent.planners.search.order import SourceFile, places, stream
from agent.planners.search.pairs import FIRST_PAIR, pairs
from agent.protocol.proposal import Suspect

_MOST_PARTIAL = 8
_SINGLES_PER_PAIR = 2

Load = Callable[[str], SourceFile | None]


class Frontier:
    """Single edits in the order of their likelihood; pairs take turns once partial fixes are known."""

    def __init__(
        self, suspects: tuple[Suspect, ...], load: Load, fresh: Callable[[], Load], *, seed: int, cursor: int
    ) -> None:
        self._suspects = suspects
        self._fresh = fresh
        self._seed = seed
        self._singles = stream(places(suspects, load), seed=seed, cursor=cursor)
        self._pairs: list[Iterator[Candidate]] = []
        self._partial = 0
        self._pending: set[int] = set()
        self._next = cursor
        self._turn = 0

    @property
    def cursor(self) -> int:
        """Return the first ordinal without an answer."""
        return min(self._pending, default=self._next)

    def __iter__(self) -> Iterator[Candidate]:
        return self

    def __next__(self) -> Candidate:
        """Return what to try next; after StopIteration there may be more once partial fixes are known."""
        self._turn += 1
        if self._turn % (_SINGLES_PER_PAIR + 1) == 0:
            pair = self._next_pair()
            if pair is not None:
                return pair
        single = next(self._singles, None)
        if single is None:
            pair = self._next_pair()
            if pair is None:
                raise StopIteration
            return pair
        self._next = single.ordinal + 1
        self._pending.add(single.ordinal)
        return single

    def _next_pair(self) -> Candidate | None:
        while self._pairs:
            # Partial fixes take turns, so that a misleading one does not use up the time of the others.
            source = self._pairs.pop(0)
            pair = next(source, None)
            if pair is not None:
                self._pairs.append(source)
                return pair
        return None

    def answered(self, candidate: Candidate, *, partial: bool) -> None:
        """Take note of an answer; a partial fix gets second edits."""
        self._pending.discard(candidate.ordinal)
        if partial and candidate.ordinal < FIRST_PAIR and self._partial < _MOST_PARTIAL:
            # Second edits come from files parsed anew: what was tried alone may be tried again here.
            second = pairs(candidate, self._suspects, self._fresh(), seed=self._seed, rank=self._partial)
            self._partial += 1
            self._pairs.append(second)
