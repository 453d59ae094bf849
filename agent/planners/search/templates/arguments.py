"""Edits of the arguments of a call: swapped, dropped, added, doubled, replaced; keywords changed."""

from collections.abc import Iterator

from agent.index.syntax import Node
from agent.planners.search.templates.likeness import similarity
from agent.planners.search.templates.site import Change, Site

_MOST = 12


def swap(site: Site) -> Iterator[Change]:
    """Swap two arguments, neighbours first."""
    for arguments in _argument_lists(site):
        plain = _plain(arguments)
        for index, one in enumerate(plain):
            for distance, other in enumerate(plain[index + 1 :]):
                yield _exchange(site, one, other, 1.0 / (1 + distance), arguments.start_byte)


def drop(site: Site) -> Iterator[Change]:
    """Leave out one argument."""
    for arguments in _argument_lists(site):
        parts = [child for child in arguments.named_children if child.type != "comment"]
        for index, part in enumerate(parts):
            start, end = part.start_byte, part.end_byte
            if index + 1 < len(parts):
                end = parts[index + 1].start_byte
            elif index:
                start = parts[index - 1].end_byte
            weight = 1.0 if part.type == "keyword_argument" or index + 1 == len(parts) else 0.4
            yield site.raw(start, end, "", weight, arguments.start_byte)


def add(site: Site) -> Iterator[Change]:
    """Pass one more argument: a keyword the file passes to the same callee, a name in scope, a constant."""
    for arguments in _argument_lists(site):
        callee = _callee(site, arguments)
        for new, weight in _keywords(site, callee, arguments):
            yield _appended(site, arguments, new, weight)
        for rank, name in enumerate(_passable(site)):
            yield _appended(site, arguments, name, 0.5 / (1 + rank / 4), positional=True)
            yield _prepended(site, arguments, name, 0.3 / (1 + rank / 4))
        for new in ("None", "0", "1", "True", "False", '""', "*args", "**kwargs"):
            if not new.startswith("*") or new.strip("*") in site.visible:
                yield _appended(site, arguments, new, 0.15, positional=not new.startswith("**"))


def replace(site: Site) -> Iterator[Change]:
    """Pass something else: an expression of the file over names in scope."""
    for arguments in _argument_lists(site):
        for argument in _plain(arguments):
            for ingredient, near in site.ingredients.values(site.visible, argument.start_byte)[:30]:
                if ingredient.text != site.text(argument):
                    yield site.swap(
                        argument,
                        ingredient.text,
                        near * (0.2 + similarity(ingredient.text, site.text(argument))),
                    )


def keyword(site: Site) -> Iterator[Change]:
    """Change the name of a keyword argument, or its value into one that the file passes elsewhere."""
    for node in site.of_type("keyword_argument"):
        name, value = node.child_by_field_name("name"), node.child_by_field_name("value")
        if name is None or value is None or node.parent is None:
            continue
        passed = site.ingredients.keywords.get(_callee(site, node.parent), {})
        everywhere = {key for names in site.ingredients.keywords.values() for key in names}
        for other in sorted(everywhere):
            if other != site.text(name):
                weight = (1.0 if other in passed else 0.3) * (0.2 + similarity(other, site.text(name)))
                yield site.raw(name.start_byte, name.end_byte, other, weight, name.start_byte)
        for other in sorted(passed.get(site.text(name), {})):
            if other != site.text(value):
                yield site.swap(value, other, 1.0)
        yield site.raw(node.start_byte, node.end_byte, site.text(value), 0.2, name.start_byte)


def double(site: Site) -> Iterator[Change]:
    """Unpack an argument with a star, or pass a starred one as it is."""
    for arguments in _argument_lists(site):
        for argument in arguments.named_children:
            if argument.type == "list_splat":
                yield site.raw(argument.start_byte, argument.start_byte + 1, "", 1.0, arguments.start_byte)
            elif argument.type in ("identifier", "attribute", "call", "subscript"):
                yield site.raw(argument.start_byte, argument.start_byte, "*", 0.5, arguments.start_byte)


def _argument_lists(site: Site) -> Iterator[Node]:
    for node in site.of_type("call"):
        arguments = node.child_by_field_name("arguments")
        if arguments is not None and arguments.type == "argument_list":
            yield arguments


def _plain(arguments: Node) -> list[Node]:
    skipped = ("keyword_argument", "list_splat", "dictionary_splat", "comment", "parenthesized_list_splat")
    return [child for child in arguments.named_children if child.type not in skipped]


def _callee(site: Site, arguments: Node) -> str:
    call = arguments.parent
    callee = call.child_by_field_name("function") if call is not None else None
    return site.text(callee) if callee is not None else ""


def _exchange(site: Site, one: Node, other: Node, weight: float, group: int) -> Change:
    source = site.syntax.source
    first = (one.start_byte, one.end_byte, source[other.start_byte : other.end_byte])
    second = (other.start_byte, other.end_byte, source[one.start_byte : one.end_byte])
    return Change((first, second), weight, group)


def _keywords(site: Site, callee: str, arguments: Node) -> Iterator[tuple[str, float]]:
    present = {
        site.text(name)
        for child in arguments.named_children
        if child.type == "keyword_argument" and (name := child.child_by_field_name("name")) is not None
    }
    for key, values in sorted(site.ingredients.keywords.get(callee, {}).items()):
        if key not in present:
            yield from ((f"{key}={value}", 1.0) for value in sorted(values)[:4])
            if key in site.visible:
                yield f"{key}={key}", 1.0
    for rank, passed in enumerate(_passable(site)):
        if passed.isidentifier() and passed not in present:
            yield f"{passed}={passed}", 0.3 / (1 + rank / 4)


def _passable(site: Site) -> list[str]:
    return [name.text for name in site.data_names if name.text not in ("self", "cls")][:_MOST]


def _appended(site: Site, arguments: Node, new: str, weight: float, *, positional: bool = False) -> Change:
    parts = [child for child in arguments.named_children if child.type != "comment"]
    if positional:
        # A positional argument goes before the keywords.
        parts = [child for child in parts if child.type not in ("keyword_argument", "dictionary_splat")]
    if parts:
        at = parts[-1].end_byte
        return site.raw(at, at, f", {new}", weight, arguments.start_byte)
    return _prepended(site, arguments, new, weight)


def _prepended(site: Site, arguments: Node, new: str, weight: float) -> Change:
    at = arguments.start_byte + 1
    more = any(child.type != "comment" for child in arguments.named_children)
    return site.raw(at, at, f"{new}, " if more else new, weight, arguments.start_byte)
