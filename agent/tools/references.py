"""Tool: where a name is used, or which calls can reach it."""

from collections.abc import Iterator
from itertools import islice

from pydantic import Field

from agent.protocol.value import Value
from agent.tools.overlay import INDEX, Overlay, mentions, qualname
from agent.tools.report import Report
from agent.tools.tool import Desk, Outcome

_LONGEST = 200

Place = tuple[str, int, str, str]
"""Path, line, the definition around it, and what is to be said about it."""


class ReferencesArguments(Value):
    """Whose uses."""

    name: str = Field(min_length=1, max_length=500, description="a plain or qualified name")
    callers: bool = Field(
        default=False, description="only calls that can reach this very definition, surest first"
    )
    limit: int = Field(default=40, ge=1, le=200)


class ReferencesTool:
    """Uses as they are now."""

    name = "references"
    description = (
        "Find the uses of a name in code (not in strings or comments) as path:line, the definition around "
        "and the line. With callers=true: the calls resolved to the definitions of a (qualified) name."
    )
    arguments = ReferencesArguments
    parallel = True

    def run(self, desk: Desk, arguments: ReferencesArguments) -> Outcome:
        """Return the uses."""
        name = arguments.name.strip()
        with INDEX:
            overlay = Overlay(desk)
            find = _callers if arguments.callers else _uses
            found = list(islice(find(desk, overlay, name), arguments.limit + 1))
            texts = overlay.texts({path for path, *_ in found})
        if not found:
            return Report(desk).say("No use was found.").outcome()
        lines = [_line(place, texts[place[0]].text.split("\n")) for place in found[: arguments.limit]]
        report = Report(desk).show("\n".join(lines), "references")
        if len(found) > arguments.limit:
            report.say(f"There are more than {arguments.limit}.")
        return report.outcome()


def _uses(desk: Desk, overlay: Overlay, name: str) -> Iterator[Place]:
    last = name.rpartition(".")[2]
    yield from _fresh(overlay, last, "")
    for one in desk.view.references(last):
        if one.path not in overlay.changed:
            yield one.path, one.line, qualname(overlay.rows(one.path), one.definition), ""


def _callers(desk: Desk, overlay: Overlay, name: str) -> Iterator[Place]:
    edges = [edge for symbol in desk.view.find(name) for edge in desk.view.callers(symbol)]
    edges.sort(key=lambda edge: (-edge.confidence, edge.path, edge.line))
    for path, line, around, sure in dict.fromkeys(
        (edge.path, edge.line, edge.definition, edge.confidence) for edge in edges
    ):
        if path not in overlay.changed:
            doubt = " (one of several of that name)" if sure < 1 else ""
            yield path, line, qualname(overlay.rows(path), around), doubt
    yield from _fresh(overlay, name.rpartition(".")[2], " (changed file: by name only)")


def _fresh(overlay: Overlay, name: str, said: str) -> Iterator[Place]:
    for path, content in overlay.fresh().items():
        rows = overlay.rows(path)
        for line, around in mentions(path, content, name):
            yield path, line, qualname(rows, around), said


def _line(place: Place, lines: list[str]) -> str:
    path, line, around, said = place
    text = lines[line - 1].strip()[:_LONGEST] if line <= len(lines) else ""
    return f"{path}:{line}{f' in {around}' if around else ''}{said}: {text}"
