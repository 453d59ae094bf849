"""Edits of exception handling: another or a wider type, a `try` around a statement, another error."""

from collections.abc import Iterator

from agent.index.syntax import Node, walk
from agent.planners.search.templates.site import Change, Site

_COMMON = (
    "Exception", "ValueError", "TypeError", "KeyError", "IndexError", "AttributeError", "LookupError",
    "OSError", "RuntimeError", "StopIteration", "ImportError", "UnicodeError", "ZeroDivisionError",
    "NotImplementedError", "BaseException", "AssertionError", "OverflowError", "FileNotFoundError",
)  # fmt: skip
_CAUGHT = (
    "Exception",
    "KeyError",
    "ValueError",
    "TypeError",
    "AttributeError",
    "IndexError",
    "StopIteration",
)


def caught(site: Site) -> Iterator[Change]:
    """Catch another exception type, or one more."""
    if site.statement.type != "except_clause":
        return
    node = _caught(site.statement)
    if node is None:
        return
    text = site.text(node)
    members = [site.text(child) for child in node.named_children] if node.type == "tuple" else [text]
    for rank, name in enumerate(_errors(site)):
        if name not in members:
            joined = ", ".join([*members, name])
            yield site.raw(node.start_byte, node.end_byte, f"({joined})", 1.0 / (1 + rank / 6), 0)
            yield site.raw(node.start_byte, node.end_byte, name, 0.6 / (1 + rank / 6), 0)
    if len(members) > 1:
        for name in members:
            kept = ", ".join(other for other in members if other != name)
            yield site.raw(node.start_byte, node.end_byte, f"({kept})" if "," in kept else kept, 0.4, 0)


def raised(site: Site) -> Iterator[Change]:
    """Raise another exception type, raise the caught one again, or drop or add its cause."""
    node = site.statement
    if node.type != "raise_statement" or not node.named_children:
        return
    inner = node.named_children[0]
    callee = inner.child_by_field_name("function") if inner.type == "call" else inner
    if callee is not None:
        for rank, name in enumerate(_errors(site)):
            if name != site.text(callee):
                yield site.raw(callee.start_byte, callee.end_byte, name, 1.0 / (1 + rank / 4), 0)
    yield site.raw(node.start_byte, node.end_byte, "raise", 0.5, 1)
    yield site.raw(
        inner.end_byte, node.end_byte, "" if node.end_byte > inner.end_byte else " from None", 0.3, 1
    )


def handle(site: Site) -> Iterator[Change]:
    """Put `try` around a statement and pass, return, continue or go on with a constant on an error."""
    if not site.is_movable or not site.is_simple or site.function is None:
        return
    text = site.text(site.statement)
    if "\n" in text or site.statement.type in ("pass_statement", "global_statement", "nonlocal_statement"):
        return
    start, end = site.line_start(site.statement), site.line_end(site.statement)
    for rank, name in enumerate(_CAUGHT):
        for handler, weight in _handlers(site):
            lines = ["try:", f"\t{text}", f"except {name}:", f"\t{handler}"]
            yield Change(((start, end, site.render(lines, site.indent or b"")),), weight / (1 + rank / 4), 0)


def _handlers(site: Site) -> Iterator[tuple[str, float]]:
    yield "pass", 1.0
    yield "return None", 0.8
    yield "return False", 0.4
    node = site.statement.named_children[0] if site.statement.named_children else None
    if node is not None and node.type == "assignment":
        left = node.child_by_field_name("left")
        if left is not None:
            yield from ((f"{site.text(left)} = {value}", 0.6) for value in ("None", "0", "[]", '""'))


def _caught(clause: Node) -> Node | None:
    value = clause.child_by_field_name("value")
    if value is None:
        value = next(
            (child for child in clause.named_children if child.type not in ("block", "comment")), None
        )
    if value is not None and value.type == "as_pattern":
        return value.named_children[0] if value.named_children else None
    return value


def _errors(site: Site) -> list[str]:
    """Return exception names: those of the file first, then builtin ones."""
    own: dict[str, None] = {}
    for node in walk(site.syntax.root):
        if node.type in ("except_clause", "raise_statement"):
            for inner in own_names(node):
                text = site.text(inner)
                if text[:1].isupper() and text in site.visible | {text.split(".")[0]}:
                    own[text] = None
    imported = [name.text for name in site.names if name.text.endswith(("Error", "Exception", "Warning"))]
    return list(dict.fromkeys([*own, *imported, *_COMMON]))[:30]


def own_names(node: Node) -> Iterator[Node]:
    """Yield the names in the head of an except clause or raise statement."""
    for child in node.named_children:
        if child.type != "block":
            yield from (inner for inner in walk(child) if inner.type == "identifier")
