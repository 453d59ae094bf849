"""Edits of conditions: negated, strengthened, weakened, with a part dropped, or off by one."""

from collections.abc import Iterator

from agent.index.syntax import Node
from agent.planners.search.templates.likeness import similarity
from agent.planners.search.templates.site import ATOMS, Change, Site, wrapped

_TESTING = ("if_statement", "elif_clause", "while_statement", "assert_statement", "if_clause")
_MOST = 40
_KINDS = ("str", "int", "list", "dict", "tuple", "bytes")
_TRUTHY = ("identifier", "attribute", "call", "subscript")


def conditions_of(site: Site) -> Iterator[Node]:
    """Yield the conditions of a statement: of its header, its conditional expressions and comprehensions."""
    if site.condition is not None:
        yield site.condition
    for node in site.of_type("conditional_expression", "if_clause"):
        named = node.named_children
        if node.type == "if_clause" and named:
            yield named[0]
        elif len(named) == 3:
            yield named[1]


def negate(site: Site) -> Iterator[Change]:
    """Negate a condition or one operand of it, or drop a `not`."""
    seen: set[int] = set()
    for node in (*conditions_of(site), *_operands(site)):
        if node.id in seen:
            continue
        seen.add(node.id)
        if node.type == "not_operator":
            yield site.swap(node, _inner(site, node), 1.0)
        else:
            yield site.raw(node.start_byte, node.end_byte, _not(site, node), 0.7, node.start_byte)


def drop_part(site: Site) -> Iterator[Change]:
    """Leave out one operand of an `and` or `or`."""
    for node in site.of_type("boolean_operator"):
        for side in ("left", "right"):
            kept = node.child_by_field_name(side)
            if kept is not None:
                yield site.swap(node, site.text(kept))


def strengthen(site: Site) -> Iterator[Change]:
    """Join a condition with a further one by `and`."""
    yield from _joined(site, "and")


def weaken(site: Site) -> Iterator[Change]:
    """Join a condition with a further one by `or`."""
    yield from _joined(site, "or")


def replace(site: Site) -> Iterator[Change]:
    """Replace a whole condition by another one of the file, or by a test of a name."""
    for node in conditions_of(site):
        for text, weight in further(site):
            if text != site.text(node):
                yield site.swap(node, text, weight)


def truth(site: Site) -> Iterator[Change]:
    """Test against None instead of for truth, and the other way round."""
    for node in (*conditions_of(site), *_operands(site)):
        text = site.text(node)
        if node.type in _TRUTHY:
            yield site.swap(node, f"{text} is not None", 1.0)
            yield site.swap(node, f"{text} is None", 0.3)
        elif node.type == "not_operator":
            argument = node.child_by_field_name("argument")
            if argument is not None and argument.type in _TRUTHY:
                yield site.swap(node, f"{site.text(argument)} is None", 1.0)
        elif node.type == "comparison_operator" and text.endswith((" is not None", " is None")):
            tested = site.text(node.named_children[0])
            yield site.swap(node, tested if text.endswith(" is not None") else f"not {tested}", 1.0)


def membership(site: Site) -> Iterator[Change]:
    """Compare with one more value: `a == b` becomes `a in (b, c)`."""
    for node in site.of_type("comparison_operator"):
        operator = next((child.type for child in node.children if not child.is_named), "")
        if operator not in ("==", "!=") or len(node.named_children) != 2:
            continue
        one, other = (site.text(child) for child in node.named_children)
        word = "in" if operator == "==" else "not in"
        for new, weight in _alike(site, node.named_children[1]):
            yield site.swap(node, f"{one} {word} ({other}, {new})", weight)


def _alike(site: Site, node: Node) -> Iterator[tuple[str, float]]:
    text = site.text(node)
    pool = site.ingredients.strings if node.type == "string" else (*site.ingredients.numbers, *site.uses[:8])
    ranked = sorted({new for new in pool if new != text}, key=lambda new: (-similarity(new, text), new))
    yield from ((new, 0.2 + similarity(new, text)) for new in (*ranked[:12], "None", '""') if new != text)


def bounds(site: Site) -> Iterator[Change]:
    """Move a bound by one: the operand of an ordered comparison, or an argument of range."""
    for node in site.of_type("comparison_operator"):
        operators = {child.type for child in node.children if not child.is_named}
        weight = 1.0 if operators & {"<", "<=", ">", ">="} else 0.4
        for operand in node.named_children:
            yield from _shifted(site, operand, weight)
    for node in site.of_type("call"):
        callee, arguments = node.child_by_field_name("function"), node.child_by_field_name("arguments")
        if callee is not None and arguments is not None and site.text(callee) == "range":
            for argument in arguments.named_children:
                yield from _shifted(site, argument, 1.0)


def branches(site: Site) -> Iterator[Change]:
    """Swap the two values of a conditional expression, or take only one of them."""
    for node in site.of_type("conditional_expression"):
        if len(node.named_children) != 3:
            continue
        yes, test, no = (site.text(child) for child in node.named_children)
        yield site.raw(node.start_byte, node.end_byte, f"{no} if {test} else {yes}", 1.0, node.start_byte)
        yield site.swap(node, yes, 0.4)
        yield site.swap(node, no, 0.4)


