"""Uses for names that are bound but never read: a sign that an edit should mention them."""

from collections.abc import Iterator

from agent.planners.search.templates.site import Change, Site, wrapped

_VALUES = ("identifier", "attribute", "call", "subscript", "integer", "string", "none", "true", "false")
_SIGNS = (("*", 1.0), ("+", 1.0), ("-", 0.7), ("//", 0.2), ("or", 0.4), ("and", 0.3))


def use(site: Site) -> Iterator[Change]:
    """Put an unread name in the place of a value, next to it, or among the arguments of a call."""
    for name in site.unused[:4]:
        for node in site.values:
            if node.type in _VALUES and not _is_head(node.parent.type if node.parent is not None else ""):
                text = wrapped(site.text(node), node)
                yield site.swap(node, name, 1.0)
                yield from (site.swap(node, f"{text} {sign} {name}", weight) for sign, weight in _SIGNS)
        for node in site.of_type("argument_list"):
            more = any(child.type != "comment" for child in node.named_children)
            at = node.end_byte - 1
            yield site.raw(at, at, f", {name}" if more else name, 1.0, node.start_byte)
            yield site.raw(at, at, f", {name}={name}" if more else f"{name}={name}", 0.7, node.start_byte)
        if site.condition is not None:
            text = wrapped(site.text(site.condition), site.condition)
            yield from (site.swap(site.condition, f"{text} {word} {name}", 0.5) for word in ("and", "or"))


def _is_head(parent: str) -> bool:
    return parent in ("expression_statement", "decorator", "attribute", "call")
