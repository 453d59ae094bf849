"""Put new lines in the place of old ones, and keep everything that the text did not mean to change."""

from collections.abc import Sequence

from agent.patches.anchor import Place
from agent.patches.block import Block
from agent.patches.document import BOM, Document, Line, usual_end
from agent.patches.line_diff import common_runs
from agent.patches.refusal import Fault, Reason


def replaced(document: Document, place: Place, search: Block, replace: Block) -> Document | Fault:
    """Return the document with the lines at the place replaced; lines in both blocks keep their bytes.

    Line ends are those of the place, unless the text wrote carriage returns and the place has just
    those that it searched for. A missing final newline stays missing, unless only one block is marked.
    """
    search = search.cut(place.head, place.tail)
    replace = replace.cut(*_trimmed(place, replace))
    if replace.bare and not search.bare and place.end != len(document.lines):
        return Fault(Reason.MISSING, "only the last line of a file can lack its newline", document.texts)
    old = document.lines[place.start : place.end]
    end = "" if _writes_ends(old, search, replace) else usual_end(old) or document.usual_end
    fresh = _mixed(old, search, replace, place, end)
    if fault := fresh if isinstance(fresh, Fault) else _charset_fault(document, old, fresh):
        return Fault(fault.reason, fault.message, document.texts, (place.start, place.end))
    assert not isinstance(fresh, Fault)
    joined = [*document.lines[: place.start], *fresh, *document.lines[place.end :]]
    if place.end == len(document.lines):
        bare = replace.bare if search.bare != replace.bare else document.is_bare
        # With nothing put in its place, the line before is outside the edit and stays as it is.
        joined = _ended(joined, bare and bool(fresh), end or "\n")
    return document.with_lines(_with_bom(document, joined, search))


def _charset_fault(document: Document, old: Sequence[Line], fresh: Sequence[Line]) -> Fault | None:
    known = {line.text for line in old}
    for line in fresh:
        if line.origin is not None or line.text in known:
            continue
        if not document.can_hold(line.text):
            message = f"the file is not UTF-8 and its 8-bit text has no sign for `{line.text.strip()[:80]}`"
            return Fault(Reason.CHARSET, message)
        if document.has_stray and "\ufffd" in line.text:
            message = "the file is not UTF-8; leave lines with U+FFFD as they are, or remove them"
            return Fault(Reason.CHARSET, message)
    return None


def _trimmed(place: Place, replace: Block) -> tuple[int, int]:
    """Return the blank lines to leave out of the replacement too, as far as it has them."""
    texts = replace.texts
    head = next(
        (n for n, text in enumerate(texts[: place.head]) if text.strip()), min(place.head, len(texts))
    )
    rest = texts[head:]
    tail = next(
        (n for n, text in enumerate(rest[::-1][: place.tail]) if text.strip()), min(place.tail, len(rest))
    )
    return head, tail


def _writes_ends(old: tuple[Line, ...], search: Block, replace: Block) -> bool:
    if not (search.has_carriage or replace.has_carriage):
        return False
    if not old:
        return True
    return all(
        line.end == ("\r\n" if carriage else "\n") or (not line.end and not carriage)
        for line, carriage in zip(old, search.carriage, strict=True)
    )


def _mixed(old: Sequence[Line], search: Block, replace: Block, place: Place, end: str) -> list[Line] | Fault:
    """Return kept lines and new ones; with no `end` given, ends are as the replacement wrote them."""
    runs = common_runs(search.texts, replace.texts)
    kept = {run.second + n: run.first + n for run in runs for n in range(run.length)}
    fresh: list[Line] = []
    for number, (text, carriage) in enumerate(zip(replace.texts, replace.carriage, strict=True)):
        written = "\r\n" if carriage else "\n"
        if number in kept:
            line = old[kept[number]]
            is_other_end = not end and carriage != (line.end == "\r\n")
            fresh.append(line._replace(end=written, origin=None) if is_other_end else line)
            continue
        shifted = _shifted(text, place)
        if shifted is None:
            message = "the replacement is indented less than the text that it was written for"
            return Fault(Reason.MISSING, message)
        fresh.append(Line(shifted, end or written))
    return fresh


def _shifted(text: str, place: Place) -> str | None:
    if not text.strip():
        return text
    if place.remove:
        return text.removeprefix(place.remove) if text.startswith(place.remove) else None
    return place.add + text


def _ended(lines: Sequence[Line], bare: bool, end: str) -> list[Line]:
    """Return the lines with an end after each, the last perhaps without."""
    ended = [line if line.end else line._replace(end=end, origin=None) for line in lines]
    if bare:
        last = lines[-1]
        ended[-1] = last if not last.end else last._replace(end="", origin=None)
    # A blank line without an end is the newline of the line before it.
    return ended[:-1] if bare and not ended[-1].text else ended


def _with_bom(document: Document, lines: list[Line], search: Block) -> list[Line]:
    if not document.lines or not document.lines[0].text.startswith(BOM) or not lines:
        return lines
    said = bool(search.texts) and search.texts[0].startswith(BOM)
    if said or lines[0].text.startswith(BOM):
        return lines
    return [lines[0]._replace(text=BOM + lines[0].text, origin=None), *lines[1:]]
