"""Edits of subscripts and slices: index, bounds and step, an index more or less."""

from collections.abc import Iterator

from agent.index.syntax import Node
from agent.planners.search.templates.site import Change, Site, wrapped


def index(site: Site) -> Iterator[Change]:
    """Move an index by one, take the first or last element, or another name as the index."""
    for node in site.of_type("subscript"):
        inner = node.child_by_field_name("subscript")
        if inner is None or inner.type == "slice":
            continue
        text = wrapped(site.text(inner), inner)
        choices = [
            (f"{text} + 1", 1.0),
            (f"{text} - 1", 1.0),
            ("0", 0.6),
            ("-1", 0.6),
            ("1", 0.3),
            (f"-{text}", 0.2),
        ]
        if inner.type == "string":
            choices = []
        for new, weight in choices:
            if new != site.text(inner):
                yield site.raw(inner.start_byte, inner.end_byte, new, weight, inner.start_byte)
        for rank, name in enumerate(site.near_names[:8]):
            if name != site.text(inner) and "[]" not in site.roles.get(name, set()):
                yield site.raw(inner.start_byte, inner.end_byte, name, 0.4 / (1 + rank / 2), inner.start_byte)


def bounds(site: Site) -> Iterator[Change]:
    """Move, add or drop a bound of a slice; add a step that reverses."""
    for node in site.of_type("slice"):
        text = site.text(node)
        parts = [part.strip() for part in text.split(":")]
        if len(parts) not in (2, 3) or "[" in text or "(" in text:
            continue
        for position in (0, 1):
            for new, weight in _bound(parts[position]):
                changed = [*parts]
                changed[position] = new
                yield site.raw(node.start_byte, node.end_byte, ":".join(changed), weight, node.start_byte)
        if len(parts) == 2:
            yield site.raw(node.start_byte, node.end_byte, f"{text}:-1", 0.2, node.start_byte)
        else:
            yield site.raw(node.start_byte, node.end_byte, ":".join(parts[:2]), 0.5, node.start_byte)


def between(site: Site) -> Iterator[Change]:
    """Turn an index into a slice, or a slice into an index."""
    for node in site.of_type("subscript"):
        inner = node.child_by_field_name("subscript")
        if inner is None or inner.type in ("string", "expression_list"):
            continue
        if inner.type == "slice":
            for child in inner.named_children[:1]:
                yield site.raw(inner.start_byte, inner.end_byte, site.text(child), 1.0, inner.start_byte)
            continue
        text = site.text(inner)
        for new in (f"{text}:", f":{text}", f":{text} + 1"):
            yield site.raw(inner.start_byte, inner.end_byte, new, 1.0, inner.start_byte)


def around(site: Site) -> Iterator[Change]:
    """Take an element or a slice of a value, or the whole value for its element."""
    for node in site.values:
        if node.type == "subscript":
            value = node.child_by_field_name("value")
            if value is not None:
                yield site.swap(node, site.text(value), 1.0)
        elif node.type in ("identifier", "attribute", "call") and not _is_head(node):
            text = site.text(node)
            sequence = bool(
                site.roles.get(text, set()) & {"[]", "iterated", "arg:len", "is:list", "is:tuple"}
            )
            for new, weight in (
                ("[0]", 1.0),
                ("[-1]", 1.0),
                ("[1:]", 1.0),
                ("[:-1]", 0.6),
                ("[::-1]", 0.4),
                ("[:]", 0.5),
            ):
                yield site.swap(node, text + new, weight if sequence else weight * 0.3)
            for rank, name in enumerate(site.near_names[:6]):
                if name != text and name not in ("self", "cls"):
                    yield site.swap(node, f"{text}[{name}]", 0.4 / (1 + rank / 2))


def lookup(site: Site) -> Iterator[Change]:
    """Look a key up with `get`, with and without a default, instead of with brackets, or with brackets."""
    for node in site.values:
        if node.type == "subscript":
            value, inner = node.child_by_field_name("value"), node.child_by_field_name("subscript")
            if value is None or inner is None or inner.type == "slice":
                continue
            for default in ("", ", 0", ', ""', ", []", ", {}", ", ()", ", False"):
                yield site.swap(node, f"{wrapped(site.text(value), value)}.get({site.text(inner)}{default})")
        elif node.type == "call":
            yield from _to_brackets(site, node)


def _to_brackets(site: Site, node: Node) -> Iterator[Change]:
    callee, arguments = node.child_by_field_name("function"), node.child_by_field_name("arguments")
    if callee is None or arguments is None or callee.type != "attribute" or not arguments.named_children:
        return
    name, target = callee.child_by_field_name("attribute"), callee.child_by_field_name("object")
    if name is not None and target is not None and site.text(name) == "get":
        yield site.swap(node, f"{site.text(target)}[{site.text(arguments.named_children[0])}]")


def _bound(part: str) -> Iterator[tuple[str, float]]:
    if not part:
        yield from (("1", 1.0), ("-1", 0.7))
        return
    yield "", 0.6
    yield f"{part} + 1", 1.0
    yield f"{part} - 1", 1.0
    if part.isdigit():
        yield str(int(part) + 1), 1.0
        yield str(max(0, int(part) - 1)), 1.0
    if part.startswith("-"):
        yield part[1:], 0.3


def _is_head(node: Node) -> bool:
    parent = node.parent
    if parent is None or parent.type in ("attribute", "expression_statement", "decorator", "subscript"):
        return True
    callee = parent.child_by_field_name("function") if parent.type == "call" else None
    return callee is not None and callee.id == node.id
