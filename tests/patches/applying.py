"""Make the edits of a text on files in memory, as a tree would take them."""

from collections.abc import Mapping, Sequence

from agent.patches.formats import read_edits
from agent.patches.refusal import Reason, Refusal
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


def python_spans(path: str, content: bytes, symbol: str) -> Sequence[tuple[int, int]]:
    """Return the spans of Python definitions by qualified name, as Python's own parser sees them."""
    import ast

    starts = [0]
    for line in content.splitlines(keepends=True):
        starts.append(starts[-1] + len(line))

    def walk(node: ast.AST, prefix: str) -> list[tuple[int, int]]:
        found = []
        for child in ast.iter_child_nodes(node):
            name = getattr(child, "name", None)
            if isinstance(child, ast.FunctionDef | ast.ClassDef | ast.AsyncFunctionDef):
                first = min([child.lineno, *(each.lineno for each in child.decorator_list)])
                if prefix + child.name == symbol:
                    assert child.end_lineno and child.end_col_offset is not None
                    end = starts[child.end_lineno - 1] + child.end_col_offset
                    found.append((starts[first - 1] + child.col_offset, end))
            found += walk(child, f"{prefix}{name}." if name else prefix)
        return found

    return walk(ast.parse(content), "")
