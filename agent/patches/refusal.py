"""Why edits could not be made, with the text that a second try needs."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum

_MARGIN = 3
_MAX_LINES = 30
_MAX_CHARS = 3000
_MAX_PLACES = 5
_MAX_SCAN = 20_000


class Reason(StrEnum):
    """The kinds of refusal."""

    MISSING = "missing"
    AMBIGUOUS = "ambiguous"
    NO_FILE = "no_file"
    EXISTS = "exists"
    PATH = "path"
    ELISION = "elision"
    CHARSET = "charset"
    SYMBOL = "symbol"
    UNCHANGED = "unchanged"


@dataclass(frozen=True, slots=True)
class Miss:
    """One edit that could not be made; `number` counts the edits of the text from 1."""

    number: int
    path: str
    reason: Reason
    message: str
    line: int = 0
    """1-based line at which `nearest` starts; 0 when there is none."""
    nearest: str = ""
    """The file's present text around what comes nearest, at most 30 lines."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """No edit was made, because these could not be."""

    misses: tuple[Miss, ...]
    total: int

    @property
    def text(self) -> str:
        """Return it as a model is told."""
        said = [f"Nothing was changed: {len(self.misses)} of {self.total} edits cannot be made."]
        for miss in self.misses:
            said.append(f"\nEdit {miss.number}, {miss.path}: {miss.message}")
            if miss.nearest:
                said.append(f"The file has from line {miss.line} on:\n{miss.nearest}")
        return "\n".join(said)


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with one edit, before it is known which edit of the text it is."""

    reason: Reason
    message: str
    texts: Sequence[str] = field(default=())
    """All lines of the file, when there is one to show."""
    around: tuple[int, int] = (0, 0)
    """The lines that come nearest."""

    def miss(self, number: int, path: str) -> Miss:
        """Return it as part of a refusal."""
        start = max(0, self.around[0] - _MARGIN)
        end = min(self.around[1] + _MARGIN, start + _MAX_LINES, len(self.texts))
        nearest = "\n".join(self.texts[start:end]) if self.around[1] else ""
        shown = nearest.encode("utf-8", "replace").decode("utf-8")[:_MAX_CHARS]
        return Miss(number, path, self.reason, self.message, start + 1 if shown else 0, shown)


def ambiguous(texts: Sequence[str], places: Sequence[tuple[int, int]]) -> Fault:
    """Return the fault of lines that occur several times."""
    lines = ", ".join(str(start + 1) for start, _ in places[:_MAX_PLACES])
    more = ", …" if len(places) > _MAX_PLACES else ""
    message = (
        f"the text to replace occurs {len(places)} times (at lines {lines}{more}); add lines around it "
        "until it is unique"
    )
    return Fault(Reason.AMBIGUOUS, message, texts, places[0])


def missing(texts: Sequence[str], search: Sequence[str], replace: Sequence[str], elided: bool) -> Fault:
    """Return the fault of lines that do not occur, with the place that is most like them."""
    place = nearest_place(texts, search)
    if elided:
        message = "the text to replace leaves lines out with `...`; write them all, exactly as in the file"
        return Fault(Reason.ELISION, message, texts, place)
    message = "the text to replace is not in the file"
    if _holds(texts, replace):
        message += "; its replacement is there already"
    else:
        message += _difference(texts, search, place)
    return Fault(Reason.MISSING, message, texts, place)


def nearest_place(texts: Sequence[str], search: Sequence[str]) -> tuple[int, int]:
    """Return the window that shares most lines (stripped, long ones count more); empty when none does."""
    wanted = Counter(text.strip() for text in search if text.strip())
    size = max(1, len(search))
    first = next((text.strip() for text in search if text.strip()), "")
    best, best_score, score = 0, 0, 0
    keys = [text.strip() for text in texts[:_MAX_SCAN]]
    window: Counter[str] = Counter()
    for number, key in enumerate(keys):
        score += _gain(wanted, window, key, 1)
        if number >= size:
            score += _gain(wanted, window, keys[number - size], -1)
        start = max(0, number - size + 1)
        if score > best_score or (score == best_score > 0 and keys[start] == first):
            best, best_score = start, score
    return (best, best + size) if best_score else _by_words(keys, search)


def _gain(wanted: Counter[str], window: Counter[str], key: str, step: int) -> int:
    """Count a line into or out of the window; return what that adds to the window's score."""
    if key not in wanted:
        return 0
    before = min(window[key], wanted[key])
    window[key] += step
    return (min(window[key], wanted[key]) - before) * min(len(key), 40)


def _by_words(keys: Sequence[str], search: Sequence[str]) -> tuple[int, int]:
    """Return the line that shares most words with the first filled one searched for."""
    first = next((text.strip() for text in search if text.strip()), "")
    words = set(first.split())
    shared = [len(words.intersection(key.split())) for key in keys]
    best = max(shared, default=0)
    if not best:
        return (0, 0)
    at = shared.index(best)
    return (at, at + len(search))


def _difference(texts: Sequence[str], search: Sequence[str], place: tuple[int, int]) -> str:
    window = {text.strip() for text in texts[place[0] : place[1]]}
    strange = next((text for text in search if text.strip() and text.strip() not in window), None)
    return f"; its line `{strange.strip()[:120]}` is not there" if strange is not None else ""


def _holds(texts: Sequence[str], block: Sequence[str]) -> bool:
    wanted = list(block)
    if not any(text.strip() for text in wanted):
        return False
    starts = (number for number, text in enumerate(texts) if text == wanted[0])
    return any(list(texts[number : number + len(wanted)]) == wanted for number in starts)
