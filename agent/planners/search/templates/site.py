"""A suspicious statement as templates see it: its expressions, the names it may use, its surroundings."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from agent.index.syntax import COMPOUND, SIMPLE, Function, Node, Syntax, header_end, is_value, own_nodes, walk
from agent.planners.search.ingredients import Ingredients
from agent.planners.search.scope import BUILTINS, Name, Scopes

EXPRESSIONS = frozenset(
    {
        "identifier", "attribute", "subscript", "call", "integer", "float", "string", "concatenated_string",
        "true", "false", "none", "binary_operator", "unary_operator", "boolean_operator", "not_operator",
        "comparison_operator", "conditional_expression", "list", "tuple", "dictionary", "set", "lambda",
        "list_comprehension", "dictionary_comprehension", "set_comprehension", "generator_expression",
        "parenthesized_expression", "await", "expression_list",
    }
)  # fmt: skip
ATOMS = frozenset(
    {
        "identifier", "attribute", "subscript", "call", "integer", "float", "string", "true", "false", "none",
        "list", "tuple", "dictionary", "set", "list_comprehension", "dictionary_comprehension",
        "set_comprehension", "generator_expression", "parenthesized_expression", "concatenated_string",
    }
)  # fmt: skip
"""Expressions that bind as tightly as a name does."""
_OPEN = frozenset(
    {
        "argument_list", "parenthesized_expression", "list", "tuple", "set", "expression_statement",
        "assignment", "return_statement", "if_statement", "while_statement", "elif_clause",
        "keyword_argument", "expression_list", "interpolation", "pair", "augmented_assignment",
        "default_parameter", "slice",
    }
)  # fmt: skip
"""Parents in which an expression needs no parentheses."""
_LOOSE = frozenset({"boolean_operator", "conditional_expression", "if_clause", "not_operator"})
"""Parents that bind less tightly than comparisons and arithmetic do."""
_WORDS = re.compile(r"\b(and|or|if|lambda|not)\b|:=")
_LONGEST_USE = 40


@dataclass(frozen=True, slots=True)
class Change:
    """Replacements `(start, end, new)` that belong together.

    `weight` compares it with the other changes of its `group`, usually those of one node; the
    weights of a group are normalized, so that a node with many choices does not starve others.
    """

    replacements: tuple[tuple[int, int, bytes], ...]
    weight: float = 1.0
    group: int = 0


Template = Callable[["Site"], Iterator[Change]]
"""Yields edits of one site; the site's file is not changed."""


