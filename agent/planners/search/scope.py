"""The names an edit may use at a statement, and how each of them is used, as a hint at its type."""

import builtins
import keyword
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from agent.index.syntax import Function, Node, Syntax, is_value, walk

BUILTINS = frozenset(name for name in dir(builtins) if not name.startswith("_"))
_SCOPES = ("function_definition", "class_definition", "lambda")
_LOOPS = ("for_statement", "while_statement")


@dataclass(slots=True)
class Bindings:
    """What one function body or module binds: name -> where, and name -> roles it plays."""

    bound: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))
    roles: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))


@dataclass(frozen=True, slots=True)
class Name:
    """A name that is defined at a statement, with the kind of place it comes from."""

    text: str
    kind: str
    """local, parameter, outer, attribute, module, class, function or import."""
    distance: int
    """Bytes between the statement and the nearest binding, 0 for parameters."""


class Scopes:
    """The scopes of one file."""

    def __init__(self, syntax: Syntax) -> None:
        self._syntax = syntax
        self._functions: dict[int, Bindings] = {}
        self._read: dict[int, frozenset[str]] = {}
        self._attributes: dict[int, tuple[dict[str, set[str]], tuple[str, ...]]] = {}

    @cached_property
    def module(self) -> dict[str, str]:
        """Return module-level names and their kinds, in the order of the file."""
        return dict(_module_names(self._syntax))

    @cached_property
    def starred(self) -> frozenset[str]:
        """Return the names that a star import may bring in: all that the file reads, when it has one."""
        if b"import *" not in self._syntax.source:
            return frozenset()
        names = (node for node in walk(self._syntax.root) if node.type == "identifier" and is_value(node))
        return frozenset(self._syntax.text(node) for node in names) - self._bound_anywhere

    @cached_property
    def _bound_anywhere(self) -> frozenset[str]:
        bound = (self.bindings(function).bound for function in self._syntax.functions)
        return frozenset(name for names in bound for name in names)

    def bindings(self, function: Function) -> Bindings:
        """Return what a function binds and how it uses names, nested functions included."""
        known = self._functions.get(function.node.id)
        if known is None:
            known = self._functions[function.node.id] = _bindings(self._syntax, function.node)
        return known

    def read(self, function: Function) -> frozenset[str]:
        """Return the names that a function reads anywhere, self and cls included."""
        known = self._read.get(function.node.id)
        if known is None:
            nodes = (node for node in walk(function.node) if node.type == "identifier" and is_value(node))
            known = self._read[function.node.id] = frozenset(self._syntax.text(node) for node in nodes)
        return known | {"self", "cls"}

    def attributes(self, function: Function) -> tuple[dict[str, set[str]], tuple[str, ...]]:
        """Return `self.x` texts with their roles, and the method names, of a method's class."""
        if function.owner is None:
            return {}, ()
        known = self._attributes.get(function.owner.id)
        if known is None:
            known = self._attributes[function.owner.id] = _attributes(self._syntax, function.owner)
        return known

    def names_at(self, statement: Node, function: Function | None) -> tuple[Name, ...]:
        """Return the names that hold a value when control reaches a statement, nearest first."""
        found: dict[str, Name] = {}
        for name in self._visible(statement, function):
            found.setdefault(name.text, name)
        return tuple(found.values())

    def roles(self, function: Function | None) -> Mapping[str, set[str]]:
        """Return how names (and `self.x`) are used inside a function."""
        if function is None:
            return {}
        return {**self.attributes(function)[0], **self.bindings(function).roles}

    def _visible(self, statement: Node, function: Function | None) -> Iterator[Name]:
        inner = function
        while inner is not None:
            is_outer = inner is not function
            yield from sorted(
                self._locals(statement, inner, is_outer=is_outer), key=lambda name: (name.distance, name.text)
            )
            inner = self._syntax.function_of(inner.node.parent) if inner.node.parent else None
        if function is not None:
            for text in self.attributes(function)[0]:
                yield Name(text, "attribute", 0)
        for text, kind in self.module.items():
            yield Name(text, kind, 0)

    def _locals(self, statement: Node, function: Function, *, is_outer: bool) -> Iterator[Name]:
        loop = _outermost_loop(statement, function.node)
        body = function.node.child_by_field_name("body")
        body_start = body.start_byte if body is not None else function.node.end_byte
        for text, places in self.bindings(function).bound.items():
            if places[0] < body_start:
                yield Name(text, "outer" if is_outer else "parameter", 0)
            elif is_outer:
                yield Name(text, "outer", 0)
            elif places[0] < statement.start_byte:
                nearest = max(place for place in places if place < statement.start_byte)
                yield Name(text, "local", statement.start_byte - nearest)
            elif loop is not None and any(loop.start_byte <= place < loop.end_byte for place in places):
                yield Name(text, "local", places[0] - statement.start_byte)


def _outermost_loop(statement: Node, function: Node) -> Node | None:
    found = None
    current: Node | None = statement
    while current is not None and current.id != function.id:
        if current.type in _LOOPS:
            found = current
        current = current.parent
    return found


def _bindings(syntax: Syntax, function: Node) -> Bindings:
    result = Bindings()
    stack = list(reversed(function.named_children))
    while stack:
        node = stack.pop()
        if node.type == "identifier":
            _note_identifier(syntax, node, result)
        elif node.type in ("function_definition", "class_definition"):
            _note_definition(syntax, node, result)
        stack.extend(reversed(node.named_children))
    name = function.child_by_field_name("name")
    if name is not None:
        result.bound.pop(syntax.text(name), None)
    for places in result.bound.values():
        places.sort()
    return result


