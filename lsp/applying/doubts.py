"""Why what is in the editor may not be what was verified, a clause each."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from agent.protocol.api import ChangedFile, TaskFiles, TaskView
from agent.protocol.outcome import Outcome
from agent.untrusted.clean import clean
from lsp.applying.plan import Change, Refused

_PROVEN = (Outcome.VERIFIED, Outcome.VERIFIED_WITH_PREEXISTING)
_RUNS = "100755"
_NAMED = 3


def is_proven(view: TaskView, files: TaskFiles) -> bool:
    """Say whether the verdict of a finished task holds for the tree that its patch leads to."""
    report = view.report
    return report is not None and report.outcome in _PROVEN and report.verdict.tree == files.tree


def unlike(changes: Iterable[Change], found: Mapping[str, str | None]) -> Iterator[str]:
    """Yield the files that are not, by their text, what was verified."""
    for one in changes:
        if one.held.path not in found:
            yield f"{one.held.path} cannot be followed"
            continue
        there = found[one.held.path]
        if (None if there is None else there.encode("utf-8", "surrogatepass")) != one.expected:
            yield _clause(one, there)


def _clause(change: Change, there: str | None) -> str:
    path = change.held.path
    if change.expected is None:
        return f"{path} is still there, and the patch removes it"
    if there is None:
        return f"{path} is not there"
    return f"{path} has other changes, too" if change.blends else f"{path} is not as it was verified"


def modes(files: Iterable[ChangedFile], changes: Iterable[Change]) -> Iterator[str]:
    """Yield the files that may be executed, or may not, otherwise than was verified; no editor sets that."""
    runs = {one.held.path: one.held.runs for one in changes if one.content is not None}
    for file in files:
        if file.after is not None and runs.get(file.path, file.mode == _RUNS) != (file.mode == _RUNS):
            yield f"{file.path} {'is not' if file.mode == _RUNS else 'is'} executable"


def left_out(refused: Iterable[Refused]) -> Iterator[str]:
    """Yield the files that an editor cannot change."""
    for one in refused:
        yield f"{one.path} is left out: {one.reason}"


def dirty(others: Sequence[str]) -> Iterator[str]:
    """Yield that there are unsaved changes which the verdict knows nothing of."""
    if others:
        more = f" and {len(others) - 1} more" if len(others) > 1 else ""
        yield f"{others[0]}{more} {'have' if more else 'has'} unsaved changes"


def listed(clauses: Iterable[str]) -> str:
    """Return the first of some clauses as one, fit to be shown."""
    told = list(clauses)
    more = f"; and {len(told) - _NAMED} more" if len(told) > _NAMED else ""
    return clean("; ".join(told[:_NAMED])).text + more
