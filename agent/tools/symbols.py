"""Tool: the definitions of a file or folder, or those of a name."""

from collections.abc import Iterator, Sequence
from itertools import islice

from pydantic import Field

from agent.index.definitions import DefinitionRow
from agent.index.facts import MODULE
from agent.protocol.value import Value
from agent.tools.overlay import INDEX, Overlay
from agent.tools.report import Report
from agent.tools.tool import Desk, Outcome

_LONGEST = 240
_ALIKE = 10


class SymbolsArguments(Value):
    """What to list."""

    target: str = Field(
        min_length=1, max_length=1000, description="a path, a folder, or a name such as `Class.method`"
    )
    limit: int = Field(default=60, ge=1, le=300)


class SymbolsTool:
    """Definitions as they are now."""

    name = "symbols"
    description = (
        "List definitions with their lines: of a file (all of them), of a folder (the outer ones), or every "
        "definition of a name. Shows what a name can mean and where."
    )
    arguments = SymbolsArguments
    parallel = True

    def run(self, desk: Desk, arguments: SymbolsArguments) -> Outcome:
        """Return the definitions."""
        target = arguments.target.strip().removeprefix("./").rstrip("/")
        with INDEX:
            overlay = Overlay(desk)
            lines = list(islice(_listed(desk, overlay, target), arguments.limit + 1))
            if not lines:
                return _nothing(desk, overlay, target)
        report = Report(desk).show("\n".join(lines[: arguments.limit]), "symbols")
        if len(lines) > arguments.limit:
            report.say(f"There are more than {arguments.limit}: ask for less, or raise `limit`.")
        return report.outcome()


def _listed(desk: Desk, overlay: Overlay, target: str) -> Iterator[str]:
    if target in overlay.entries:
        rows = overlay.rows(target)
        yield from (f"{'  ' * _depth(rows, number)}{_line(row)}" for number, row in enumerate(rows))
        return
    inside = [path for path in overlay.entries if path.startswith(f"{target}/") or target in ("", ".")]
    for path in inside:
        outer = [row for row in overlay.rows(path) if row[3] == MODULE]
        yield from (f"{path}:{_line(row)}" for row in outer)
    if not inside:
        yield from (f"{path}:{_line(row)}" for path, row in sorted(called(desk, overlay, target)))


def called(desk: Desk, overlay: Overlay, name: str) -> Iterator[tuple[str, DefinitionRow]]:
    """Yield path and definition of everything called `name`, plain or qualified."""
    last = name.rpartition(".")[2]
    for symbol in desk.view.find(name):
        if symbol.path not in overlay.changed:
            yield symbol.path, overlay.rows(symbol.path)[symbol.ordinal]
    for path in sorted(overlay.changed):
        for row in overlay.rows(path):
            if row[0] == last and (last == name or f".{row[1]}".endswith(f".{name}")):
                yield path, row


def _nothing(desk: Desk, overlay: Overlay, target: str) -> Outcome:
    if target in overlay.entries:
        return Report(desk).say("The file has no definitions that the index knows; `read` it.").outcome()
    last = target.rpartition(".")[2].lower()
    alike = [name for name in desk.view.names() if last and last in name.lower()]
    alike = sorted(alike, key=len)[:_ALIKE]
    report = Report(desk).say("Nothing is called that, and there is no such path.")
    if alike:
        report.say("Names that contain it:").show("\n".join(alike), "symbols")
    return report.outcome(refused=True)


def _line(row: DefinitionRow) -> str:
    return f"{row[4]}-{row[5]} {row[2]} {row[1]}: {row[9]}"[:_LONGEST]


def _depth(rows: Sequence[DefinitionRow], number: int) -> int:
    depth = 0
    while (number := rows[number][3]) != MODULE:
        depth += 1
    return depth