def _note_definition(syntax: Syntax, node: Node, result: Bindings) -> None:
    name = node.child_by_field_name("name")
    if name is not None:
        result.bound[syntax.text(name)].append(node.start_byte)


def _note_identifier(syntax: Syntax, node: Node, result: Bindings) -> None:
    text = syntax.text(node)
    if is_value(node):
        result.roles[text].update(roles_of(syntax, node))
    elif _is_binding(node):
        result.bound[text].append(node.start_byte)
        role = _assigned_role(syntax, node)
        if role:
            result.roles[text].add(role)


def _is_binding(node: Node) -> bool:
    parent = node.parent
    if parent is None or parent.type in (
        "attribute",
        "keyword_argument",
        "type",
        "generic_type",
        "union_type",
    ):
        return False
    if parent.type in ("function_definition", "class_definition", "global_statement", "delete_statement"):
        return False
    inner: Node | None = parent
    while inner is not None and inner.type not in _SCOPES:
        if inner.type in ("list_comprehension", "set_comprehension", "dictionary_comprehension"):
            return False
        if inner.type in ("generator_expression", "lambda_parameters"):
            return False
        if inner.type in ("block", "module", "parameters"):
            return True
        inner = inner.parent
    return inner is not None and inner.type != "lambda"


def _assigned_role(syntax: Syntax, node: Node) -> str:
    parent = node.parent
    if parent is None or parent.type != "assignment":
        return "iterated" if parent is not None and parent.type == "for_statement" else ""
    right = parent.child_by_field_name("right")
    return f"is:{value_kind(syntax, right)}" if right is not None else ""


def value_kind(syntax: Syntax, node: Node) -> str:
    """Guess the kind of value of an expression, such as int or list; for a call it is the callee."""
    kinds = {
        "integer": "int", "float": "float", "string": "str", "concatenated_string": "str", "list": "list",
        "list_comprehension": "list", "dictionary": "dict", "dictionary_comprehension": "dict",
        "tuple": "tuple",
        "expression_list": "tuple", "set": "set", "set_comprehension": "set", "true": "bool", "false": "bool",
        "none": "none", "comparison_operator": "bool", "boolean_operator": "bool", "not_operator": "bool",
        "lambda": "function",
    }  # fmt: skip
    if node.type == "call":
        callee = node.child_by_field_name("function")
        return syntax.text(callee)[-40:] if callee is not None else ""
    return kinds.get(node.type, "")


def roles_of(syntax: Syntax, node: Node) -> Iterator[str]:
    """Yield the roles an expression plays where it stands, such as `.append`, `()`, `[]` or `arg:len`."""
    parent = node.parent
    if parent is None:
        return
    kind = parent.type
    if kind == "attribute":
        name = parent.child_by_field_name("attribute")
        yield "." + (syntax.text(name) if name is not None else "")
    elif kind == "subscript":
        value = parent.child_by_field_name("value")
        yield "[]" if value is not None and value.id == node.id else "index"
    elif kind == "call":
        yield "()"
    elif kind == "argument_list" and parent.parent is not None:
        callee = parent.parent.child_by_field_name("function")
        yield "arg:" + (syntax.text(callee)[-40:] if callee is not None else "")
    elif kind in ("for_statement", "for_in_clause"):
        yield "iterated"
    elif kind in ("binary_operator", "augmented_assignment", "unary_operator"):
        yield "arithmetic"
    elif kind in ("comparison_operator", "return_statement", "keyword_argument"):
        yield kind
    elif kind in ("if_statement", "while_statement", "boolean_operator", "not_operator", "elif_clause"):
        yield "condition"


def _attributes(syntax: Syntax, owner: Node) -> tuple[dict[str, set[str]], tuple[str, ...]]:
    used: dict[str, set[str]] = {}
    methods: list[str] = []
    for node in walk(owner):
        if node.type == "function_definition" and _class_of(node) == owner.id:
            name = node.child_by_field_name("name")
            methods.append(syntax.text(name) if name is not None else "")
        elif node.type == "attribute":
            text = syntax.text(node)
            if text.startswith("self.") and text[5:].isidentifier():
                used.setdefault(text, set()).update(roles_of(syntax, node) if is_value(node) else ())
    names = dict.fromkeys(name for name in methods if name)
    return {text: roles for text, roles in used.items() if text[5:] not in names}, tuple(names)


def _class_of(function: Node) -> int:
    current = function.parent
    while current is not None and current.type in ("block", "decorated_definition"):
        current = current.parent
    return current.id if current is not None else -1


def _module_names(syntax: Syntax) -> Iterator[tuple[str, str]]:
    stack = list(reversed(syntax.root.named_children))
    while stack:
        node = stack.pop()
        if node.type in ("function_definition", "class_definition"):
            name = node.child_by_field_name("name")
            if name is not None:
                yield syntax.text(name), "function" if node.type == "function_definition" else "class"
        elif node.type in ("import_statement", "import_from_statement"):
            yield from ((name, "import") for name in _imported(syntax, node))
        elif node.type == "assignment":
            left = node.child_by_field_name("left")
            if left is not None and left.type == "identifier":
                yield syntax.text(left), "module"
        elif node.type != "lambda":
            stack.extend(reversed(node.named_children))


def _imported(syntax: Syntax, node: Node) -> Iterator[str]:
    module = node.child_by_field_name("module_name")
    for child in node.named_children:
        if module is not None and child.id == module.id:
            continue
        alias = child.child_by_field_name("alias") if child.type == "aliased_import" else None
        text = syntax.text(alias or child).split(".")[0].strip()
        if text.isidentifier() and not keyword.iskeyword(text):
            yield text
