"""Guards: leave early, or do a statement only if a condition holds."""

from collections.abc import Iterator

from agent.index.syntax import Node
from agent.planners.search.templates.conditions import further
from agent.planners.search.templates.site import Change, Site

_MOST = 60


def leave(site: Site) -> Iterator[Change]:
    """Insert `if condition: return / continue / break` before a statement."""
    if not site.is_movable or site.function is None:
        return
    exits = list(_exits(site))
    for text, weight in _conditions(site):
        for group, (leaving, likely) in enumerate(exits):
            yield site.insert_before([f"if {text}:", f"\t{leaving}"], weight * likely, group // 2)


def only_if(site: Site) -> Iterator[Change]:
    """Do a statement only if a condition holds."""
    if not site.is_movable or site.function is None or not _may_be_conditional(site.full):
        return
    start, end = site.line_start(site.full), site.line_end(site.full)
    for text, weight in _conditions(site):
        yield Change(((start, end, _indented(site, f"if {text}:", start, end)),), weight, 0)


def default(site: Site) -> Iterator[Change]:
    """Give a name a value before a statement when it has none."""
    if not site.is_movable or site.function is None:
        return
    for name in _mentioned(site)[:6]:
        for value in ("[]", "{}", '""', "0", "()", "set()"):
            yield site.insert_before([f"if {name} is None:", f"\t{name} = {value}"])


def raising(site: Site) -> Iterator[Change]:
    """Insert a guard that raises the way the file raises elsewhere."""
    if not site.is_movable or site.function is None:
        return
    raises = list(_raises(site))[:6]
    for text, weight in _conditions(site):
        for statement in raises:
            yield site.insert_before([f"if {text}:", f"\t{statement}"], weight)


def unguard(site: Site) -> Iterator[Change]:
    """Do the body of an `if` always."""
    node = site.statement
    body = node.child_by_field_name("consequence")
    if (
        node.type != "if_statement"
        or body is None
        or node.child_by_field_name("alternative")
        or not site.is_movable
    ):
        return
    if not body.children or site.syntax.indent_of(body.children[0]) is None:
        return
    start, end = site.line_start(node), site.line_end(node)
    inner = site.line_start(body.children[0])
    deep = site.syntax.indent_of(body.children[0]) or b""
    lines = site.syntax.source[inner:end].splitlines(keepends=True)
    if any(
        child.type == "string" and b"\n" in site.syntax.source[child.start_byte : child.end_byte]
        for child in site.nodes
    ):
        return
    shallow = site.indent or b""
    moved = b"".join(shallow + line[len(deep) :] if line.startswith(deep) else line for line in lines)
    yield Change(((start, end, moved),), 1.0, 0)


def _conditions(site: Site) -> list[tuple[str, float]]:
    found: dict[str, float] = {}
    for name in _mentioned(site):
        for text, weight in (
            (f"{name} is None", 1.0),
            (f"not {name}", 1.0),
            (f"{name} is not None", 0.6),
            (name, 0.6),
        ):
            found.setdefault(text, weight)
    for key, container in _lookups(site):
        found.setdefault(f"{key} in {container}", 0.9)
        found.setdefault(f"{key} not in {container}", 0.9)
    for text, weight in further(site):
        found.setdefault(text, weight * 0.6)
    for name in _mentioned(site)[:4]:
        for kind in ("str", "int", "list", "dict", "tuple"):
            found.setdefault(f"isinstance({name}, {kind})", 0.15)
            found.setdefault(f"not isinstance({name}, {kind})", 0.1)
    ranked = sorted(found.items(), key=lambda item: -item[1])
    return ranked[:_MOST]


def _mentioned(site: Site) -> list[str]:
    data = {name.text for name in site.data_names}
    texts = [site.text(node) for node in site.nodes if node.type in ("identifier", "attribute")]
    known = (text for text in dict.fromkeys(texts) if text not in ("self", "cls"))
    return [text for text in known if text in data or text in site.uses]


def _lookups(site: Site) -> Iterator[tuple[str, str]]:
    for node in site.of_type("subscript"):
        value, inner = node.child_by_field_name("value"), node.child_by_field_name("subscript")
        if value is not None and inner is not None and inner.type != "slice":
            yield site.text(inner), site.text(value)
    names = _mentioned(site)
    yield from ((one, other) for one in names[:3] for other in names[:3] if one != other)


def _exits(site: Site) -> Iterator[tuple[str, float]]:
    if _in_loop(site.statement):
        yield "continue", 1.0
        yield "break", 0.4
    yield "return", 0.6
    for value, weight in _returned(site):
        yield f"return {value}", weight


def _returned(site: Site) -> Iterator[tuple[str, float]]:
    seen: set[str] = set()
    for value in (*_other_returns(site), "None", "False", "True", "[]", "0", '""'):
        if value not in seen and len(seen) < 8:
            seen.add(value)
            yield value, 1.0 / (1 + len(seen) / 2)
    for name in _mentioned(site)[:4]:
        if name not in seen:
            yield name, 0.5


def _other_returns(site: Site) -> Iterator[str]:
    if site.function is None:
        return
    stack = [site.function.node]
    while stack:
        node = stack.pop()
        if node.type == "return_statement" and node.named_children:
            inner = node.named_children[0]
            if inner.end_byte - inner.start_byte <= 24:
                yield site.text(inner)
        stack.extend(reversed(node.named_children))


def _raises(site: Site) -> Iterator[str]:
    seen: set[str] = set()
    for node in site.syntax.statements:
        if node.type == "raise_statement" and node.end_byte - node.start_byte <= 60:
            text = site.text(node)
            if text not in seen and "\n" not in text and text != "raise" and " from " not in text:
                seen.add(text)
                yield text
    yield from (
        f"raise {error}" for error in ("ValueError", "TypeError", "KeyError") if f"raise {error}" not in seen
    )


def _in_loop(node: Node) -> bool:
    current = node.parent
    while current is not None and current.type not in ("function_definition", "class_definition", "lambda"):
        if current.type in ("for_statement", "while_statement"):
            return True
        current = current.parent
    return False


def _may_be_conditional(node: Node) -> bool:
    return node.type not in (
        "function_definition",
        "class_definition",
        "decorated_definition",
        "global_statement",
    )


def _indented(site: Site, header: str, start: int, end: int) -> bytes:
    indent = site.indent or b""
    unit = site.syntax.indent_unit
    text = site.syntax.source[start:end]
    if not text.endswith(b"\n"):
        text += site.syntax.newline
    inside = _string_lines(site)
    first = site.syntax.source.count(b"\n", 0, start)
    lines = text.splitlines(keepends=True)
    moved = [
        line if first + at in inside or not line.strip() else unit + line for at, line in enumerate(lines)
    ]
    result = indent + header.encode("utf-8", "surrogateescape") + site.syntax.newline + b"".join(moved)
    return (
        result if site.syntax.source[start:end].endswith(b"\n") else result.removesuffix(site.syntax.newline)
    )


def _string_lines(site: Site) -> set[int]:
    """Return the rows that begin inside a string literal, where an indent would change the string."""
    rows: set[int] = set()
    stack = [site.full]
    while stack:
        node = stack.pop()
        if node.type == "string":
            rows.update(range(node.start_point.row + 1, node.end_point.row + 1))
        stack.extend(node.named_children)
    return rows
