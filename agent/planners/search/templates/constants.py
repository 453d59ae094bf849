"""Edits of constants: numbers, booleans, None, strings, empty collections."""

from collections.abc import Iterator

from agent.index.syntax import Node
from agent.planners.search.templates.site import Change, Site

_EMPTY = ("[]", "{}", "()", "set()", '""')
_CONSTANT = ("true", "false", "none", "integer", "float", "string")


def number(site: Site) -> Iterator[Change]:
    """Move a number by one, or replace it by 0, 1, 2, -1, its opposite, or another number of the file."""
    for node in site.of_type("integer", "float"):
        text = site.text(node)
        for new, weight in _near_numbers(text):
            yield site.swap(node, new, weight)
        for new in site.ingredients.numbers:
            if new != text:
                yield site.swap(node, new, 0.25)


def boolean(site: Site) -> Iterator[Change]:
    """Flip True and False, or make a constant None."""
    for node in site.of_type("true", "false"):
        yield site.swap(node, "False" if node.type == "true" else "True", 1.0)
        yield site.swap(node, "None", 0.2)
    for node in site.of_type("none"):
        for new, weight in (("True", 0.6), ("False", 0.6), ("0", 0.3), ('""', 0.5), ("[]", 0.5), ("{}", 0.3)):
            yield site.swap(node, new, weight)


def kind(site: Site) -> Iterator[Change]:
    """Replace a constant or an empty collection by one of another kind."""
    for node in site.of_type(*_CONSTANT, "list", "dictionary", "tuple"):
        if _is_documentation(node) or (node.type in ("list", "dictionary", "tuple") and node.named_children):
            continue
        text = site.text(node)
        empty = node.type in ("list", "dictionary", "tuple")
        for new in _EMPTY:
            if new != text:
                yield site.swap(node, new, 1.0 if empty else 0.3)
        yield site.swap(node, "None", 0.8)
        if node.type == "string":
            yield from (site.swap(node, new, 0.3) for new in ("0", "True", "False"))


def string(site: Site) -> Iterator[Change]:
    """Replace a string literal by another one of the file, or by the empty one."""
    for node in site.of_type("string"):
        text = site.text(node)
        if _is_documentation(node) or len(text) > 40:
            continue
        yield site.swap(node, '""', 0.6)
        for rank, new in enumerate(site.ingredients.strings):
            if new != text:
                yield site.swap(node, new, 0.5 / (1 + rank / 8))


def to_name(site: Site) -> Iterator[Change]:
    """Replace a constant by a name in scope: a value that was written down instead of looked up."""
    for node in site.of_type(*_CONSTANT):
        if _is_documentation(node):
            continue
        for rank, name in enumerate(site.data_names[:14]):
            if name.text not in ("self", "cls"):
                yield site.swap(node, name.text, 1.0 / (1 + rank / 4))


def _near_numbers(text: str) -> Iterator[tuple[str, float]]:
    try:
        value: int | float = int(text.replace("_", ""), 0)
    except ValueError:
        try:
            value = float(text)
        except ValueError:
            return
    for new, weight in ((value + 1, 1.0), (value - 1, 1.0), (0, 0.7), (1, 0.7), (2, 0.3), (-value, 0.3)):
        if new != value:
            yield repr(new), weight
    if value not in (-1, 0):
        yield "-1", 0.4
    if value:
        yield f"{value}.0" if isinstance(value, int) else repr(int(value)), 0.15
        yield repr(value * 2), 0.15
        yield repr(value * 10), 0.15


def _is_documentation(node: Node) -> bool:
    return node.type == "string" and node.parent is not None and node.parent.type == "expression_statement"
