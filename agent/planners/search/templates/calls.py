"""Edits of calls: another function, another method, another receiver, a call around a value or none."""

from collections.abc import Iterator

from agent.index.syntax import Node
from agent.planners.search.templates.likeness import similarity
from agent.planners.search.templates.site import Change, Site, wrapped

_BUILTIN_FAMILIES = (
    ("min", "max", "sum", "len"),
    ("any", "all", "not any", "not all"),
    ("list", "tuple", "set", "sorted", "frozenset", "iter", "reversed"),
    ("int", "float", "str", "bool", "repr", "round", "abs"),
    ("isinstance", "issubclass", "hasattr", "callable", "type"),
    ("range", "enumerate", "zip", "reversed"),
    ("getattr", "hasattr", "setattr"),
    ("filter", "map"),
    ("open", "print"),
)
"""Builtins that take the same arguments and are used for each other."""
_METHOD_FAMILIES = (
    ("append", "extend", "insert", "add", "update"),
    ("add", "discard", "remove", "pop", "update"),
    ("append", "appendleft", "extend", "extendleft"),
    ("pop", "popleft", "remove", "popitem", "get"),
    ("get", "pop", "setdefault"),
    ("keys", "values", "items"),
    ("strip", "lstrip", "rstrip"),
    ("split", "rsplit", "splitlines", "partition", "rpartition"),
    ("startswith", "endswith"),
    ("find", "rfind", "index", "rindex", "count"),
    ("lower", "upper", "casefold", "title", "capitalize", "swapcase"),
    ("isdigit", "isalpha", "isalnum", "isdecimal", "isnumeric", "isspace", "isidentifier"),
    ("removeprefix", "removesuffix", "lstrip", "rstrip", "strip"),
    ("union", "intersection", "difference", "symmetric_difference", "update"),
    ("issubset", "issuperset", "isdisjoint"),
    ("ljust", "rjust", "center", "zfill"),
    ("read", "readline", "readlines"),
    ("write", "writelines"),
    ("encode", "decode"),
    ("match", "search", "fullmatch", "findall", "finditer"),
    ("copy", "deepcopy"),
    ("sort", "reverse"),
)
"""Methods of builtin and standard types that are used for each other."""
_WRAPPERS = (
    "len", "int", "str", "list", "sorted", "tuple", "set", "float", "bool", "abs", "reversed", "dict", "sum",
    "min", "max", "iter", "repr", "next", "round", "type",
)  # fmt: skip
_ADDED_METHODS = (
    "strip()",
    "copy()",
    "items()",
    "lower()",
    "keys()",
    "values()",
    "split()",
    "rstrip()",
    "lstrip()",
)
_MOST = 25


def function(site: Site) -> Iterator[Change]:
    """Call another function: of the same kind, of the same module, or a callable in scope."""
    for node in site.of_type("call"):
        callee = node.child_by_field_name("function")
        if callee is None or callee.type != "identifier":
            continue
        text = site.text(callee)
        for new, weight in _functions(site, text):
            if new != text:
                yield site.raw(callee.start_byte, callee.end_byte, new, weight, callee.start_byte)


def method(site: Site) -> Iterator[Change]:
    """Call another method on the same receiver: of the same family, of the class, or used in the file."""
    for node in site.of_type("call"):
        callee = node.child_by_field_name("function")
        if callee is None or callee.type != "attribute":
            continue
        name, receiver = callee.child_by_field_name("attribute"), callee.child_by_field_name("object")
        if name is None or receiver is None:
            continue
        text = site.text(name)
        for new, weight in _methods(site, site.text(receiver), text):
            if new != text:
                yield Change(((name.start_byte, name.end_byte, new.encode()),), weight, name.start_byte)


def receiver(site: Site) -> Iterator[Change]:
    """Call the same method on another object in scope."""
    for node in site.of_type("call"):
        callee = node.child_by_field_name("function")
        target = callee.child_by_field_name("object") if callee is not None else None
        name = callee.child_by_field_name("attribute") if callee is not None else None
        if target is None or name is None:
            continue
        role = "." + site.text(name)
        for other in site.data_names[:_MOST]:
            if other.text != site.text(target):
                used = role in site.roles.get(other.text, set())
                likely = (1.0 if used else 0.2) * (0.3 + similarity(other.text, site.text(target)))
                yield site.raw(target.start_byte, target.end_byte, other.text, likely, target.start_byte)


