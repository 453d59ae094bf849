"""Python source as a syntax tree with byte ranges; the one home of tree-sitter."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, cached_property

import tree_sitter_python
from tree_sitter import Language, Node, Parser

__all__ = [
    "BLOCKS",
    "COMPOUND",
    "HEADED",
    "SIMPLE",
    "Function",
    "Node",
    "Syntax",
    "has_errors",
    "header_end",
    "is_value",
    "own_nodes",
    "parse",
    "walk",
]

SIMPLE = frozenset(
    {
        "expression_statement",
        "return_statement",
        "raise_statement",
        "assert_statement",
        "delete_statement",
        "pass_statement",
        "break_statement",
        "continue_statement",
        "import_statement",
        "import_from_statement",
        "future_import_statement",
        "global_statement",
        "nonlocal_statement",
        "print_statement",
        "exec_statement",
        "type_alias_statement",
    }
)
COMPOUND = frozenset(
    {
        "if_statement",
        "for_statement",
        "while_statement",
        "try_statement",
        "with_statement",
        "match_statement",
        "function_definition",
        "class_definition",
        "decorated_definition",
    }
)
CLAUSES = frozenset(
    {"elif_clause", "else_clause", "except_clause", "except_group_clause", "finally_clause", "case_clause"}
)
HEADED = (COMPOUND | {"elif_clause", "except_clause", "except_group_clause", "case_clause"}) - {
    "decorated_definition",
    "try_statement",
}
"""Nodes with a header of their own: the part before their first block."""
BLOCKS = frozenset({"block", "module"})
_NOT_READ = frozenset(
    {
        "parameters",
        "lambda_parameters",
        "typed_parameter",
        "list_splat_pattern",
        "dictionary_splat_pattern",
        "pattern_list",
        "tuple_pattern",
        "list_pattern",
        "as_pattern_target",
        "global_statement",
        "nonlocal_statement",
        "dotted_name",
        "aliased_import",
        "import_statement",
        "import_from_statement",
        "delete_statement",
        "type",
        "generic_type",
        "type_parameter",
        "union_type",
        "case_pattern",
        "keyword_pattern",
        "splat_pattern",
    }
)
"""Parents under which a name is not read as a value."""
_TARGET_FIELDS = {
    "attribute": ("attribute",),
    "keyword_argument": ("name",),
    "default_parameter": ("name",),
    "typed_default_parameter": ("name",),
    "assignment": ("left",),
    "augmented_assignment": ("left",),
    "for_statement": ("left",),
    "for_in_clause": ("left",),
    "function_definition": ("name",),
    "class_definition": ("name",),
    "named_expression": ("name",),
}
"""Fields of a parent that hold a target or a label, not a value."""


@dataclass(frozen=True, slots=True)
class Function:
    """A function or method; `name` is qualified as `__qualname__` is, lines count from 1."""

    name: str
    node: Node
    owner: Node | None
    """The class a method is defined in."""
    first_line: int
    """Of the first decorator, when there is one."""
    last_line: int


class Syntax:
    """A parsed file; broken code gives a tree with error nodes, never an exception."""

    def __init__(self, source: bytes) -> None:
        self.source = source
        self.root: Node = _parser().parse(source).root_node

    def text(self, node: Node) -> str:
        """Return the text of a node; bytes that are not UTF-8 survive as surrogates."""
        return self.source[node.start_byte : node.end_byte].decode("utf-8", "surrogateescape")

    @cached_property
    def newline(self) -> bytes:
        """Return how the file ends its lines."""
        end = self.source.find(b"\n")
        return b"\r\n" if end > 0 and self.source[end - 1 : end] == b"\r" else b"\n"

    @cached_property
    def functions(self) -> tuple[Function, ...]:
        """Return every function definition in the order of the file."""
        return tuple(self._functions())

    @cached_property
    def statements(self) -> tuple[Node, ...]:
        """Return simple statements and headed compound ones in the order of the file."""
        return tuple(node for node in walk(self.root) if node.type in SIMPLE or node.type in HEADED)

    @cached_property
    def _by_node(self) -> dict[int, Function]:
        return {function.node.id: function for function in self.functions}

    def function_of(self, node: Node) -> Function | None:
        """Return the innermost function that holds a node; a definition holds itself."""
        current: Node | None = node
        while current is not None:
            if current.type == "function_definition":
                return self._by_node.get(current.id)
            current = current.parent
        return None

    def functions_at(self, line: int) -> tuple[Function, ...]:
        """Return the functions that span a line, outermost first."""
        return tuple(f for f in self.functions if f.first_line <= line <= f.last_line)

    @cached_property
    def _lines(self) -> dict[int, Node]:
        # Statements come in the order of the file, so a nested one takes its lines from its owner.
        found: dict[int, Node] = {}
        for node in self.statements:
            first = node.start_point.row + 1
            for line in range(first, self.last_own_line(node) + 1):
                if line not in found or found[line].start_point.row + 1 != first:
                    found[line] = node
        return found

    def statement_at(self, line: int) -> Node | None:
        """Return the statement whose own lines hold `line`; of several on one line the first."""
        return self._lines.get(line)

    def last_own_line(self, node: Node) -> int:
        """Return the last line of a simple statement or of the header of a compound one."""
        if node.type in SIMPLE:
            return node.end_point.row + 1
        return (
            self.source.count(b"\n", 0, header_end(node)) + 1
            if node.type in HEADED
            else node.end_point.row + 1
        )

    def indent_of(self, node: Node) -> bytes | None:
        """Return the white space before a statement, None when it shares its line with other code."""
        start = self.source.rfind(b"\n", 0, node.start_byte) + 1
        prefix = self.source[start : node.start_byte].removeprefix(b"\xef\xbb\xbf")
        return None if prefix.strip(b" \t\x0c") else prefix

    @cached_property
    def indent_unit(self) -> bytes:
        """Return one step of indentation as the file writes it."""
        for function in self.functions:
            body = function.node.child_by_field_name("body")
            outer = self.indent_of(function.node)
            inner = self.indent_of(body.children[0]) if body and body.children else None
            if inner and outer is not None and inner.startswith(outer) and len(inner) > len(outer):
                return inner[len(outer) :]
        return b"    "

    def _functions(self) -> Iterator[Function]:
        stack: list[tuple[Node, str, Node | None]] = [(self.root, "", None)]
        while stack:
            node, prefix, owner = stack.pop()
            if node.type in ("function_definition", "class_definition"):
                name = prefix + self._name(node)
                if node.type == "function_definition":
                    yield self._function(name, node, owner)
                    prefix, owner = name + ".<locals>.", None
                else:
                    prefix, owner = name + ".", node
            stack.extend((child, prefix, owner) for child in reversed(node.named_children))

    def _function(self, name: str, node: Node, owner: Node | None) -> Function:
        outer = node.parent
        start = outer if outer is not None and outer.type == "decorated_definition" else node
        return Function(name, node, owner, start.start_point.row + 1, node.end_point.row + 1)

    def _name(self, node: Node) -> str:
        name = node.child_by_field_name("name")
        return self.text(name) if name is not None else "<missing>"


def parse(source: bytes) -> Syntax:
    """Parse Python source of any quality."""
    return Syntax(source)


def has_errors(source: bytes) -> bool:
    """Say whether the source is certainly not Python; a False is no proof that it compiles."""
    return Syntax(source).root.has_error


def walk(node: Node) -> Iterator[Node]:
    """Yield a node and its named descendants in the order of the file, at any depth of nesting."""
    stack = [node]
    while stack:
        current = stack.pop()
        yield current
        stack.extend(reversed(current.named_children))


def own_nodes(statement: Node) -> Iterator[Node]:
    """Yield the named nodes of a statement or header, without those of nested statements and annotations."""
    stack = [child for child in reversed(statement.named_children) if not _is_nested(child)]
    while stack:
        current = stack.pop()
        yield current
        stack.extend(child for child in reversed(current.named_children) if not _is_nested(child))


def _is_nested(node: Node) -> bool:
    return node.type in BLOCKS or node.type in CLAUSES or node.type in ("type", "comment", "ERROR")


def header_end(node: Node) -> int:
    """Return the byte offset after the colon that ends the header of a compound statement."""
    for child in node.children:
        if child.type in BLOCKS or child.type in CLAUSES:
            break
        if child.type == ":":
            return child.end_byte
    return node.start_byte


def is_value(node: Node) -> bool:
    """Say whether an expression node is read as a value, not bound, declared or used as a label."""
    parent = node.parent
    if parent is None or parent.type in _NOT_READ:
        return False
    targets = (parent.child_by_field_name(name) for name in _TARGET_FIELDS.get(parent.type, ()))
    return all(target is None or target.id != node.id for target in targets)


@cache
def _parser() -> Parser:
    return Parser(Language(tree_sitter_python.language()))
