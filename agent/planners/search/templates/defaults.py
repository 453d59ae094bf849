"""Edits of parameters: another default, a default more, a mutable default made fresh in the body."""

from collections.abc import Iterator
from itertools import pairwise

from agent.index.syntax import Node
from agent.planners.search.templates.site import Change, Site

_MUTABLE = ("list", "dictionary", "set", "call", "list_comprehension")


def value(site: Site) -> Iterator[Change]:
    """Replace a default, or give one to a parameter that has none."""
    if site.statement.type != "function_definition":
        return
    for node in site.of_type("default_parameter", "typed_default_parameter"):
        inner = node.child_by_field_name("value")
        if inner is None:
            continue
        for new in ("None", "True", "False", "0", "1", '""', "()"):
            if new != site.text(inner):
                yield site.raw(inner.start_byte, inner.end_byte, new, 1.0, node.start_byte)
    parameters = site.statement.child_by_field_name("parameters")
    for node in parameters.named_children if parameters is not None else ():
        if node.type == "identifier" and site.text(node) not in ("self", "cls"):
            for new in ("None", "False", "True", "()", '""', "0"):
                yield site.raw(node.end_byte, node.end_byte, f"={new}", 0.5, node.start_byte)


def fresh(site: Site) -> Iterator[Change]:
    """Take None for a mutable default and make the value at the start of the body."""
    body = site.statement.child_by_field_name("body")
    if site.statement.type != "function_definition" or body is None or not body.named_children:
        return
    first = _first(body)
    indent = site.syntax.indent_of(first)
    if indent is None:
        return
    at = site.line_start(first)
    for node in site.of_type("default_parameter", "typed_default_parameter"):
        name, inner = node.child_by_field_name("name"), node.child_by_field_name("value")
        if name is None or inner is None or inner.type not in _MUTABLE:
            continue
        lines = [f"if {site.text(name)} is None:", f"\t{site.text(name)} = {site.text(inner)}"]
        replaced = (inner.start_byte, inner.end_byte, b"None")
        yield Change((replaced, (at, at, site.render(lines, indent))), 1.0, 0)


def parameter(site: Site) -> Iterator[Change]:
    """Swap two parameters, drop one, or add `*args` or `**kwargs`."""
    parameters = site.statement.child_by_field_name("parameters")
    if site.statement.type != "function_definition" or parameters is None:
        return
    nodes = [node for node in parameters.named_children if node.type != "comment"]
    for one, other in pairwise(nodes):
        if site.text(one) not in ("self", "cls"):
            source = site.syntax.source
            first = (one.start_byte, one.end_byte, source[other.start_byte : other.end_byte])
            second = (other.start_byte, other.end_byte, source[one.start_byte : one.end_byte])
            yield Change((first, second), 1.0, 0)
    kinds = {node.type for node in nodes}
    at = parameters.end_byte - 1
    comma = ", " if nodes else ""
    if "dictionary_splat_pattern" not in kinds:
        yield site.raw(at, at, f"{comma}**kwargs", 0.5, 1)
        if "list_splat_pattern" not in kinds and "keyword_separator" not in kinds:
            yield site.raw(at, at, f"{comma}*args", 0.5, 1)


def decorator(site: Site) -> Iterator[Change]:
    """Drop a decorator, or add one that the file uses or that changes how a method is bound."""
    if site.statement.type != "function_definition":
        return
    full = site.full
    indent = site.indent
    if indent is None:
        return
    own = (
        [node for node in full.named_children if node.type == "decorator"]
        if full.id != site.statement.id
        else []
    )
    for node in own:
        yield Change(((site.line_start(node), site.line_end(node), b""),), 0.5, 0)
    present = {site.text(node) for node in own}
    at = site.line_start(full)
    for new in ("@staticmethod", "@classmethod", "@property"):
        if site.function is not None and site.function.owner is not None and new not in present:
            yield Change(((at, at, site.render([new], indent)),), 0.3, 1)


def _first(body: Node) -> Node:
    first = body.named_children[0]
    inner = first.named_children[0] if first.type == "expression_statement" and first.named_children else None
    is_documentation = inner is not None and inner.type == "string" and len(body.named_children) > 1
    return body.named_children[1] if is_documentation else first