def around(site: Site) -> Iterator[Change]:
    """Put a call around a value: a builtin conversion, or a one-argument function of the file."""
    own = [name.text for name in site.names if name.kind in ("function", "class")]
    for node in site.values:
        if node.type not in (
            "identifier",
            "attribute",
            "call",
            "subscript",
            "binary_operator",
            "generator_expression",
        ):
            continue
        if not _is_wrappable(node):
            continue
        text = site.text(node)
        for rank, wrapper in enumerate(_WRAPPERS):
            yield site.raw(
                node.start_byte, node.end_byte, f"{wrapper}({text})", 1 / (1 + rank / 6), node.start_byte
            )
        for name in own[:12]:
            weight = 0.2 if site.ingredients.used_on(name) else 0.4
            yield site.raw(node.start_byte, node.end_byte, f"{name}({text})", weight, node.start_byte)
        for name in _own_methods(site)[:8]:
            yield site.raw(node.start_byte, node.end_byte, f"self.{name}({text})", 0.2, node.start_byte)


def unwrap(site: Site) -> Iterator[Change]:
    """Take an argument, or the receiver, of a call instead of its result; call a value, or do not."""
    for node in site.of_type("call"):
        callee, arguments = node.child_by_field_name("function"), node.child_by_field_name("arguments")
        if callee is None or arguments is None or not _is_used(node):
            continue
        for argument in arguments.named_children[:3]:
            if argument.type not in ("keyword_argument", "list_splat", "dictionary_splat", "comment"):
                yield site.swap(node, site.text(argument), 1.0)
        if callee.type == "attribute":
            target = callee.child_by_field_name("object")
            if target is not None:
                yield site.swap(node, site.text(target), 1.0)
        yield site.swap(node, site.text(callee), 0.3)
    for node in site.values:
        if node.type in ("identifier", "attribute") and _is_wrappable(node):
            yield site.swap(node, f"{site.text(node)}()", 0.3)


def add_method(site: Site) -> Iterator[Change]:
    """Call a method on a value: one that the file calls on it, or a common one of builtin types."""
    for node in site.values:
        if node.type not in ("identifier", "attribute", "call", "subscript", "string") or not _is_wrappable(
            node
        ):
            continue
        text = site.text(node)
        used = site.ingredients.used_on(text)
        for name in sorted(used, key=lambda name: (-used[name], name))[:8]:
            if name in site.ingredients.methods:
                yield site.raw(node.start_byte, node.end_byte, f"{text}.{name}()", 1.0, node.start_byte)
        for rank, call in enumerate(_ADDED_METHODS):
            weight = 0.5 / (1 + rank / 3)
            yield site.raw(
                node.start_byte, node.end_byte, f"{wrapped(text, node)}.{call}", weight, node.start_byte
            )


def _functions(site: Site, text: str) -> Iterator[tuple[str, float]]:
    for family in _BUILTIN_FAMILIES:
        if text in family:
            yield from ((other, 1.0) for other in family)
    for name in site.names:
        if name.kind in ("function", "class", "import") or "()" in site.roles.get(name.text, set()):
            yield name.text, 0.2 + similarity(name.text, text)
    yield from ((f"self.{name}", 0.2 + similarity(name, text)) for name in _own_methods(site))


def _methods(site: Site, receiver: str, text: str) -> Iterator[tuple[str, float]]:
    found: dict[str, float] = {}
    for family in _METHOD_FAMILIES:
        if text in family:
            found.update((other, 1.0) for other in family)
    for other in site.ingredients.used_on(receiver):
        found[other] = max(found.get(other, 0.0), 0.5 + 0.5 * similarity(other, text))
    if receiver in ("self", "cls"):
        found.update(
            (name, max(found.get(name, 0.0), 0.4 + similarity(name, text))) for name in _own_methods(site)
        )
    for other, _ in site.ingredients.methods.most_common(30):
        found.setdefault(other, 0.1 + 0.4 * similarity(other, text))
    yield from sorted(found.items())


def _own_methods(site: Site) -> tuple[str, ...]:
    if site.function is None or "self" not in site.visible:
        return ()
    return tuple(name for name in site.scopes.attributes(site.function)[1] if not name.startswith("__"))


def _is_wrappable(node: Node) -> bool:
    """Say whether the value is not itself the head of a call, an attribute or a whole statement."""
    parent = node.parent
    if parent is None or parent.type in ("expression_statement", "attribute", "decorator", "dotted_name"):
        return False
    if parent.type != "call":
        return True
    callee = parent.child_by_field_name("function")
    return callee is not None and callee.id != node.id


def _is_used(node: Node) -> bool:
    return node.parent is not None and node.parent.type not in ("expression_statement", "decorator")
