"""Edits of operators: arithmetic, bitwise, comparison, boolean, augmented and unary."""

from collections.abc import Iterator

from agent.index.syntax import Node
from agent.planners.search.templates.site import Change, Site, wrapped

_ARITHMETIC = ("+", "-", "*", "/", "//", "%", "**")
_BITWISE = ("&", "|", "^", "<<", ">>")
_ORDERED = ("<", "<=", ">", ">=")
_COMPARISONS = (*_ORDERED, "==", "!=", "is", "is not", "in", "not in")
_LIKELY = {
    ("+", "-"), ("*", "/"), ("/", "//"), ("//", "%"), ("*", "**"), ("&", "|"), ("|", "^"), ("&", "^"),
    ("<<", ">>"), ("<", "<="), (">", ">="), ("<", ">"), ("<=", ">="), ("<", ">="), ("<=", ">"),
    ("==", "!="), ("is", "is not"), ("in", "not in"), ("is", "=="), ("is not", "!="), ("%", "/"),
}  # fmt: skip
"""Pairs mistaken for each other: neighbours, opposites, and one test on identity and on equality."""
_SIDED = ("-", "/", "//", "%", "**", "<<", ">>")


def binary(site: Site) -> Iterator[Change]:
    """Replace an arithmetic or bitwise operator, or swap the operands of one that is not symmetric."""
    for node in site.of_type("binary_operator"):
        operator = node.child_by_field_name("operator")
        if operator is None:
            continue
        yield from _alternatives(site, operator, _ARITHMETIC, _BITWISE)
        left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
        if site.text(operator) in _SIDED and left is not None and right is not None:
            swapped = (
                f"{wrapped(site.text(right), right)} {site.text(operator)} {wrapped(site.text(left), left)}"
            )
            yield site.raw(node.start_byte, node.end_byte, swapped, 0.5, operator.start_byte)


def augmented(site: Site) -> Iterator[Change]:
    """Replace the operator of an augmented assignment, make it a plain one, or a plain one augmented."""
    for node in site.of_type("augmented_assignment"):
        operator = node.child_by_field_name("operator")
        if operator is None:
            continue
        yield site.raw(operator.start_byte, operator.end_byte, "=", 0.4, operator.start_byte)
        plain = site.text(operator)[:-1]
        group = next((names for names in (_ARITHMETIC, _BITWISE) if plain in names), ())
        for other in group:
            if other != plain:
                weight = _likeness(plain, other)
                yield site.raw(
                    operator.start_byte, operator.end_byte, other + "=", weight, operator.start_byte
                )
    for node in site.of_type("assignment"):
        yield from _to_augmented(site, node)


def _to_augmented(site: Site, node: Node) -> Iterator[Change]:
    left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
    if left is None or right is None or left.type not in ("identifier", "attribute", "subscript"):
        return
    sign = next((child for child in node.children if child.type == "="), None)
    if sign is not None and node.child_by_field_name("type") is None:
        for operator, weight in (("+=", 1.0), ("-=", 0.5), ("*=", 0.3), ("|=", 0.3), ("&=", 0.2)):
            yield site.raw(sign.start_byte, sign.end_byte, operator, weight, sign.start_byte)


def comparison(site: Site) -> Iterator[Change]:
    """Replace a comparison operator by another one."""
    for node in site.of_type("comparison_operator"):
        for child in node.children:
            if not child.is_named and child.type in _COMPARISONS:
                yield from _alternatives(site, child, _COMPARISONS)


def boolean(site: Site) -> Iterator[Change]:
    """Replace `and` by `or` and the other way round."""
    for node in site.of_type("boolean_operator"):
        operator = node.child_by_field_name("operator")
        if operator is not None:
            other = "or" if site.text(operator) == "and" else "and"
            yield site.raw(operator.start_byte, operator.end_byte, other, 1.0, operator.start_byte)


def unary(site: Site) -> Iterator[Change]:
    """Remove or add a sign or a bit complement."""
    for node in site.of_type("unary_operator"):
        argument = node.child_by_field_name("argument")
        if argument is not None:
            yield site.swap(node, site.text(argument))
    for node in site.values:
        if node.type not in ("identifier", "attribute", "subscript", "call", "integer", "float"):
            continue
        parent = node.parent
        if parent is None or parent.type in ("unary_operator", "attribute", "call", "expression_statement"):
            continue
        numeric = parent.type in (
            "binary_operator",
            "comparison_operator",
            "return_statement",
            "argument_list",
        )
        yield site.raw(
            node.start_byte, node.end_byte, f"-{site.text(node)}", 0.6 if numeric else 0.2, node.start_byte
        )


def _alternatives(site: Site, operator: Node, *groups: tuple[str, ...]) -> Iterator[Change]:
    current = " ".join(site.text(operator).split())
    for group in groups:
        if current not in group:
            continue
        for other in group:
            if other != current:
                yield site.raw(
                    operator.start_byte, operator.end_byte, _spaced(site, operator, other),
                    _likeness(current, other), operator.start_byte,
                )  # fmt: skip


def _spaced(site: Site, operator: Node, other: str) -> str:
    # `a<b` has no room for a word: `a in b` needs the blanks that `<` did without.
    if not other[0].isalpha():
        return other
    before = site.syntax.source[operator.start_byte - 1 : operator.start_byte].isspace()
    after = site.syntax.source[operator.end_byte : operator.end_byte + 1].isspace()
    return ("" if before else " ") + other + ("" if after else " ")


def _likeness(one: str, other: str) -> float:
    if (one, other) in _LIKELY or (other, one) in _LIKELY:
        return 1.0
    return 0.4 if (one in _ORDERED) == (other in _ORDERED) else 0.15
