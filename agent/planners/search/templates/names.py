"""Edits of names and attributes: another name in scope, another attribute, one attribute more or less."""

from collections.abc import Iterator

from agent.index.syntax import Node
from agent.planners.search.scope import Name, roles_of
from agent.planners.search.templates.likeness import similarity
from agent.planners.search.templates.site import Change, Site

_MOST = 40


def identifier(site: Site) -> Iterator[Change]:
    """Replace a name by another one in scope, first those used alike or spelled alike."""
    for node in site.values:
        if node.type == "identifier" and not _is_callee(node) and not _is_receiver_of_self(site, node):
            yield from _others(site, node)


def whole(site: Site) -> Iterator[Change]:
    """Replace an attribute, an element or a call's result by a name or another attribute in scope."""
    for node in site.values:
        if node.type not in ("attribute", "subscript", "call") or _is_callee(node) or _is_statement(node):
            continue
        text = site.text(node)
        pool = dict.fromkeys((*site.uses[:16], *(name.text for name in site.data_names[:16])))
        for rank, other in enumerate(pool):
            if other != text and other not in ("self", "cls"):
                yield site.swap(node, other, (0.3 + similarity(other, text)) / (1 + rank / 10))


def attribute(site: Site) -> Iterator[Change]:
    """Replace the last part of `a.b` by another attribute, first one used on the same receiver."""
    for node in site.of_type("attribute"):
        name, receiver = node.child_by_field_name("attribute"), node.child_by_field_name("object")
        if name is None or receiver is None or _is_callee(node):
            continue
        for new, weight in _attributes(site, site.text(receiver), site.text(name)):
            yield Change(((name.start_byte, name.end_byte, new.encode()),), weight, name.start_byte)


def shorten(site: Site) -> Iterator[Change]:
    """Take `a` for `a.b`, or `b` for `a.b` when it is a name in scope."""
    for node in site.values:
        name, receiver = node.child_by_field_name("attribute"), node.child_by_field_name("object")
        if node.type != "attribute" or name is None or receiver is None or _is_callee(node):
            continue
        yield site.swap(node, site.text(receiver), 0.7)
        if site.text(name) in site.visible:
            yield site.swap(node, site.text(name), 1.0)


def extend(site: Site) -> Iterator[Change]:
    """Take `a.b` for `a`, with attributes that the file uses on `a` first; `self.a` for `a`."""
    for node in site.values:
        if node.type not in ("identifier", "attribute", "call", "subscript") or _is_callee(node):
            continue
        text = site.text(node)
        if "self" in site.visible and node.type == "identifier" and f"self.{text}" in site.roles:
            yield site.swap(node, f"self.{text}", 2.0)
        used = site.ingredients.used_on(text)
        for name, _ in sorted(used.items(), key=lambda item: (-item[1], item[0]))[:12]:
            yield site.swap(node, f"{text}.{name}", 1.0)
        if node.type == "identifier" and not used and text not in ("self", "cls"):
            for name, _ in site.ingredients.attributes.most_common(10):
                yield site.swap(node, f"{text}.{name}", 0.1)


def _others(site: Site, node: Node) -> Iterator[Change]:
    text = site.text(node)
    wanted = (site.roles.get(text, set()) | set(roles_of(site.syntax, node))) if text in site.roles else set()
    here = set(roles_of(site.syntax, node))
    ranked = sorted(
        ((_fitness(site, name, text, wanted, here), rank, name.text) for rank, name in enumerate(site.names)),
        key=lambda item: (-item[0], item[1]),
    )
    for weight, _, other in ranked[:_MOST]:
        if other != text and other not in ("self", "cls"):
            yield site.swap(node, other, weight)


def _fitness(site: Site, name: Name, text: str, wanted: set[str], here: set[str]) -> float:
    kinds = {"local": 1.0, "parameter": 1.0, "outer": 0.7, "attribute": 0.5, "module": 0.3}
    roles = site.roles.get(name.text, set())
    alike = len(roles & wanted) / (len(wanted) or 1)
    fits = 1.0 if here & roles else 0.0
    spelled = similarity(name.text, text)
    near = 1.0 / (1.0 + name.distance / 400)
    unused = 0.6 if name.text in site.unused else 0.0
    return kinds.get(name.kind, 0.08) * (
        unused + 0.15 + 0.4 * alike + 0.25 * fits + 0.5 * spelled**2 + 0.2 * near
    )


def _attributes(site: Site, receiver: str, current: str) -> Iterator[tuple[str, float]]:
    used = site.ingredients.used_on(receiver)
    known = dict.fromkeys(used, 1.0)
    if receiver in ("self", "cls") and site.function is not None:
        own, methods = site.scopes.attributes(site.function)
        known.update({text[5:]: 1.0 for text in own})
        known.update({name: 0.4 for name in methods if name not in known})
    for name, _ in site.ingredients.attributes.most_common(40):
        known.setdefault(name, 0.25)
    for name in sorted(known):
        if name != current:
            yield name, known[name] * (0.3 + similarity(name, current))


def _is_callee(node: Node) -> bool:
    parent = node.parent
    if parent is None or parent.type != "call":
        return False
    callee = parent.child_by_field_name("function")
    return callee is not None and callee.id == node.id


def _is_statement(node: Node) -> bool:
    return node.parent is not None and node.parent.type in ("expression_statement", "decorator", "await")


def _is_receiver_of_self(site: Site, node: Node) -> bool:
    parent = node.parent
    return parent is not None and parent.type == "attribute" and site.text(node) in ("self", "cls")
