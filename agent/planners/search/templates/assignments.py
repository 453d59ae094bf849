"""Edits of assignments: another target, another order, in parallel, copied, missing."""

from collections.abc import Iterator
from itertools import pairwise

from agent.index.syntax import Node
from agent.planners.search.templates.likeness import similarity
from agent.planners.search.templates.site import Change, Site


def target(site: Site) -> Iterator[Change]:
    """Assign to another name in scope, or to another attribute of self."""
    for node in site.of_type("assignment", "augmented_assignment"):
        left = node.child_by_field_name("left")
        if left is None or left.type not in ("identifier", "attribute", "subscript"):
            continue
        text = site.text(left)
        for name in site.data_names[:20]:
            if name.text != text and name.text not in ("self", "cls"):
                weight = 0.3 + similarity(name.text, text)
                yield site.raw(left.start_byte, left.end_byte, name.text, weight, left.start_byte)
        if left.type == "identifier" and "self" in site.visible:
            yield site.raw(left.start_byte, left.end_byte, f"self.{text}", 0.8, left.start_byte)
        if left.type == "attribute" and text.startswith("self."):
            yield site.raw(left.start_byte, left.end_byte, text[5:], 0.3, left.start_byte)
        yield from _subscripted(site, node, left)


def order(site: Site) -> Iterator[Change]:
    """Swap neighbours in a tuple of targets, of values, or in any list of expressions."""
    for node in site.of_type("pattern_list", "expression_list", "tuple", "tuple_pattern", "list", "pair"):
        parts = [child for child in node.named_children if child.type != "comment"]
        for one, other in pairwise(parts):
            source = site.syntax.source
            swapped = (
                (one.start_byte, one.end_byte, source[other.start_byte : other.end_byte]),
                (other.start_byte, other.end_byte, source[one.start_byte : one.end_byte]),
            )
            yield Change(swapped, 1.0, node.start_byte)


def parallel(site: Site) -> Iterator[Change]:
    """Join two assignments that follow each other into one tuple assignment, or take one apart."""
    node = _assignment(site.statement)
    if node is None or not site.is_movable:
        return
    left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
    if left is None or right is None:
        return
    if left.type == "pattern_list" and right.type == "expression_list":
        yield from _apart(site, left, right)
    after = site.statement.next_named_sibling
    second = _assignment(after) if after is not None else None
    if after is None or second is None:
        return
    other_left, other_right = second.child_by_field_name("left"), second.child_by_field_name("right")
    if other_left is None or other_right is None or site.syntax.indent_of(after) is None:
        return
    joined = f"{site.text(left)}, {site.text(other_left)} = {site.text(right)}, {site.text(other_right)}"
    yield site.raw(site.statement.start_byte, after.end_byte, joined, 1.0, 0)


def missing(site: Site) -> Iterator[Change]:
    """Assign the value of a call statement to its receiver or to a name in scope."""
    node = site.statement
    if (
        node.type != "expression_statement"
        or not node.named_children
        or node.named_children[0].type != "call"
    ):
        return
    call = node.named_children[0]
    callee = call.child_by_field_name("function")
    arguments = call.child_by_field_name("arguments")
    targets = (
        [site.text(callee.child_by_field_name("object") or callee)]
        if callee and callee.type == "attribute"
        else []
    )
    targets += [site.text(argument) for argument in (arguments.named_children if arguments else ())]
    targets += [name for name in site.near_names if name not in ("self", "cls")][:6]
    for rank, name in enumerate(dict.fromkeys(targets)):
        if name.replace(".", "").isidentifier():
            yield site.raw(node.start_byte, node.start_byte, f"{name} = ", 1.0 / (1 + rank), 0)
            yield site.raw(node.start_byte, node.start_byte, f"{name} += ", 0.4 / (1 + rank), 0)


def update(site: Site) -> Iterator[Change]:
    """Insert an assignment that steps or resets a name in scope before or after a statement."""
    if not site.is_movable or site.function is None:
        return
    for rank, name in enumerate(name for name in site.near_names if name not in ("self", "cls")):
        if rank >= 6:
            break
        roles = site.roles.get(name, set())
        numeric = bool(roles & {"arithmetic", "is:int", "index", "comparison_operator", "arg:range"})
        forms = [(f"{name} += 1", 0.5), (f"{name} -= 1", 0.4), (f"{name} = 0", 0.2)] if numeric else []
        forms += (
            [(f"{name} = list({name})", 0.4), (f"{name} = {name}.copy()", 0.3)] if "iterated" in roles else []
        )
        forms += [(f"{name} = None", 0.1), (f"{name} = str({name})", 0.1)]
        for text, weight in forms:
            yield site.insert_before([text], weight / (1 + rank / 3), 0)
            yield site.insert_after([text], weight / (1 + rank / 3), 0)


def method(site: Site) -> Iterator[Change]:
    """Turn `a = b` into `a.append(b)` or `a.update(b)`, `a.append(b)` into `a += b`, and the like."""
    for node in site.of_type("assignment", "augmented_assignment"):
        left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
        if left is None or right is None or left.type not in ("identifier", "attribute", "subscript"):
            continue
        one, other = site.text(left), site.text(right)
        for name in ("append", "extend", "add", "update"):
            yield site.raw(node.start_byte, node.end_byte, f"{one}.{name}({other})", 1.0, 0)
        if node.type == "assignment":
            yield from _combined(site, right, one, other)


def _combined(site: Site, right: Node, one: str, other: str) -> Iterator[Change]:
    """Yield values that take the old value of the target into account."""
    tight = (
        other if right.type in ("identifier", "attribute", "call", "subscript", "integer") else f"({other})"
    )
    for form in (f"{one} or {tight}", f"{one} and {tight}", f"max({one}, {other})", f"min({one}, {other})"):
        yield site.raw(right.start_byte, right.end_byte, form, 0.8, right.start_byte)
    for form in (f"{one} + {tight}", f"{tight} + {one}", f"{one} - {tight}"):
        yield site.raw(right.start_byte, right.end_byte, form, 0.4, right.start_byte)


def _subscripted(site: Site, node: Node, left: Node) -> Iterator[Change]:
    text = site.text(left)
    if left.type == "subscript":
        value = left.child_by_field_name("value")
        if value is not None:
            yield site.raw(left.start_byte, left.end_byte, site.text(value), 0.4, left.start_byte)
    if left.type in ("identifier", "attribute") and "[]" in site.roles.get(text, set()):
        for name in site.near_names[:5]:
            if name != text:
                yield site.raw(left.start_byte, left.end_byte, f"{text}[{name}]", 0.5, left.start_byte)


def _assignment(statement: Node) -> Node | None:
    if statement.type != "expression_statement" or not statement.named_children:
        return None
    node = statement.named_children[0]
    if node.type != "assignment" or node.child_by_field_name("type") is not None:
        return None
    right = node.child_by_field_name("right")
    return node if right is not None and right.type != "assignment" else None


def _apart(site: Site, left: Node, right: Node) -> Iterator[Change]:
    ones, others = left.named_children, right.named_children
    if len(ones) != len(others) or site.indent is None:
        return
    lines = [f"{site.text(one)} = {site.text(other)}" for one, other in zip(ones, others, strict=True)]
    start, end = site.line_start(site.statement), site.line_end(site.statement)
    yield Change(((start, end, site.render(lines, site.indent)),), 1.0, 0)
    yield Change(((start, end, site.render(lines[::-1], site.indent)),), 0.7, 0)
