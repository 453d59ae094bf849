"""Expressions of the same file, and of files near it, that an edit may reuse."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

from agent.index.syntax import SIMPLE, Node, Syntax, is_value, walk

_VALUES = frozenset(
    {"attribute", "call", "subscript", "binary_operator", "list", "tuple", "dictionary", "list_comprehension"}
)
_CONDITIONS = frozenset({"comparison_operator", "boolean_operator", "not_operator"})
_TESTED = (
    "if_statement",
    "while_statement",
    "elif_clause",
    "conditional_expression",
    "if_clause",
    "assert_statement",
)
_LONGEST = 60
_LONGEST_STATEMENT = 80
_OTHER_FILES = 4


@dataclass(frozen=True, slots=True)
class Ingredient:
    """An expression that somebody wrote near the edited place."""

    text: str
    names: frozenset[str]
    start: int
    """Byte offset in its file, -1 when it comes from another file."""


class Ingredients:
    """What one file, and a few files of the same package, offer for reuse."""

    def __init__(self, syntax: Syntax, others: tuple[Syntax, ...] = ()) -> None:
        self._syntax = syntax
        self._others = others[:_OTHER_FILES]

    @cached_property
    def _own(self) -> "_Collected":
        return _collect(self._syntax)

    @cached_property
    def _foreign(self) -> tuple["_Collected", ...]:
        return tuple(_collect(other) for other in self._others)

    @property
    def strings(self) -> tuple[str, ...]:
        """Return short string literals of the file, most frequent first."""
        return tuple(text for text, _ in self._own.strings.most_common(40))

    @property
    def numbers(self) -> tuple[str, ...]:
        """Return number literals of the file, most frequent first."""
        return tuple(text for text, _ in self._own.numbers.most_common(20))

    @cached_property
    def attributes(self) -> Counter[str]:
        """Return attribute names that are read in the file or near it, with how often."""
        return sum((other.attributes for other in self._foreign), Counter(self._own.attributes))

    @cached_property
    def methods(self) -> Counter[str]:
        """Return method names that are called in the file or near it, with how often."""
        return sum((other.methods for other in self._foreign), Counter(self._own.methods))

    def used_on(self, receiver: str) -> Counter[str]:
        """Return the attribute names used on a receiver text, such as `self`, with how often."""
        return self._own.receivers.get(receiver, Counter())

    @property
    def keywords(self) -> dict[str, dict[str, Counter[str]]]:
        """Return for each callee the keyword arguments passed to it and their values."""
        return self._own.keywords

    @cached_property
    def statements(self) -> tuple[Ingredient, ...]:
        """Return the file's one-line statements that may stand elsewhere, each text at its first place."""
        found: dict[str, Ingredient] = {}
        for node in self._syntax.statements:
            if _is_portable(node):
                text = self._syntax.text(node)
                if "\n" not in text and text not in found:
                    found[text] = Ingredient(text, names_in(self._syntax, node), node.start_byte)
        return tuple(found.values())

    def conditions(self, visible: frozenset[str], at: int) -> tuple[tuple[Ingredient, float], ...]:
        """Return conditions over visible names with a nearness in 0..1, nearest first."""
        return _ranked(self._own.conditions, [c.conditions for c in self._foreign], visible, at)

    def values(self, visible: frozenset[str], at: int) -> tuple[tuple[Ingredient, float], ...]:
        """Return value expressions over visible names with a nearness in 0..1, nearest first."""
        return _ranked(self._own.values, [c.values for c in self._foreign], visible, at)


def _is_portable(node: Node) -> bool:
    if node.type not in SIMPLE or node.end_byte - node.start_byte > _LONGEST_STATEMENT:
        return False
    if node.type in ("import_statement", "import_from_statement", "pass_statement"):
        return False
    return not node.named_children or node.named_children[0].type != "string"


@dataclass(slots=True)
class _Collected:
    conditions: dict[str, list[Ingredient]]
    values: dict[str, list[Ingredient]]
    strings: Counter[str]
    numbers: Counter[str]
    attributes: Counter[str]
    methods: Counter[str]
    receivers: dict[str, Counter[str]]
    keywords: dict[str, dict[str, Counter[str]]]