@dataclass(frozen=True)
class Site:
    """One statement, or the header of a compound one."""

    syntax: Syntax
    statement: Node
    function: Function | None
    scopes: Scopes
    ingredients: Ingredients

    def text(self, node: Node) -> str:
        """Return the text of a node."""
        return self.syntax.text(node)

    @cached_property
    def nodes(self) -> tuple[Node, ...]:
        """Return the named nodes of the statement's own lines, outermost first."""
        return tuple(own_nodes(self.statement))

    @cached_property
    def values(self) -> tuple[Node, ...]:
        """Return the expressions whose value the statement uses."""
        return tuple(node for node in self.nodes if node.type in EXPRESSIONS and is_value(node))

    def of_type(self, *types: str) -> Iterator[Node]:
        """Yield the statement's own nodes of the given types."""
        return (node for node in self.nodes if node.type in types)

    @cached_property
    def names(self) -> tuple[Name, ...]:
        """Return the names defined here, nearest first."""
        return self.scopes.names_at(self.statement, self.function)

    @cached_property
    def data_names(self) -> tuple[Name, ...]:
        """Return the names that hold data rather than code."""
        return tuple(name for name in self.names if name.kind not in ("function", "class", "import"))

    @cached_property
    def near_names(self) -> tuple[str, ...]:
        """Return names of the function itself: locals, parameters, attributes of self."""
        near = ("local", "parameter", "outer", "attribute")
        return tuple(name.text for name in self.names if name.kind in near)

    @cached_property
    def uses(self) -> tuple[str, ...]:
        """Return data that the function reads, names and attributes, the nearest to the statement first."""
        if self.function is None:
            return self.near_names
        data = {name.text for name in self.data_names} | {"self", "cls"}
        found: dict[str, int] = {}
        for node in walk(self.function.node):
            if node.type not in ("identifier", "attribute") or not is_value(node) or _is_called(node):
                continue
            text = self.text(node)
            if text in ("self", "cls") or len(text) > _LONGEST_USE or text.split(".", 1)[0] not in data:
                continue
            if "." in text and not text.replace(".", "").isidentifier():
                continue
            far = 0 if self._holds(node) else abs(node.start_byte - self.statement.start_byte)
            found[text] = min(far, found.get(text, far))
        unread = [name for name in self.near_names if name not in found and name not in ("self", "cls")]
        return (*self.unused, *sorted(found, key=lambda text: (found[text], text)), *unread)

    @cached_property
    def unused(self) -> tuple[str, ...]:
        """Return locals and parameters that the function never reads: often what an edit should use."""
        if self.function is None:
            return ()
        read = self.scopes.read(self.function)
        own = (name.text for name in self.names if name.kind in ("local", "parameter"))
        return tuple(text for text in own if text not in read and not text.startswith("_"))

    def _holds(self, node: Node) -> bool:
        return self.statement.start_byte <= node.start_byte < self.statement.end_byte

    @cached_property
    def visible(self) -> frozenset[str]:
        """Return every name that is defined here, builtins included."""
        return frozenset(name.text for name in self.names) | BUILTINS | self.scopes.starred

    @cached_property
    def roles(self) -> Mapping[str, set[str]]:
        """Return how names are used in the function."""
        return self.scopes.roles(self.function)

    @cached_property
    def condition(self) -> Node | None:
        """Return the condition of an if, elif or while header, or of an assert."""
        if self.statement.type == "assert_statement":
            return self.statement.named_children[0] if self.statement.named_children else None
        return self.statement.child_by_field_name("condition")

    @cached_property
    def full(self) -> Node:
        """Return the statement with what belongs to it, such as the decorators of a definition."""
        parent = self.statement.parent
        return parent if parent is not None and parent.type == "decorated_definition" else self.statement

    @property
    def indent(self) -> bytes | None:
        """Return the statement's indentation, None when it shares its line."""
        return self.syntax.indent_of(self.full)

    @property
    def is_simple(self) -> bool:
        """Say whether the statement has no block."""
        return self.statement.type in SIMPLE

    @property
    def is_movable(self) -> bool:
        """Say whether the statement has lines of its own, so that it can be deleted, moved or wrapped."""
        if self.full.type not in SIMPLE | COMPOUND or self.indent is None:
            return False
        rest = self.syntax.source[self.full.end_byte :].split(b"\n", 1)[0].split(b"#", 1)[0]
        return not rest.strip()

    def swap(self, node: Node, new: str, weight: float = 1.0, group: int | None = None) -> Change:
        """Return the change of one expression into another, in parentheses where they are needed."""
        replacement = (node.start_byte, node.end_byte, encode(fit(node, new)))
        return Change((replacement,), weight, node.start_byte if group is None else group)

    def raw(self, start: int, end: int, new: str, weight: float = 1.0, group: int = 0) -> Change:
        """Return a change of a byte range as it stands."""
        return Change(((start, end, encode(new)),), weight, group)

    def line_start(self, node: Node) -> int:
        """Return the offset of the first byte of a node's first line."""
        start = self.syntax.source.rfind(b"\n", 0, node.start_byte) + 1
        return start + 3 if start == 0 and self.syntax.source.startswith(b"\xef\xbb\xbf") else start

    def line_end(self, node: Node) -> int:
        """Return the offset after the line break that ends a node."""
        end = self.syntax.source.find(b"\n", node.end_byte)
        return len(self.syntax.source) if end < 0 else end + 1

    def insert_before(self, lines: list[str], weight: float = 1.0, group: int = 0) -> Change:
        """Return the change that puts lines before the statement, at its indentation."""
        at = self.line_start(self.full)
        return Change(((at, at, self.render(lines, self.indent or b"")),), weight, group)

    def insert_after(self, lines: list[str], weight: float = 1.0, group: int = 0) -> Change:
        """Return the change that puts lines after the statement, at its indentation."""
        at = self.line_end(self.full)
        new = self.render(lines, self.indent or b"")
        if at == len(self.syntax.source) and not self.syntax.source.endswith(b"\n"):
            new = self.syntax.newline + new.removesuffix(self.syntax.newline)
        return Change(((at, at, new),), weight, group)

    def render(self, lines: list[str], indent: bytes) -> bytes:
        """Return lines as the file writes them; a leading tab of a line is one step of indentation."""
        rendered = bytearray()
        for line in lines:
            body = line.lstrip("\t")
            steps = len(line) - len(body)
            rendered += indent + self.syntax.indent_unit * steps + encode(body) + self.syntax.newline
        return bytes(rendered)

    @property
    def header_end(self) -> int:
        """Return the offset after the header's colon."""
        return header_end(self.statement)


def _is_called(node: Node) -> bool:
    parent = node.parent
    callee = parent.child_by_field_name("function") if parent is not None and parent.type == "call" else None
    return callee is not None and callee.id == node.id


def fit(node: Node, new: str) -> str:
    """Put an expression into parentheses unless it can stand where the node stands."""
    if node.parent is None or _is_tight(new):
        return new
    bare = _bare(new)
    if node.parent.type in _OPEN and "," not in bare:
        return new
    if node.parent.type in _LOOSE and "," not in bare and not _WORDS.search(bare):
        return new
    return f"({new})"


def wrapped(text: str, node: Node) -> str:
    """Return the text of an operand, in parentheses when it binds less tightly than a name."""
    return text if node.type in ATOMS else f"({text})"


def _is_tight(new: str) -> bool:
    """Say whether a text is one name, literal, bracketed expression or a chain of calls and attributes."""
    if new.isidentifier():
        return True
    return all(char.isalnum() or char in "_.'\"()[]{}" for char in _bare(new))


def _bare(new: str) -> str:
    """Return a text without what stands inside of its brackets and quotes."""
    depth = 0
    quote = ""
    kept = []
    for position, char in enumerate(new):
        if quote:
            quote = "" if char == quote and new[position - 1] != "\\" else quote
            continue
        depth -= char in ")]}"
        if depth == 0:
            kept.append(char)
        depth += char in "([{"
        quote = char if char in "'\"" else ""
    return "".join(kept)


def encode(text: str) -> bytes:
    """Return text as file bytes; surrogates of `Site.text` become the bytes they stand for."""
    return text.encode("utf-8", "surrogateescape")
