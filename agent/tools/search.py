"""Tool: find the places that a question, a name or an exact text is about."""

from collections.abc import Iterator, Sequence
from itertools import islice

from pydantic import Field

from agent.index.definitions import DefinitionRow
from agent.index.facts import MODULE
from agent.index.search.hit import Hit
from agent.index.search.hybrid import Search
from agent.index.search.query import Query, read_query
from agent.protocol.value import Value
from agent.tools.overlay import INDEX, Overlay, extracted, worded
from agent.tools.report import Report, refusal
from agent.tools.tool import Desk, Outcome

_FRESH = 5
_LONGEST = 300
_NAME_COUNTS = 3.0


class SearchArguments(Value):
    """What to look for."""

    query: str = Field(min_length=1, max_length=20_000, description="words, a name, an error message or code")
    exact: bool = Field(default=False, description="find lines that contain `query` exactly as it is")
    limit: int = Field(default=10, ge=1, le=50, description="how many places")


class SearchTool:
    """Hybrid search of the index; files that edits changed are searched as they are now."""

    name = "search"
    description = (
        "Find code by meaning, by name or by an error text: the best places as path:first-last, kind, name "
        "and header. With exact=true: lines that contain a text. Use `read` to see the code."
    )
    arguments = SearchArguments
    parallel = True

    def run(self, desk: Desk, arguments: SearchArguments) -> Outcome:
        """Return the best places."""
        if not arguments.query.strip():
            return refusal(desk, "The query is empty.")
        find = _exact if arguments.exact else _ranked
        with INDEX:
            lines = list(find(desk, Overlay(desk), arguments))
        if not lines:
            return Report(desk).say("Nothing was found.").outcome()
        return Report(desk).show("\n".join(lines), "search").outcome()


def search_of(desk: Desk) -> Search:
    """Return the desk's search; one that it does not bring is made anew each time, which takes a while."""
    return desk.search or Search(desk.view)


def _ranked(desk: Desk, overlay: Overlay, arguments: SearchArguments) -> Iterator[str]:
    search = search_of(desk)
    hits = search.hits(arguments.query, arguments.limit + len(overlay.changed))
    described = (line for hit in hits if (line := _described(overlay, hit)))
    yield from islice(described, arguments.limit)
    if overlay.changed:
        fresh = list(_fresh(overlay, read_query(arguments.query)))
        yield from ["", "In files changed since the base:", *fresh] if fresh else []


def _described(overlay: Overlay, hit: Hit) -> str:
    """Return a hit where it is now, "" when the working tree has it no more."""
    if hit.path not in overlay.changed:
        rows = overlay.rows(hit.path)
        row = next((one for one in rows if one[1] == hit.symbol and one[4] == hit.start), None)
        return _line(hit.path, hit.start, hit.end, row)
    if not overlay.is_file(hit.path):
        return ""
    row = next((one for one in overlay.rows(hit.path) if one[1] == hit.symbol), None)
    return _line(hit.path, row[4], row[5], row) if row else ""


def _fresh(overlay: Overlay, query: Query) -> Iterator[str]:
    """Yield the best places of the changed files by the words that they share with the question."""
    found: list[tuple[float, str]] = []
    for path, content in overlay.fresh().items():
        facts = extracted(path, content)
        for document in worded(path, content):
            score = sum(weight for term, weight in query.terms.items() if term in document.counts)
            row = None if document.definition == MODULE else facts.definitions[document.definition]
            if row is not None and row[0] in query.names:
                score += _NAME_COUNTS
            if score > 0:
                last = row[5] if row else max(1, facts.lines)
                found.append((score, _line(path, row[4] if row else 1, last, row)))
    found.sort(key=lambda one: -one[0])
    yield from (line for _, line in found[:_FRESH])


def _line(path: str, start: int, end: int, row: DefinitionRow | None) -> str:
    place = f"{path}:{start}-{end}"
    if row is None:
        return place
    doc = f" - {row[10]}" if row[10] else ""
    return f"{place} {row[2]} {row[1]}: {row[9]}{doc}"[:_LONGEST]


def _exact(desk: Desk, overlay: Overlay, arguments: SearchArguments) -> Iterator[str]:
    text = arguments.query.encode("utf-8", "replace")
    known = [path for path in desk.view.candidates([text]) if path not in overlay.changed]
    return islice(_holding(overlay, text, [*sorted(overlay.changed), *known]), arguments.limit)


def _holding(overlay: Overlay, text: bytes, paths: Sequence[str], batch: int = 64) -> Iterator[str]:
    for start in range(0, len(paths), batch):
        contents = overlay.contents(paths[start : start + batch])
        holding = {path: content for path, content in contents.items() if text in content}
        for path in holding:
            # File by file, since what is shown may end with the first, and cleaning takes longest.
            lines = overlay.texts([path])[path].text.split("\n")
            yield from (
                f"{path}:{line}: {lines[line - 1].strip()[:_LONGEST]}" for line in _lines(holding[path], text)
            )


def _lines(content: bytes, text: bytes) -> Iterator[int]:
    """Yield each line once on which the text begins."""
    place, line, counted = content.find(text), 1, 0
    while place >= 0:
        line, counted = line + content.count(b"\n", counted, place), place
        yield line
        end = content.find(b"\n", place)
        place = content.find(text, end + 1) if end >= 0 else -1
