"""Replace one definition by its new source, indented as the old one was."""

from collections.abc import Sequence

from agent.patches.anchor import Place
from agent.patches.block import Block
from agent.patches.document import Document
from agent.patches.refusal import Fault, Reason, nearest_place
from agent.patches.replace import replaced


def symbol_replaced(
    document: Document, symbol: str, spans: Sequence[tuple[int, int]], source: Block
) -> Document | Fault:
    """Return the document with the one span of a symbol replaced; refused when there is not exactly one."""
    found = sorted({_lines_of(document, start, end) for start, end in spans})
    if len(found) != 1:
        return _not_one(document, symbol, found)
    first, last = found[0]
    if not _is_alone(document, spans[0]):
        message = f"`{symbol}` shares a line with other code; use another format for it"
        return Fault(Reason.SYMBOL, message, document.texts, (first, last))
    old = document.lines[first:last]
    search = Block(tuple(line.text for line in old), tuple(line.end == "\r\n" for line in old))
    if not source.has_carriage:
        search = Block(search.texts, (False,) * len(old))
    fitted = _indented(_trimmed(source), old[0].text)
    if fitted is None:
        message = "some lines of the new source are indented less than its first; indent them all alike"
        return Fault(Reason.SYMBOL, message, document.texts, (first, last))
    return replaced(document, Place(first, last), search, fitted)


def _not_one(document: Document, symbol: str, found: Sequence[tuple[int, int]]) -> Fault:
    if not found:
        message = f"the file has no definition `{symbol}`; name it as Class.method, or give the whole file"
        name = symbol.rpartition(".")[2]
        return Fault(Reason.SYMBOL, message, document.texts, nearest_place(document.texts, [name]))
    lines = ", ".join(str(first + 1) for first, _ in found[:5])
    message = f"`{symbol}` is defined {len(found)} times (at lines {lines}); use another format for it"
    return Fault(Reason.AMBIGUOUS, message, document.texts, found[0])


def _lines_of(document: Document, start: int, end: int) -> tuple[int, int]:
    """Return the lines that a byte span touches."""
    content = document.content
    return content.count(b"\n", 0, start), content.count(b"\n", 0, max(start, end - 1)) + 1


def _is_alone(document: Document, span: tuple[int, int]) -> bool:
    """Say whether nothing but white space stands beside the span on its first and last line."""
    content = document.content
    before = content[content.rfind(b"\n", 0, span[0]) + 1 : span[0]].removeprefix(b"\xef\xbb\xbf")
    after = b"" if content[: span[1]].endswith(b"\n") else content[span[1] :].split(b"\n", 1)[0]
    return not before.strip() and not after.strip().removeprefix(b";")


def _trimmed(source: Block) -> Block:
    filled = [number for number, text in enumerate(source.texts) if text.strip()]
    if not filled:
        return Block()
    return source.cut(filled[0], len(source.texts) - 1 - filled[-1])


def _indented(source: Block, first: str) -> Block | None:
    """Return the source moved so that its first line stands where the old one stood; None if it cannot."""
    if not source.texts:
        return source
    wanted, given = _margin(first), _margin(source.texts[0])
    if wanted == given:
        return source
    if not all(text.startswith(given) for text in source.texts if text.strip()):
        return None
    moved = (wanted + text.removeprefix(given) if text.strip() else text for text in source.texts)
    return Block(tuple(moved), source.carriage, source.bare)


def _margin(text: str) -> str:
    plain = text.removeprefix("\ufeff")
    return plain[: len(plain) - len(plain.lstrip())]
