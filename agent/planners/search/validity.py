"""Which edited sources are worth trying: those that compile to something not tried before."""

import hashlib
import warnings
from collections.abc import Iterable
from types import CodeType

from agent.index.syntax import Node, Syntax, has_errors

Replacement = tuple[int, int, bytes]
_SURROUNDING = ("class_definition", "block", "decorated_definition")
_REFUSED = (SyntaxError, ValueError, RecursionError, MemoryError, OverflowError)


class Novelty:
    """Remembers what one file was already turned into.

    Two edits are the same when the smallest piece of code around them (the outermost function or
    the top-level statement) compiles to the same byte code, so that blanks and brackets do not count.
    """

    def __init__(self, syntax: Syntax) -> None:
        self._syntax = syntax
        self._seen: set[tuple[int, bytes]] = set()
        self._units: dict[tuple[int, int], bool] = {}

    def admits(self, anchor: Node, replacements: Iterable[Replacement]) -> bool:
        """Say whether an edit near `anchor` compiles and is new; it is remembered when it is."""
        ordered = sorted(replacements)
        unit = _unit(anchor)
        start = _line_start(self._syntax.source, unit.start_byte)
        end = _line_end(self._syntax.source, unit.end_byte)
        if start < 0 or not all(start <= first and last <= end for first, last, _ in ordered):
            start, end = 0, len(self._syntax.source)
        if not self._compiles(start, end):
            return self._admits_text(start, apply(self._syntax.source, ordered))
        edited = apply(self._syntax.source, ordered, start, end)
        code = _compiled(edited)
        return code is not None and self._remember(start, _fingerprint(code))

    def _compiles(self, start: int, end: int) -> bool:
        known = self._units.get((start, end))
        if known is None:
            code = _compiled(self._syntax.source[start:end])
            known = self._units[(start, end)] = code is not None
            if code is not None:
                self._remember(start, _fingerprint(code))
        return known

    def _admits_text(self, start: int, edited: bytes) -> bool:
        # Our own Python does not know this syntax; the repository's may.
        digest = hashlib.blake2b(b"".join(edited.split()), digest_size=16).digest()
        return self._remember(start, digest) and not has_errors(edited)

    def _remember(self, start: int, digest: bytes) -> bool:
        key = (start, digest)
        if key in self._seen:
            return False
        self._seen.add(key)
        return True


def apply(
    source: bytes, replacements: Iterable[Replacement], start: int = 0, end: int | None = None
) -> bytes:
    """Return `source[start:end]` with replacements of absolute ranges, which must not overlap."""
    result = bytearray()
    at = start
    for first, last, new in sorted(replacements):
        result += source[at:first]
        result += new
        at = last
    return bytes(result + source[at : len(source) if end is None else end])


def _unit(anchor: Node) -> Node:
    """Return the outermost function around a node, else its statement in the module or a class."""
    unit, current = anchor, anchor
    is_function = False
    while current.parent is not None:
        outer = current.parent
        if current.type == "function_definition":
            unit, is_function = outer if outer.type == "decorated_definition" else current, True
        elif not is_function and current.type not in _SURROUNDING:
            unit = current
        current = outer
    return unit


def _line_start(source: bytes, offset: int) -> int:
    """Return where the line of an offset starts, -1 when other code comes before it on the line."""
    start = source.rfind(b"\n", 0, offset) + 1
    return -1 if source[start:offset].strip(b" \t\x0c\xef\xbb\xbf") else start


def _line_end(source: bytes, offset: int) -> int:
    end = source.find(b"\n", offset)
    return len(source) if end < 0 else end + 1


def _compiled(piece: bytes) -> CodeType | None:
    text = piece.decode("utf-8", "replace").removeprefix("\ufeff")
    if text[:1] in (" ", "\t", "\x0c"):
        text = "if 1:\n" + text
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return compile(text, "candidate", "exec", dont_inherit=True, optimize=0)
        except _REFUSED:
            return None


def _fingerprint(code: CodeType) -> bytes:
    digest = hashlib.blake2b(digest_size=16)
    stack: list[object] = [code]
    while stack:
        item = stack.pop()
        if isinstance(item, CodeType):
            shape = (item.co_argcount, item.co_posonlyargcount, item.co_kwonlyargcount, item.co_flags)
            names = (item.co_names, item.co_varnames, item.co_freevars, item.co_cellvars, item.co_name)
            digest.update(item.co_code + repr((shape, names)).encode("utf-8", "surrogatepass"))
            digest.update(getattr(item, "co_exceptiontable", b""))
            stack.extend(reversed(item.co_consts))
        elif isinstance(item, frozenset):
            digest.update(repr(sorted(map(repr, item))).encode("utf-8", "surrogatepass"))
        else:
            digest.update(repr((type(item).__name__, item)).encode("utf-8", "surrogatepass"))
    return digest.digest()
