"""Feeds candidates to the evaluation, and remembers where to go on."""

from collections.abc import Callable, Iterator

from agent.planners.search.candidate import Candidate
from agent.planners.search.order import SourceFile, places, stream
from agent.planners.search.pairs import FIRST_PAIR, pairs
from agent.protocol.proposal import Suspect
from agent.protocol.value import Value

_MOST_PARTIAL = 8
_SINGLES_PER_PAIR = 2

Load = Callable[[str], SourceFile | None]


class Reached(Value):
    """How far a frontier got: all that another process needs to go on with it.

    Of each stream of candidates, the single ones first, the ordinal of the first without an answer
    and those of later ones that have theirs.
    """

    cursors: tuple[int, ...]
    answered: tuple[int, ...] = ()
    partial: tuple[Candidate, ...] = ()
    """Partial fixes in the order they were found: each has a stream of pairs."""
    turns: tuple[int, ...] = ()
    """The streams of pairs that are not used up, by rank, whose turn is next first."""
    turn: int = 0


class Frontier:
    """Single edits in the order of their likelihood; pairs take turns once partial fixes are known."""

    def __init__(
        self,
        suspects: tuple[Suspect, ...],
        load: Load,
        fresh: Callable[[], Load],
        *,
        seed: int,
        cursor: int = 0,
        reached: Reached | None = None,
    ) -> None:
        self._suspects = suspects
        self._fresh = fresh
        self._seed = seed
        known = reached or Reached(cursors=(cursor,))
        self._answered = frozenset(one for one in known.answered if one >= FIRST_PAIR)
        singles = stream(places(suspects, load), seed=seed, cursor=known.cursors[0])
        self._singles = _Stream(singles, known.cursors[0], frozenset(known.answered) - self._answered)
        self._partial: list[Candidate] = []
        self._streams: list[_Stream] = []
        self._turns: list[int] = []
        self._waiting: dict[int, _Stream] = {}
        self._turn = known.turn
        for rank, candidate in enumerate(known.partial):
            self._add_pairs(candidate, known.cursors[rank + 1])
        self._turns = list(known.turns)

    @property
    def cursor(self) -> int:
        """Return the first ordinal of a single edit without an answer."""
        return self._singles.cursor

    @property
    def reached(self) -> Reached:
        """Return how far it got."""
        streams = (self._singles, *self._streams)
        return Reached(
            cursors=tuple(one.cursor for one in streams),
            answered=tuple(sorted({ordinal for one in streams for ordinal in one.ahead})),
            partial=tuple(self._partial),
            turns=tuple(self._turns),
            turn=self._turn,
        )

    def __iter__(self) -> Iterator[Candidate]:
        return self

    def __next__(self) -> Candidate:
        """Return what to try next; after StopIteration there may be more once partial fixes are known."""
        self._turn += 1
        if self._turn % (_SINGLES_PER_PAIR + 1) == 0:
            pair = self._next_pair()
            if pair is not None:
                return pair
        single = self._pulled(self._singles)
        if single is None:
            single = self._next_pair()
            if single is None:
                raise StopIteration
        return single

    def _next_pair(self) -> Candidate | None:
        while self._turns:
            # Partial fixes take turns, so that a misleading one does not use up the time of the others.
            rank = self._turns.pop(0)
            pair = self._pulled(self._streams[rank])
            if pair is not None:
                self._turns.append(rank)
                return pair
        return None

    def _pulled(self, source: "_Stream") -> Candidate | None:
        candidate = source.pull()
        if candidate is not None:
            self._waiting[candidate.ordinal] = source
        return candidate

    def answered(self, candidate: Candidate, *, partial: bool) -> None:
        """Take note of an answer; a partial fix gets second edits."""
        source = self._waiting.pop(candidate.ordinal, None)
        if source is not None:
            source.answered(candidate.ordinal)
        if partial and candidate.ordinal < FIRST_PAIR and len(self._partial) < _MOST_PARTIAL:
            self._add_pairs(candidate, 0)

    def _add_pairs(self, first: Candidate, cursor: int) -> None:
        # Second edits come from files parsed anew: what was tried alone may be tried again here.
        rank = len(self._partial)
        second = pairs(first, self._suspects, self._fresh(), seed=self._seed, rank=rank)
        self._partial.append(first)
        self._streams.append(_Stream(second, cursor, self._answered))
        self._turns.append(rank)


class _Stream:
    """Candidates by rising ordinal, without those that were answered before."""

    def __init__(self, candidates: Iterator[Candidate], cursor: int, answered: frozenset[int]) -> None:
        self._candidates = candidates
        self._before = cursor
        self._skipped = answered
        self._next = cursor
        self._pending: set[int] = set()
        self._done = set(answered)

    @property
    def cursor(self) -> int:
        """Return the first ordinal without an answer."""
        return min(self._pending, default=self._next)

    @property
    def ahead(self) -> tuple[int, ...]:
        """Return the answered ordinals beyond the cursor."""
        cursor = self.cursor
        self._done = {ordinal for ordinal in self._done if ordinal > cursor}
        return tuple(self._done)

    def pull(self) -> Candidate | None:
        """Return the next candidate, None when all were given out."""
        for candidate in self._candidates:
            if candidate.ordinal < self._before or candidate.ordinal in self._skipped:
                continue
            self._next = candidate.ordinal + 1
            self._pending.add(candidate.ordinal)
            return candidate
        return None

    def answered(self, ordinal: int) -> None:
        """Take note of an answer."""
        self._pending.discard(ordinal)
        self._done.add(ordinal)
