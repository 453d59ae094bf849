"""Say a change in an edit format, so that reading the text makes exactly this change."""

from collections.abc import Mapping, Sequence

from agent.patches.formats import read_edits
from agent.patches.refusal import Refusal
from agent.patches.rendering.blocks import search_replace_text, symbol_text, whole_file_text
from agent.patches.rendering.change import Change, change_of
from agent.patches.rendering.diffs import unified_diff_text, v4a_text
from agent.patches.rendering.symbols import Definitions, no_definitions
from agent.patches.resolve import resolve
from agent.patches.splice import apply_splices
from agent.protocol.edit import Create, Delete, Edit, Splice
from agent.protocol.errors import PatchRefused
from agent.protocol.model import EditFormat

_WRITERS = {
    EditFormat.SEARCH_REPLACE: search_replace_text,
    EditFormat.UNIFIED_DIFF: unified_diff_text,
    EditFormat.V4A: v4a_text,
    EditFormat.WHOLE_FILE: whole_file_text,
}
# Lines around a change: more of them until the place is the only one, at last the whole file.
_CONTEXTS = (3, 12, 1_000_000)


def render(
    format: EditFormat,
    before: Mapping[str, bytes],
    after: Mapping[str, bytes],
    definitions: Definitions = no_definitions,
) -> str:
    """Return a text that makes `after` of `before`; raises PatchRefused when the format cannot say it.

    What a format cannot say: new bytes that are no UTF-8 in a file that has none, a byte-order mark
    taken from a whole file, other line ends for a whole file, a change after which a file counts as being
    in another charset, and lines that look like the end of the format's own markers.
    """
    paths = sorted(path for path in {*before, *after} if before.get(path) != after.get(path))
    if not paths:
        return ""
    changes = [change_of(path, before.get(path), after.get(path)) for path in paths]
    for text in _texts(format, changes, definitions):
        if _makes(format, text, before, after, paths, definitions):
            return text
    raise PatchRefused(f"the change cannot be said as {format.value}", hint="choose another edit format")


def _texts(format: EditFormat, changes: Sequence[Change], definitions: Definitions) -> list[str]:
    if format is EditFormat.SYMBOL:
        return [symbol_text(changes, definitions), symbol_text(changes, no_definitions)]
    contexts = _CONTEXTS if format is not EditFormat.WHOLE_FILE else _CONTEXTS[:1]
    return [_WRITERS[format](changes, context) for context in contexts]


def _makes(
    format: EditFormat,
    text: str,
    before: Mapping[str, bytes],
    after: Mapping[str, bytes],
    paths: Sequence[str],
    definitions: Definitions,
) -> bool:
    def spans(path: str, content: bytes, symbol: str) -> list[tuple[int, int]]:
        return [(one.start, one.end) for one in definitions(path, content) if one.name == symbol]

    try:
        edits = resolve(read_edits(format, text), before.get, spans)
    except PatchRefused:
        return False
    return not isinstance(edits, Refusal) and _made(edits, before) == {p: after.get(p) for p in paths}


def _made(edits: Sequence[Edit], before: Mapping[str, bytes]) -> dict[str, bytes | None]:
    made: dict[str, bytes | None] = {}
    splices: dict[str, list[Splice]] = {}
    for edit in edits:
        match edit:
            case Create():
                made[edit.path] = edit.content
            case Delete():
                made[edit.path] = None
            case Splice():
                splices.setdefault(edit.path, []).append(edit)
    return made | {path: apply_splices(before[path], found) for path, found in splices.items()}
