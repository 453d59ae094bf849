"""What can be done about a place of a document, and why something cannot; found without asking anybody."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from lsprotocol import types

from agent.protocol.task import TaskKind
from lsp.applying.applied import Standing
from lsp.folders import Within
from lsp.names import SOURCE, Code, CommandName, Order
from lsp.server import RatchetServer
from lsp.showing.plain import one_line
from lsp.text.placing import live_lines
from lsp.work.failing_tests import failing_around, failing_at, tests_of
from lsp.work.goals import complaint_goal
from lsp.work.orders import lines_of
from lsp.work.possible import NO_REPOSITORY, isolation, planning, running_fix
from lsp.work.proven import patch_for

FIXING, REWRITING = types.CodeActionKind.QuickFix.value, types.CodeActionKind.RefactorRewrite.value
VERIFYING = "source.ratchet.verify"
KINDS = (FIXING, REWRITING, VERIFYING)
_MOST = 20
"""Diagnostics that get an offer of their own."""
_FIX = "Fix with Ratchet"
_NO_INSTRUCTION = "say what to change in a comment `ratchet: …` in or above the selection"
_OTHERS_WORDS = (Code.COMPLAINT, Code.FINDING)


@dataclass(frozen=True, slots=True)
class Offer:
    """One thing that the user may choose."""

    title: str
    kind: str
    name: CommandName
    order: Order
    why_not: str = ""
    about: tuple[types.Diagnostic, ...] = ()


@dataclass(frozen=True, slots=True)
class Place:
    """What the user points at."""

    uri: str
    within: Within | None
    range: types.Range
    lines: Sequence[str]
    why_not: str
    """Why nothing at all can be done here."""


def place_of(ls: RatchetServer, uri: str, pointed: types.Range) -> Place:
    """Return what the user points at."""
    within, document = ls.folders.within(uri), ls.protocol.documents.get(uri)
    why_not = "" if within else NO_REPOSITORY
    if document is not None and document.desynced:
        why_not = f"close and open the document again ({document.desynced})"
    return Place(uri, within, pointed, live_lines(ls.protocol.documents, uri) or (), why_not)


def fixes(ls: RatchetServer, place: Place, complaints: Sequence[types.Diagnostic]) -> list[Offer]:
    """Return a fix for each complaint, whoever complains, and for the failing tests of the place."""
    by_tests: dict[tuple[str, ...], list[types.Diagnostic]] = {}
    found: list[Offer] = []
    for one in complaints[:_MOST]:
        tests = _tests_of(ls, place, one)
        if tests:
            by_tests.setdefault(tests, []).append(one)
        else:
            found.append(_fix_of_complaint(ls, place, one))
    known = {test for tests in by_tests for test in tests}
    here = tuple(test for test in _failing(ls, place) if test not in known)
    if here:
        by_tests[here] = []
    fixing = [_fix_of_tests(ls, place, tests, about) for tests, about in by_tests.items()]
    return _told_apart([*fixing, *found])


def rewrites(ls: RatchetServer, place: Place) -> Iterator[Offer]:
    """Yield what can be done about a selection that is not empty."""
    start, end = place.range.start, place.range.end
    if (start.line, start.character) == (end.line, end.character):
        return
    last = end.line if end.character == 0 and end.line > start.line else end.line + 1
    passage = lines_of(place.uri, start.line, last, ls.protocol.documents, ls.folders)
    order = Order(uri=place.uri, start=start.line, end=last)
    no_words = "" if passage is not None and passage.instruction else _NO_INSTRUCTION
    change = place.why_not or _why_not(ls, TaskKind.DO)
    yield Offer("Change selection…", REWRITING, CommandName.CHANGE, order, change or no_words)
    yield Offer("Document selection", REWRITING, CommandName.DOCUMENT, order, change)
    asking = place.why_not or _why_not(ls, TaskKind.ASK)
    yield Offer("Explain selection", REWRITING, CommandName.EXPLAIN, order, asking)


def applying(ls: RatchetServer, place: Place) -> Iterator[Offer]:
    """Yield the proven patch for this document that is not in the user's files yet."""
    if place.within is None:
        return
    root = place.within.repository
    task_id = patch_for(place.within.path, ls.feed.tasks(root), ls.board.known(root).applied)
    if not task_id:
        return
    applied = ls.applied.get(task_id)
    busy = applied is not None and applied.standing is Standing.APPLYING
    why_not = place.why_not or ("it is being applied" if busy else "")
    order = Order(uri=place.uri, task=task_id)
    yield Offer("Apply verified fix", FIXING, CommandName.APPLY, order, why_not)


def verifying(ls: RatchetServer, place: Place) -> Offer:
    """Return the verification of the working tree."""
    why_not = place.why_not or _why_not(ls, TaskKind.VERIFY)
    return Offer("Verify working tree", VERIFYING, CommandName.VERIFY, Order(uri=place.uri), why_not)


def _failing(ls: RatchetServer, place: Place) -> tuple[str, ...]:
    """Return the tests that fail at the lines pointed at, or else the one that they lie in."""
    if place.within is None:
        return ()
    at = failing_at(ls.board, place.uri, place.range)
    return at or failing_around(ls.board, place.within, place.lines, place.range.start.line + 1)


def _tests_of(ls: RatchetServer, place: Place, one: types.Diagnostic) -> tuple[str, ...]:
    """Return the failing tests that a diagnostic of ours is about, even where its data was dropped."""
    if one.source != SOURCE or one.code in _OTHERS_WORDS:
        return ()
    return tests_of(one.data) or failing_at(ls.board, place.uri, one.range)


def _fix_of_tests(
    ls: RatchetServer, place: Place, tests: tuple[str, ...], about: list[types.Diagnostic]
) -> Offer:
    why_not = place.why_not or _why_not(ls, TaskKind.FIX)
    if not why_not and place.within and running_fix(ls.feed, place.within.repository, tests):
        why_not = "a task is at work on it"
    order = Order(uri=place.uri, tests=tests)
    return Offer(_FIX, FIXING, CommandName.FIX, order, why_not, tuple(about))


def _fix_of_complaint(ls: RatchetServer, place: Place, one: types.Diagnostic) -> Offer:
    path = place.within.path if place.within else ""
    order = Order(uri=place.uri, goal=complaint_goal(path, one), start=one.range.start.line)
    why_not = place.why_not or _why_not(ls, TaskKind.DO)
    return Offer(_FIX, FIXING, CommandName.FIX, order, why_not, (one,))


def _told_apart(offers: list[Offer]) -> list[Offer]:
    """Say what each of several fixes is about."""
    if len(offers) < 2:
        return offers
    return [
        Offer(f"{_FIX}: {_about(one)}", one.kind, one.name, one.order, one.why_not, one.about)
        for one in offers
    ]


def _about(offer: Offer) -> str:
    if offer.order.tests:
        more = f" and {len(offer.order.tests) - 1} more" if len(offer.order.tests) > 1 else ""
        return one_line(offer.order.tests[0].rpartition("::")[2], 60) + more
    return one_line(offer.about[0].message, 60)


def _why_not(ls: RatchetServer, kind: TaskKind) -> str:
    return planning(kind, ls.settings) or isolation(ls.settings)