def _collect(syntax: Syntax) -> _Collected:
    result = _Collected({}, {}, Counter(), Counter(), Counter(), Counter(), {}, {})
    for node in walk(syntax.root):
        if node.type in ("integer", "float"):
            result.numbers[syntax.text(node)] += 1
        elif node.type == "string":
            _note_string(syntax, node, result)
        elif node.type == "attribute" and is_value(node):
            _note_attribute(syntax, node, result)
        elif node.type == "keyword_argument":
            _note_keyword(syntax, node, result)
        _note_expression(syntax, node, result)
    return result


def _note_string(syntax: Syntax, node: Node, result: _Collected) -> None:
    if node.end_byte - node.start_byte <= 24 and (
        node.parent is None or node.parent.type != "expression_statement"
    ):
        result.strings[syntax.text(node)] += 1


def _note_attribute(syntax: Syntax, node: Node, result: _Collected) -> None:
    receiver, name = node.child_by_field_name("object"), node.child_by_field_name("attribute")
    if receiver is None or name is None or node.parent is None:
        return
    is_called = node.parent.type == "call"
    (result.methods if is_called else result.attributes)[syntax.text(name)] += 1
    if receiver.end_byte - receiver.start_byte <= _LONGEST:
        result.receivers.setdefault(syntax.text(receiver), Counter())[syntax.text(name)] += 1


def _note_keyword(syntax: Syntax, node: Node, result: _Collected) -> None:
    name, value = node.child_by_field_name("name"), node.child_by_field_name("value")
    call = node.parent.parent if node.parent is not None else None
    callee = call.child_by_field_name("function") if call is not None else None
    if name is None or value is None or callee is None or value.end_byte - value.start_byte > _LONGEST:
        return
    passed = result.keywords.setdefault(syntax.text(callee), {})
    passed.setdefault(syntax.text(name), Counter())[syntax.text(value)] += 1


def _note_expression(syntax: Syntax, node: Node, result: _Collected) -> None:
    is_condition = node.type in _CONDITIONS or (
        node.is_named
        and node.parent is not None
        and node.parent.type in _TESTED
        and node.type in ("call", "attribute")
    )
    if not is_condition and node.type not in _VALUES:
        return
    if node.end_byte - node.start_byte > _LONGEST or b"\n" in syntax.source[node.start_byte : node.end_byte]:
        return
    if not is_value(node):
        return
    text = syntax.text(node)
    table = result.conditions if is_condition else result.values
    table.setdefault(text, []).append(Ingredient(text, names_in(syntax, node), node.start_byte))


def names_in(syntax: Syntax, node: Node) -> frozenset[str]:
    """Return the free names an expression reads (names its own comprehensions bind are left out)."""
    read: set[str] = set()
    bound: set[str] = set()
    for inner in walk(node):
        if inner.type == "identifier":
            (read if is_value(inner) else bound).add(syntax.text(inner))
    comprehends = any("comprehension" in inner.type or inner.type == "lambda" for inner in walk(node))
    return frozenset(read - bound if comprehends else read)


def _ranked(
    own: dict[str, list[Ingredient]],
    foreign: Iterable[dict[str, list[Ingredient]]],
    visible: frozenset[str],
    at: int,
) -> tuple[tuple[Ingredient, float], ...]:
    found = dict(_near(own, visible, at))
    known = {ingredient.text for ingredient in found}
    for table in foreign:
        for text, places in table.items():
            if text not in known and places[0].names <= visible:
                known.add(text)
                found[Ingredient(text, places[0].names, -1)] = 0.1
    return tuple(sorted(found.items(), key=lambda pair: (-pair[1], pair[0].text)))


def _near(
    table: dict[str, list[Ingredient]], visible: frozenset[str], at: int
) -> Iterator[tuple[Ingredient, float]]:
    for places in table.values():
        if places[0].names <= visible:
            nearest = min(places, key=lambda place: abs(place.start - at))
            yield nearest, 1.0 / (1.0 + abs(nearest.start - at) / 600)
