"""Small faults in chosen lines of Python source: what a suite that tests them should notice."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from agent.index.syntax import SIMPLE, Node, Syntax, has_errors, walk

_SWAPS = {
    "<": "<=",
    "<=": "<",
    ">": ">=",
    ">=": ">",
    "==": "!=",
    "!=": "==",
    "is": "is not",
    "is not": "is",
    "in": "not in",
    "not in": "in",
    "+": "-",
    "-": "+",
    "*": "/",
    "/": "*",
    "//": "*",
    "%": "*",
    "**": "*",
    "and": "or",
    "or": "and",
    "+=": "-=",
    "-=": "+=",
    "*=": "/=",
}
_OPERATORS = frozenset({"comparison_operator", "binary_operator", "boolean_operator", "augmented_assignment"})
_KEPT = frozenset(
    {
        "pass_statement",
        "import_statement",
        "import_from_statement",
        "future_import_statement",
        "global_statement",
    }
)
"""Statements whose removal says nothing about tests."""


@dataclass(frozen=True, slots=True)
class Mutation:
    """One replaced range of bytes on a line, counted from 1."""

    line: int
    start: int
    end: int
    new: bytes
    change: str

    def apply(self, source: bytes) -> bytes:
        """Return the source with the fault in it."""
        return source[: self.start] + self.new + source[self.end :]


def mutations(source: bytes, lines: Iterable[int]) -> list[Mutation]:
    """Return the faults that can be put on some lines, in the order of the file; all of them parse."""
    syntax, wanted = Syntax(source), frozenset(lines)
    if syntax.root.has_error:
        return []
    found = []
    for node in walk(syntax.root):
        if node.start_point.row + 1 in wanted and not _is_text(node):
            found += [one for maker in _MAKERS for one in maker(syntax, node)]
    unique = {(one.start, one.end, one.new): one for one in found}
    return [one for one in unique.values() if not has_errors(one.apply(source))]


def _is_text(node: Node) -> bool:
    """Say whether a node is part of a type or an import, which no test of behaviour can tell."""
    around: Node | None = node
    while around is not None:
        if around.type == "type" or around.type in ("import_statement", "import_from_statement"):
            return True
        around = around.parent
    return False


def _operators(syntax: Syntax, node: Node) -> Iterator[Mutation]:
    if node.type not in _OPERATORS:
        return
    for child in node.children:
        text = " ".join(syntax.text(child).split())
        if not child.is_named and text in _SWAPS:
            yield _replaced(child, text, _SWAPS[text])


def _constants(syntax: Syntax, node: Node) -> Iterator[Mutation]:
    text = syntax.text(node)
    if node.type in ("true", "false"):
        yield _replaced(node, text, "False" if node.type == "true" else "True")
    elif node.type == "integer" and text.isdigit():
        yield _replaced(node, text, str(int(text) + 1))
        if int(text):
            yield _replaced(node, text, str(int(text) - 1))


def _conditions(syntax: Syntax, node: Node) -> Iterator[Mutation]:
    if node.type not in ("if_statement", "elif_clause", "while_statement", "conditional_expression"):
        return
    condition = node.child_by_field_name("condition")
    if condition is None and node.type == "conditional_expression":
        condition = node.named_children[1]
    if condition is not None and node.type != "while_statement":
        text = syntax.text(condition)
        yield _replaced(condition, text, f"(not ({text}))")


def _statements(syntax: Syntax, node: Node) -> Iterator[Mutation]:
    if node.type not in SIMPLE - _KEPT or syntax.indent_of(node) is None or _is_docstring(node):
        return
    text = syntax.text(node)
    if node.type == "return_statement":
        if node.named_children and text != "return None":
            yield _replaced(node, text, "return None")
    else:
        yield _replaced(node, text, "pass")


def _is_docstring(node: Node) -> bool:
    return node.type == "expression_statement" and node.named_children[0].type == "string"


def _replaced(node: Node, old: str, new: str) -> Mutation:
    shown = " ".join(old.split())
    shown = shown if len(shown) <= 60 else f"{shown[:57]}..."
    return Mutation(
        line=node.start_point.row + 1,
        start=node.start_byte,
        end=node.end_byte,
        new=new.encode("utf-8", "surrogateescape"),
        change=f"`{shown}` -> `{new if len(new) <= 60 else '(not (...))'}`",
    )


_MAKERS: tuple[Callable[[Syntax, Node], Iterator[Mutation]], ...] = (
    _operators,
    _conditions,
    _statements,
    _constants,
)
