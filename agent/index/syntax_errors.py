"""Where a text is no syntax of its language."""

import ast
import warnings
from dataclasses import dataclass

from tree_sitter import Node, Parser

from agent.index.grammar import BY_NAME, grammar, language_in, language_of

_LARGEST = 1 << 20
_QUOTED = 60


@dataclass(frozen=True, slots=True)
class SyntaxProblem:
    """The first place that does not parse."""

    line: int
    message: str
    certain: bool
    """False when the grammar may be wrong about it, as with macros."""


def syntax_problem(path: str, content: bytes) -> SyntaxProblem | None:
    """Return the first place of a file that is no syntax; None when there is none or no grammar for it."""
    language = language_in(language_of(path), content)
    if language not in BY_NAME or len(content) > _LARGEST:
        return None
    if language == "python" and (problem := _of_python(content)) is not None:
        return problem
    root = Parser(grammar(language)).parse(content).root_node
    if not root.has_error:
        return None
    return _problem(root, content, certain=language in ("python", "json"))


def _of_python(content: bytes) -> SyntaxProblem | None:
    """Return what Python itself says, which also knows indentation and targets."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            ast.parse(content)
    except SyntaxError as error:
        return SyntaxProblem(error.lineno or 1, error.msg, certain=True)
    except (ValueError, RecursionError, MemoryError):
        return None
    return None


def _problem(root: Node, content: bytes, *, certain: bool) -> SyntaxProblem:
    node = _first_error(root)
    line = node.start_point[0] + 1
    if node.is_missing:
        return SyntaxProblem(line, f"{node.type!r} is missing", certain)
    text = content[node.start_byte : node.end_byte].decode("utf-8", "replace").strip()
    return SyntaxProblem(line, f"unexpected {text[:_QUOTED]!r}", certain)


def _first_error(root: Node) -> Node:
    """Return the innermost error that comes first."""
    node = root
    while (inner := next((child for child in node.children if child.has_error), None)) is not None:
        node = inner
        if node.is_error or node.is_missing:
            break
    return node
