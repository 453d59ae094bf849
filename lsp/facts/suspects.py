"""Lines that failing tests make suspicious."""

from collections.abc import Mapping, Sequence

from agent.protocol.check import Location
from agent.protocol.proposal import Suspect
from agent.protocol.state import TaskState
from lsp.facts.fact import Fact, Level
from lsp.facts.results import Outcome
from lsp.facts.tests import Record
from lsp.facts.words import some
from lsp.names import Code
from lsp.showing.plain import one_line

MOST = 10
"""Of each task; further down a ranking says little."""


def suspects(states: Sequence[TaskState], known: Mapping[str, Record]) -> list[Fact]:
    """Return the most suspicious lines for the tests that still fail as a task found them."""
    tests: dict[str, list[str]] = {}
    for name, record in known.items():
        if record.last.outcome is Outcome.FAILING and not record.last.patched:
            tests.setdefault(record.last.task, []).append(name)
    found: dict[Location, Fact] = {}
    for state in states:
        for suspect in (state.suspects or ())[:MOST] if state.task_id in tests else ():
            place = Location(path=suspect.path, line=suspect.line)
            found.setdefault(place, _fact(state.task_id, suspect, place, tests[state.task_id]))
    return list(found.values())


def _fact(task: str, suspect: Suspect, place: Location, tests: Sequence[str]) -> Fact:
    why = f": {one_line(suspect.reason)}" if suspect.reason else ""
    inside = f" in {one_line(suspect.symbol, 80)}" if suspect.symbol else ""
    return Fact(
        code=Code.SUSPECT,
        task=task,
        location=place,
        message=f"suspicious{inside} (score {suspect.score:.2f}{why}) for {some(tests)}",
        level=Level.HINT,
        tests=tuple(tests),
    )
