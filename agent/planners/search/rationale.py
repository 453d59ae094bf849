"""The sentence that says what an edit changes, and where."""

from collections.abc import Callable

from agent.planners.search.candidate import Candidate
from agent.planners.search.validity import apply
from agent.protocol.edit import Splice

_LONGEST = 100


def rationale(candidate: Candidate, splices: tuple[Splice, ...], read: Callable[[str], bytes]) -> str:
    """Return one sentence: file and line, function, what the lines were and what they become."""
    parts = [_of_file(path, splices, read(path)) for path in dict.fromkeys(one.path for one in splices)]
    where = f"In {candidate.function}, " if candidate.function else ""
    return f"{where}{'; '.join(parts)} ({candidate.template}): with it the failing tests pass."


def _of_file(path: str, splices: tuple[Splice, ...], source: bytes) -> str:
    own = [one for one in splices if one.path == path]
    first = min(one.start for one in own)
    last = max(one.end for one in own)
    start = source.rfind(b"\n", 0, first) + 1
    end = source.find(b"\n", last if last == first else last - 1)
    end = len(source) if end < 0 else end
    if start == first == last:
        end = first  # whole lines put in before this one
    old = source[start:end]
    new = apply(source, [(one.start, one.end, one.new) for one in own], start, max(end, last))
    line = source.count(b"\n", 0, first) + 1
    return f"{path}:{line} {_change(old, new)}"


def _change(old: bytes, new: bytes) -> str:
    before, after = _short(old), _short(new)
    if not before:
        return f"adds `{after}`"
    if not after:
        return f"drops `{before}`"
    return f"turns `{before}` into `{after}`"


def _short(lines: bytes) -> str:
    text = "; ".join(line.strip() for line in lines.decode("utf-8", "replace").splitlines() if line.strip())
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"