def further(site: Site) -> Iterator[tuple[str, float]]:
    """Yield conditions that could be meant here with a likelihood: of the file, and over names in scope."""
    for ingredient, near in site.ingredients.conditions(site.visible, site.statement.start_byte)[:_MOST]:
        yield ingredient.text, near
    mentioned = {site.text(node) for node in site.of_type("identifier", "attribute")}
    for rank, name in enumerate(site.uses[:16]):
        weight = (0.6 if name in mentioned else 0.4) / (1 + rank / 8)
        roles = site.roles.get(name, set())
        yield name, weight
        yield f"not {name}", weight
        yield f"{name} is not None", weight
        yield f"{name} is None", weight * 0.7
        yield from ((text, weight * 0.5) for text in _numeric(name, roles))
        if rank < 4:
            yield from ((f"isinstance({name}, {kind})", weight * 0.2) for kind in _KINDS)
    yield from _between(site, mentioned)


def _between(site: Site, mentioned: set[str]) -> Iterator[tuple[str, float]]:
    near = site.uses[:6]
    for one in near:
        for other in near:
            if one != other:
                weight = 0.15 if one in mentioned or other in mentioned else 0.07
                yield f"{one} in {other}", weight * (2.0 if _is_container(site, other) else 0.5)
                yield f"{one} not in {other}", weight * (2.0 if _is_container(site, other) else 0.5)
                if one < other:
                    yield from (
                        (f"{one} {sign} {other}", weight) for sign in ("==", "!=", "<", "<=", ">", ">=")
                    )


def _is_container(site: Site, name: str) -> bool:
    return bool(
        site.roles.get(name, set()) & {"[]", "iterated", ".append", ".add", ".get", ".items", "arg:len"}
    )


def _numeric(name: str, roles: set[str]) -> Iterator[str]:
    if roles & {"arithmetic", "comparison_operator", "index", "is:int", "arg:range"}:
        yield from (f"{name} {sign} 0" for sign in (">", "==", "<", ">=", "!="))
        yield f"{name} > 1"
        yield f"{name} == 1"
    if roles & {"[]", "iterated", "arg:len", "is:list", "is:str"}:
        yield f"len({name}) > 1"
        yield f"len({name}) == 1"


def _joined(site: Site, word: str) -> Iterator[Change]:
    for node in conditions_of(site):
        current = site.text(node)
        body = current if _joins(node, word) else f"({current})"
        for text, weight in further(site):
            if text not in current:
                extra = (
                    text if " or " not in text and " and " not in text and " if " not in text else f"({text})"
                )
                yield _join(site, node, f"{body} {word} {extra}", weight)
                # The guard must come first when it protects the rest from an error.
                yield _join(site, node, f"{extra} {word} {body}", weight * 0.7)


def _join(site: Site, node: Node, new: str, weight: float) -> Change:
    parent = node.parent
    if parent is not None and parent.type in _TESTING:
        return site.raw(node.start_byte, node.end_byte, new, weight, node.start_byte)
    return site.swap(node, new, weight)


def _joins(node: Node, word: str) -> bool:
    if node.type == "boolean_operator":
        operator = node.child_by_field_name("operator")
        return operator is not None and operator.type == word
    return node.type not in ("conditional_expression", "lambda", "named_expression")


def _operands(site: Site) -> Iterator[Node]:
    for node in site.of_type("boolean_operator"):
        yield from (child for child in node.named_children if child.type != "boolean_operator")
    yield from site.of_type("not_operator")
    yield from (
        node
        for node in site.values
        if node.type in ("comparison_operator", "true", "false", "boolean_operator")
        or (
            node.parent is not None
            and node.parent.type == "return_statement"
            and node.type in ("call", "identifier")
        )
    )


def _inner(site: Site, node: Node) -> str:
    argument = node.child_by_field_name("argument")
    return site.text(argument) if argument is not None else ""


def _not(site: Site, node: Node) -> str:
    negated = f"not {wrapped(site.text(node), node)}"
    parent = node.parent
    tight = parent is not None and parent.type in (
        "comparison_operator",
        "binary_operator",
        "attribute",
        "subscript",
    )
    return f"({negated})" if tight else negated


def _shifted(site: Site, operand: Node, weight: float) -> Iterator[Change]:
    if operand.type in ("string", "none", "true", "false", "list", "tuple", "dictionary", "integer"):
        return
    text = site.text(operand)
    operator = operand.child_by_field_name("operator")
    tight = operator is not None and operator.type in ("+", "-", "*", "/", "//", "%", "**")
    whole = operand.type in ATOMS or tight or operand.type == "unary_operator"
    for sign in ("+", "-"):
        shifted = f"{text} {sign} 1" if whole else f"({text}) {sign} 1"
        yield site.raw(operand.start_byte, operand.end_byte, shifted, weight, operand.start_byte)
