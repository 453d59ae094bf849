"""Make the edits of a text on files in memory, as a tree would take them."""

import ast
from collections.abc import Iterator, Mapping, Sequence

from agent.patches.formats import read_edits
from agent.patches.refusal import Reason, Refusal
from agent.patches.rendering.symbols import Definition
from agent.patches.resolve import Spans, resolve
from agent.patches.splice import apply_splices
from agent.protocol.edit import Create, Delete, Edit, Splice
from agent.protocol.model import EditFormat

Files = Mapping[str, bytes]


def applied(format: EditFormat, text: str, files: Files, spans: Spans | None = None) -> dict[str, bytes]:
    """Return the files after the edits; fails the test when they are refused."""
    edits = resolve(read_edits(format, text), files.get, spans)
    assert not isinstance(edits, Refusal), edits.text
    return files_after(files, edits)


def refused(format: EditFormat, text: str, files: Files, spans: Spans | None = None) -> Refusal:
    """Return the refusal; fails the test when there is none."""
    edits = resolve(read_edits(format, text), files.get, spans)
    assert isinstance(edits, Refusal), edits
    return edits


def reasons(refusal: Refusal) -> list[Reason]:
    """Return why each edit was refused."""
    return [miss.reason for miss in refusal.misses]


def files_after(files: Files, edits: Sequence[Edit]) -> dict[str, bytes]:
    """Return the files with all edits made, each checked as the store checks it."""
    after = dict(files)
    splices: dict[str, list[Splice]] = {}
    for edit in edits:
        if isinstance(edit, Splice):
            splices.setdefault(edit.path, []).append(edit)
        elif isinstance(edit, Create):
            assert edit.path not in files and edit.path not in splices
            after[edit.path] = edit.content
        elif isinstance(edit, Delete):
            assert files[edit.path] == edit.old and edit.path not in splices
            del after[edit.path]
    return after | {path: apply_splices(files[path], each) for path, each in splices.items()}


def python_spans(path: str, content: bytes, symbol: str) -> list[tuple[int, int]]:
    """Return the spans of Python definitions by qualified name, as Python's own parser sees them."""
    return [(one.start, one.end) for one in python_definitions(path, content) if one.name == symbol]


def python_definitions(path: str, content: bytes) -> list[Definition]:
    """Return all definitions of a Python source; none when it is no Python."""
    try:
        tree = ast.parse(content)
    except (SyntaxError, ValueError, RecursionError):
        return []
    starts = [0]
    for line in content.splitlines(keepends=True):
        starts.append(starts[-1] + len(line))
    return [*_definitions(tree, "", starts)]


def _definitions(node: ast.AST, prefix: str, starts: Sequence[int]) -> Iterator[Definition]:
    for child in ast.iter_child_nodes(node):
        if not isinstance(child, ast.FunctionDef | ast.ClassDef | ast.AsyncFunctionDef):
            continue
        first = min([child.lineno, *(each.lineno for each in child.decorator_list)])
        assert child.end_lineno and child.end_col_offset is not None
        end = starts[child.end_lineno - 1] + child.end_col_offset
        yield Definition(prefix + child.name, starts[first - 1] + child.col_offset, end)
        yield from _definitions(child, f"{prefix}{child.name}.", starts)
