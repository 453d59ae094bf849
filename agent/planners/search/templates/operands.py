"""Edits of operands and values: another operand, one of two, off by one, another expression of the file."""

from collections.abc import Iterator

from agent.index.syntax import Node
from agent.planners.search.templates.likeness import similarity
from agent.planners.search.templates.site import Change, Site, wrapped

_NUMERIC_PARENTS = (
    "binary_operator", "argument_list", "return_statement", "assignment", "subscript", "slice",
    "augmented_assignment", "comparison_operator", "conditional_expression",
    "expression_list", "list", "tuple",
)  # fmt: skip
_SIGNS = (("+", 1.0), ("-", 0.7), ("*", 0.7), ("/", 0.2), ("//", 0.3), ("%", 0.2))


def operand(site: Site) -> Iterator[Change]:
    """Replace an operand of an operator by a name, a constant or an expression of the file."""
    for node in site.values:
        parent = node.parent
        if parent is None or parent.type not in (
            "binary_operator",
            "comparison_operator",
            "augmented_assignment",
        ):
            continue
        text = site.text(node)
        yield from (site.swap(node, new, 0.3) for new in ("0", "1", "None", '""', "[]") if new != text)
        for ingredient, near in site.ingredients.values(site.visible, node.start_byte)[:30]:
            if ingredient.text != text:
                yield site.swap(node, ingredient.text, near * (0.2 + similarity(ingredient.text, text)))
        for rank, name in enumerate(site.data_names[:10]):
            if node.type != "identifier" and name.text not in ("self", "cls"):
                yield site.swap(node, name.text, 0.5 / (1 + rank / 3))


def one_of_two(site: Site) -> Iterator[Change]:
    """Take one operand of an arithmetic expression for the whole."""
    for node in site.of_type("binary_operator"):
        for side in ("left", "right"):
            kept = node.child_by_field_name(side)
            if kept is not None:
                yield site.swap(node, site.text(kept))


def off_by_one(site: Site) -> Iterator[Change]:
    """Add one to a value or take one away."""
    for node in _numeric(site):
        text = wrapped(site.text(node), node)
        yield from (site.swap(node, f"{text} {sign} 1", 1.0) for sign in ("+", "-"))


def combined(site: Site) -> Iterator[Change]:
    """Combine a value with another one by arithmetic, first with one that is bound but never read."""
    for node in _numeric(site):
        text = wrapped(site.text(node), node)
        for rank, name in enumerate(site.uses[:10]):
            if name == site.text(node):
                continue
            weight = 2.0 if name in site.unused else 0.4 / (1 + rank / 3)
            yield from (site.swap(node, f"{text} {sign} {name}", weight * share) for sign, share in _SIGNS)
            yield site.swap(node, f"{name} + {text}", weight * 0.5)
            yield site.swap(node, f"{name} - {text}", weight * 0.3)


def _numeric(site: Site) -> Iterator[Node]:
    for node in site.values:
        parent = node.parent
        if parent is None or parent.type not in _NUMERIC_PARENTS:
            continue
        if node.type in ("identifier", "attribute", "call", "subscript", "binary_operator"):
            yield node


def either(site: Site) -> Iterator[Change]:
    """Give a value a fallback: `a or b`, with an empty constant or a name in scope."""
    for node in site.values:
        parent = node.parent
        if parent is None or parent.type not in (
            "assignment",
            "return_statement",
            "argument_list",
            "for_statement",
        ):
            continue
        if node.type not in ("identifier", "attribute", "call", "subscript"):
            continue
        text = site.text(node)
        for fallback, weight in (
            ('""', 1.0),
            ("[]", 1.0),
            ("{}", 0.8),
            ("()", 0.8),
            ("None", 0.4),
            ("0", 0.4),
        ):
            yield site.swap(node, f"{text} or {fallback}", weight)
        for rank, name in enumerate(site.near_names[:8]):
            if name != text and name not in ("self", "cls"):
                yield site.swap(node, f"{text} or {name}", 0.5 / (1 + rank / 2))


def expression(site: Site) -> Iterator[Change]:
    """Replace a value by another expression of the file over names in scope, the most alike first."""
    for node in site.values:
        parent = node.parent
        if parent is None or parent.type not in (
            "assignment",
            "return_statement",
            "for_statement",
            "subscript",
        ):
            continue
        text = site.text(node)
        for ingredient, near in site.ingredients.values(site.visible, node.start_byte)[:40]:
            if ingredient.text != text:
                yield site.swap(node, ingredient.text, near * (0.1 + similarity(ingredient.text, text) ** 2))
