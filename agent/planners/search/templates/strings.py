"""Edits of strings and of how they are built: case, blanks, prefix, conversion, joining."""

from collections.abc import Iterator

from agent.index.syntax import Node
from agent.planners.search.templates.site import Change, Site


def literal(site: Site) -> Iterator[Change]:
    """Change one trait of a literal: case, a blank more or less at an end, a last mark."""
    for node in site.of_type("string"):
        content = [child for child in node.named_children if child.type == "string_content"]
        if len(content) != 1 or (node.parent is not None and node.parent.type == "expression_statement"):
            continue
        start, end = content[0].start_byte, content[0].end_byte
        text = site.text(content[0])
        if len(text) > 60:
            continue
        for new, weight in _variants(text):
            if new != text:
                yield site.raw(start, end, new, weight, node.start_byte)


def prefix(site: Site) -> Iterator[Change]:
    """Add or drop the prefix that makes a literal raw, bytes or formatted."""
    for node in site.of_type("string"):
        opening = next((child for child in node.children if child.type == "string_start"), None)
        if opening is None:
            continue
        quote = site.text(opening)
        marks = quote.rstrip("'\"")
        for new, weight in (("", 0.5), ("r", 0.7), ("b", 0.5), ("f", 0.8)):
            if new != marks and ("{" in site.text(node) or new != "f"):
                yield site.raw(
                    opening.start_byte, opening.end_byte, new + quote[len(marks) :], weight, node.start_byte
                )


def conversion(site: Site) -> Iterator[Change]:
    """Add, drop or change the conversion of a replacement field, or of a `%` format."""
    for node in site.of_type("interpolation"):
        inner = node.child_by_field_name("expression")
        given = node.child_by_field_name("type_conversion")
        if inner is None:
            continue
        if given is not None:
            yield site.raw(given.start_byte, given.end_byte, "", 1.0, node.start_byte)
        else:
            yield site.raw(inner.end_byte, inner.end_byte, "!r", 1.0, node.start_byte)
            yield site.raw(inner.end_byte, inner.end_byte, "!s", 0.3, node.start_byte)
    for node in site.of_type("string"):
        text = site.text(node)
        for old, new in (("%s", "%r"), ("%r", "%s"), ("%d", "%s"), ("%s", "%d")):
            if old in text:
                yield site.raw(
                    node.start_byte, node.end_byte, text.replace(old, new, 1), 0.5, node.start_byte
                )


def join(site: Site) -> Iterator[Change]:
    """Join an iterable of strings, with nothing, a blank, a comma or a line break between."""
    for node in site.values:
        parent: Node | None = node.parent
        if parent is None or parent.type not in ("return_statement", "assignment", "argument_list"):
            continue
        if node.type in ("identifier", "attribute", "call", "list_comprehension", "subscript"):
            for separator in ('""', '" "', '", "', '"\\n"'):
                yield site.swap(node, f"{separator}.join({site.text(node)})", 1.0)


def _variants(text: str) -> Iterator[tuple[str, float]]:
    yield text + " ", 0.6
    yield " " + text, 0.6
    yield text.strip(), 1.0
    yield text.lower(), 0.6
    yield text.upper(), 0.4
    yield text[:1].upper() + text[1:], 0.3
    yield text.rstrip(".:,;!? "), 0.5
    yield text + ".", 0.2
    yield text + ":", 0.2
    yield text + "\\n", 0.4
    if len(text) <= 8:
        yield from ((text[:at] + text[at + 1 :], 0.3) for at in range(len(text)) if "\\" not in text)
    yield text.replace("_", "-"), 0.4
    yield text.replace("-", "_"), 0.4
