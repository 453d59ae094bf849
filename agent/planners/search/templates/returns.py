"""Edits of what a function returns or yields."""

from collections.abc import Iterator

from agent.index.syntax import Node
from agent.planners.search.templates.site import Change, Site


def value(site: Site) -> Iterator[Change]:
    """Return a name in scope, a constant, or a pair, instead of the value returned."""
    node = site.statement
    if node.type != "return_statement":
        return
    inner = node.named_children[0] if node.named_children else None
    text = site.text(inner) if inner is not None else ""
    end = node.end_byte
    for rank, name in enumerate(_returnable(site)):
        if name != text:
            yield site.raw(node.start_byte, end, f"return {name}", 1.0 / (1 + rank / 4), 0)
    for rank, constant in enumerate(
        ("None", "True", "False", "[]", '""', "0", "()", "{}", "1", "-1", "self")
    ):
        if constant != text and (constant != "self" or "self" in site.visible):
            yield site.raw(node.start_byte, end, f"return {constant}", 0.4 / (1 + rank / 3), 1)
    if text:
        yield site.raw(
            node.start_byte, end, f"return not {text}" if " " not in text else f"return not ({text})", 0.4, 2
        )
        yield site.raw(node.start_byte, end, f"return [{text}]", 0.3, 3)
        yield site.raw(node.start_byte, end, text, 0.2, 3)


def missing(site: Site) -> Iterator[Change]:
    """Return the value of an expression statement, or return something after a statement."""
    node = site.statement
    if site.function is None:
        return
    if node.type == "expression_statement" and node.named_children:
        inner = node.named_children[0]
        if inner.type in (
            "call",
            "identifier",
            "attribute",
            "comparison_operator",
            "boolean_operator",
            "await",
        ):
            yield site.raw(node.start_byte, node.start_byte, "return ", 1.0, 0)
        if inner.type in ("assignment",) and (right := inner.child_by_field_name("right")) is not None:
            yield site.raw(node.start_byte, node.end_byte, f"return {site.text(right)}", 0.5, 0)
    is_last = site.full.next_named_sibling is None
    if is_last and site.is_movable and node.type not in ("return_statement", "raise_statement"):
        for rank, name in enumerate((*_returnable(site)[:8], "None", "True", "False", "[]", "self")):
            yield site.insert_after([f"return {name}"], 0.6 / (1 + rank / 3), 1)


def generator(site: Site) -> Iterator[Change]:
    """Turn `return` into `yield`, `yield` into `yield from`, and the other way round."""
    node = site.statement
    for inner in (child for child in site.nodes if child.type == "yield"):
        text = site.text(inner)
        argument = inner.named_children[0] if inner.named_children else None
        if argument is None:
            continue
        body = site.text(argument)
        is_from = text.split(body, 1)[0].split() == ["yield", "from"]
        new = f"yield {body}" if is_from else f"yield from {body}"
        yield site.raw(inner.start_byte, inner.end_byte, new, 1.0, 0)
        if node.type == "expression_statement":
            yield site.raw(node.start_byte, node.end_byte, f"return {body}", 0.5, 0)
    if node.type == "return_statement" and node.named_children:
        body = site.text(node.named_children[0])
        generating = _yields(site)
        yield site.raw(node.start_byte, node.end_byte, f"yield {body}", 1.0 if generating else 0.3, 0)
        yield site.raw(node.start_byte, node.end_byte, f"yield from {body}", 1.0 if generating else 0.2, 0)
    if node.type == "expression_statement" and node.named_children and node.named_children[0].type == "call":
        body = site.text(node.named_children[0])
        yield site.raw(node.start_byte, node.end_byte, f"yield from {body}", 1.0 if _yields(site) else 0.1, 0)


def awaited(site: Site) -> Iterator[Change]:
    """Await a call inside an async function, or do not."""
    for node in site.of_type("await"):
        yield site.swap(node, site.text(node).removeprefix("await").strip(), 0.3)
    if site.function is None or not site.text(site.function.node).startswith("async"):
        return
    for node in site.of_type("call"):
        parent = node.parent
        if parent is not None and parent.type not in ("await", "attribute"):
            yield site.swap(node, f"await {site.text(node)}", 1.0)


def _returnable(site: Site) -> list[str]:
    return [name for name in site.near_names if name not in ("self", "cls")][:14]


def _yields(site: Site) -> bool:
    stack: list[Node] = [site.function.node] if site.function is not None else []
    while stack:
        node = stack.pop()
        if node.type == "yield":
            return True
        stack.extend(node.named_children)
    return False
