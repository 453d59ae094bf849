"""The places that an answer names, each looked up in the tree it is about."""

import re

from agent.protocol.conversation import Citation
from agent.repo.store import Store

_PLACE = re.compile(r"(?<![\w./:-])((?:[\w.@+-]+/)*[\w.@+-]+\.\w+):(\d{1,7})(?:\s?[-\u2013]\s?(\d{1,7}))?")
_MOST = 200


def citations(text: str, store: Store, tree: str) -> tuple[Citation, ...]:
    """Return every `path:line` of a text once, in order, with what is wrong about the false ones."""
    found: dict[tuple[str, int, int], Citation] = {}
    for path, line, end in _PLACE.findall(text):
        place = (path, int(line), int(end or line))
        if len(found) < _MOST and place not in found:
            found[place] = Citation(path=path, line=place[1], end=place[2], fault=_fault(store, tree, place))
    return tuple(found.values())


def _fault(store: Store, tree: str, place: tuple[str, int, int]) -> str:
    path, line, end = place
    if path not in store.list(tree):
        return "there is no such file"
    lines = len(store.read(tree, path).splitlines())
    if not 1 <= line <= end:
        return "there is no such line"
    return f"the file has {lines} lines" if end > lines else ""
