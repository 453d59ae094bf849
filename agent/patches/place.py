"""Choose the one place that an edit means; none when it cannot be known."""

from collections.abc import Iterator, Sequence

from agent.patches.anchor import Place, find_places
from agent.patches.block import Block
from agent.patches.document import Document
from agent.patches.elision import stands_for_lines
from agent.patches.intent import Where
from agent.patches.refusal import Fault, Reason, ambiguous, missing, nearest_place


def chosen_place(
    document: Document, search: Block, replace: Block, where: Where, floor: int
) -> Place | Fault:
    """Return the only place of the searched lines from line `floor` on that fits what is said of it."""
    texts = document.texts
    if not search.texts:
        return _without_lines(document, where)
    places = find_places(document, search.texts, floor)
    if not places and floor:
        places = tuple(p for p in find_places(document, search.texts) if _is_untouched(document, p))
    if not places:
        elided = any(stands_for_lines(text) for text in search.texts)
        return missing(texts, search.texts, replace.texts, elided)
    if search.bare or where.at_end:
        places = tuple(place for place in places if place.end == len(texts)) or places
    if where.inside:
        found = _under(texts, places, where.inside, floor)
        if isinstance(found, Fault):
            return found
        places = found
    if len(places) > 1 and where.line:
        claimed = (p for p in places if document.lines[p.start].origin == where.line - 1 + p.head)
        places = tuple(claimed) or places
    if len(places) > 1:
        return ambiguous(texts, [(place.start, place.end) for place in places])
    return places[0]


def _is_untouched(document: Document, place: Place) -> bool:
    """Say whether a hunk out of order means original lines, and none that an earlier hunk wrote."""
    return all(line.origin is not None for line in document.lines[place.start : place.end])


def _without_lines(document: Document, where: Where) -> Place | Fault:
    end = len(document.lines)
    if where.at_end and not where.inside:
        return Place(end, end)
    message = "nothing is searched for, and the file has text already; name the lines to change"
    return Fault(Reason.AMBIGUOUS, message, document.texts, (end - 1, end))


def _under(
    texts: Sequence[str], places: Sequence[Place], inside: Sequence[str], floor: int
) -> tuple[Place, ...] | Fault:
    """Return the places within the blocks of the headings, or after a heading when none is within."""
    headings = [-1]
    for wanted in inside:
        ends = [_block_end(texts, start) if start >= 0 else len(texts) for start in headings]
        found = sorted(
            {at for n, end in zip(headings, ends, strict=True) for at in _headings(texts, wanted, n, end)}
            or {at for start in headings for at in _headings(texts, wanted, start, len(texts))}
        )
        if not found:
            message = f"no line is `{wanted.strip()[:120]}`, which the place is said to be under"
            return Fault(Reason.MISSING, message, texts, nearest_place(texts, [wanted]))
        headings = found
    within = [p for p in places if any(at <= p.start < _block_end(texts, at) for at in headings)]
    after = [p for p in places if any(at <= p.start for at in headings)]
    if fitting := within or after:
        return tuple(fitting)
    message = f"the text to replace is not under `{inside[-1].strip()[:120]}`"
    return Fault(Reason.MISSING, message, texts, (places[0].start, places[0].end))


def _headings(texts: Sequence[str], wanted: str, start: int, end: int) -> Iterator[int]:
    """Yield the lines after `start` that are the heading; equal but for white space, else its beginning."""
    asked = wanted.strip()
    stripped = [text.strip() for text in texts[start + 1 : end]]
    equal = [number for number, text in enumerate(stripped) if text == asked]
    begun = [] if equal or not asked else [n for n, text in enumerate(stripped) if text.startswith(asked)]
    return (start + 1 + number for number in equal or begun)


def _block_end(texts: Sequence[str], at: int) -> int:
    """Return the first line after a heading that is indented no deeper than it."""
    margin = len(texts[at]) - len(texts[at].lstrip())
    for number in range(at + 1, len(texts)):
        text = texts[number]
        if text.strip() and len(text) - len(text.lstrip()) <= margin:
            return number
    return len(texts)
