"""Edits of displays and comprehensions: an element more or less, a filter, another kind of collection."""

from collections.abc import Iterator

from agent.index.syntax import Node
from agent.planners.search.templates.conditions import further
from agent.planners.search.templates.likeness import similarity
from agent.planners.search.templates.site import Change, Site


def element(site: Site) -> Iterator[Change]:
    """Add an element to a list, tuple, set or dictionary, or leave one out."""
    for node in site.of_type("list", "tuple", "set", "dictionary"):
        parts = [child for child in node.named_children if child.type != "comment"]
        yield from _dropped(site, node, parts)
        if node.type == "dictionary" or not parts:
            continue
        at = parts[-1].end_byte
        for new, weight in _elements(site, parts):
            yield site.raw(at, at, f", {new}", weight, node.start_byte)


def enclose(site: Site) -> Iterator[Change]:
    """Put a value into a list or tuple, or take the only element of one."""
    for node in site.values:
        parent = node.parent
        if parent is None or parent.type not in (
            "assignment",
            "return_statement",
            "argument_list",
            "binary_operator",
        ):
            continue
        text = site.text(node)
        if node.type in ("list", "tuple", "set") and len(node.named_children) == 1:
            yield site.swap(node, site.text(node.named_children[0]), 1.0)
        elif node.type in ("identifier", "attribute", "call", "subscript", "string"):
            yield site.raw(node.start_byte, node.end_byte, f"[{text}]", 1.0, node.start_byte)
            yield site.raw(node.start_byte, node.end_byte, f"({text},)", 0.7, node.start_byte)
            yield site.raw(node.start_byte, node.end_byte, f"{{{text}}}", 0.3, node.start_byte)


def isinstance_types(site: Site) -> Iterator[Change]:
    """Accept one more type, or another one, in an `isinstance` test."""
    for node in site.of_type("call"):
        callee, arguments = node.child_by_field_name("function"), node.child_by_field_name("arguments")
        if callee is None or arguments is None or site.text(callee) not in ("isinstance", "issubclass"):
            continue
        if len(arguments.named_children) != 2:
            continue
        kinds = arguments.named_children[1]
        own = [
            name.text for name in site.names if name.kind in ("class", "import") and name.text[:1].isupper()
        ]
        members = (
            [site.text(child) for child in kinds.named_children]
            if kinds.type == "tuple"
            else [site.text(kinds)]
        )
        for rank, name in enumerate(
            (*own[:8], "str", "bytes", "int", "float", "list", "tuple", "dict", "set", "bool")
        ):
            if name not in members:
                weight = 1.0 / (1 + rank / 6)
                joined = ", ".join([*members, name])
                yield site.raw(kinds.start_byte, kinds.end_byte, f"({joined})", weight, node.start_byte)
                yield site.raw(kinds.start_byte, kinds.end_byte, name, weight * 0.7, node.start_byte)


def comprehension(site: Site) -> Iterator[Change]:
    """Add a filter to a comprehension, drop one, or make another kind of collection."""
    kinds = ("list_comprehension", "set_comprehension", "generator_expression")
    for node in site.of_type(*kinds, "dictionary_comprehension"):
        filters = [child for child in node.named_children if child.type == "if_clause"]
        for clause in filters:
            before = clause.prev_named_sibling
            start = before.end_byte if before is not None else clause.start_byte
            yield site.raw(start, clause.end_byte, "", 1.0, node.start_byte)
        if not filters:
            for text, weight in _filters(site, node):
                yield site.raw(node.end_byte - 1, node.end_byte - 1, f" if {text}", weight, node.start_byte)
        inner = site.text(node)[1:-1]
        if node.type in kinds and site.text(node)[0] in "[({":
            for opening, closing in ("[]", "{}", "()"):
                if opening != site.text(node)[0]:
                    yield site.raw(
                        node.start_byte, node.end_byte, opening + inner + closing, 0.4, node.start_byte
                    )


def _filters(site: Site, node: Node) -> Iterator[tuple[str, float]]:
    clause = next((child for child in node.named_children if child.type == "for_in_clause"), None)
    left = clause.child_by_field_name("left") if clause is not None else None
    if left is not None and left.type == "identifier":
        name = site.text(left)
        yield from ((name, 1.0), (f"{name} is not None", 1.0), (f"not {name}", 0.4))
        for other in site.near_names[:6]:
            if other not in ("self", "cls", name):
                yield f"{name} != {other}", 0.5
                yield f"{name} not in {other}", 0.5
                yield f"{name} in {other}", 0.5
                yield f"{name} == {other}", 0.3
    yield from ((text, weight * 0.3) for text, weight in list(further(site))[:10])


def _dropped(site: Site, node: Node, parts: list[Node]) -> Iterator[Change]:
    for index, part in enumerate(parts):
        start, end = part.start_byte, part.end_byte
        if index + 1 < len(parts):
            end = parts[index + 1].start_byte
        elif index:
            start = parts[index - 1].end_byte
        yield site.raw(start, end, "", 0.5, node.start_byte)


def _elements(site: Site, parts: list[Node]) -> Iterator[tuple[str, float]]:
    present = {site.text(part) for part in parts}
    for rank, name in enumerate(site.data_names[:10]):
        if name.text not in present and name.text not in ("self", "cls"):
            yield name.text, 1.0 / (1 + rank / 3)
    if parts[-1].type == "string":
        last = site.text(parts[-1])
        alike = sorted(site.ingredients.strings, key=lambda text: (-similarity(text, last), text))
        yield from ((text, 0.1 + similarity(text, last)) for text in alike[:15] if text not in present)
    if parts[-1].type in ("integer", "float"):
        yield from ((text, 0.3) for text in ("0", "1", *site.ingredients.numbers[:6]) if text not in present)
    if parts[-1].type == "identifier" and site.text(parts[-1])[:1].isupper():
        kinds = [
            name.text for name in site.names if name.kind in ("class", "import") and name.text[:1].isupper()
        ]
        yield from ((name, 0.6) for name in kinds[:8] if name not in present)
