"""Edits of whole statements: deleted, moved, copied, swapped, put inside or outside of a block."""

from collections.abc import Iterator

from agent.index.syntax import COMPOUND, SIMPLE, Node
from agent.planners.search.templates.likeness import similarity
from agent.planners.search.templates.site import Change, Site

_NEAR = 12


def delete(site: Site) -> Iterator[Change]:
    """Take a statement away; `pass` stays when the block would be empty."""
    if not site.is_movable or site.full.type in (
        "function_definition",
        "class_definition",
        "decorated_definition",
    ):
        return
    start, end = site.line_start(site.full), site.line_end(site.full)
    lonely = len(_block(site.full)) == 1
    new = site.render(["pass"], site.indent or b"") if lonely else b""
    yield Change(((start, end, new),), 1.0 if site.is_simple else 0.3, 0)


def swap(site: Site) -> Iterator[Change]:
    """Swap a statement with the next one of its block."""
    if not site.is_movable:
        return
    after = _after(site.full)
    if after is not None and _has_lines(site, after):
        first = (site.line_start(site.full), site.line_end(site.full))
        second = (site.line_start(after), site.line_end(after))
        source = site.syntax.source
        gap = source[first[1] : second[0]]
        lines = _closed(site, source[second[0] : second[1]]) + gap + source[first[0] : first[1]]
        yield Change(((first[0], second[1], lines),), 1.0, 0)


def move(site: Site) -> Iterator[Change]:
    """Move a statement up or down within its function: over neighbours, into and out of blocks."""
    if not site.is_movable or not site.is_simple:
        return
    start, end = site.line_start(site.full), site.line_end(site.full)
    text = site.syntax.text(site.full)
    if "\n" in text or len(_block(site.full)) == 1:
        return
    for at, indent, weight in _places(site):
        if not start <= at <= end:
            line = indent + text.encode("utf-8", "surrogateescape") + site.syntax.newline
            yield Change(tuple(sorted(((start, end, b""), (at, at, line)))), weight, 0)


def copy(site: Site) -> Iterator[Change]:
    """Insert a copy of a statement of the same function or file before or after this one."""
    if not site.is_movable or site.function is None:
        return
    for donor, weight in _donors(site):
        lines = [donor]
        yield site.insert_before(lines, weight, 0)
        if site.full.type not in (
            "return_statement",
            "raise_statement",
            "break_statement",
            "continue_statement",
        ):
            yield site.insert_after(lines, weight, 0)


def replace(site: Site) -> Iterator[Change]:
    """Replace a statement by another one of the same function or file."""
    if not site.is_simple or site.function is None:
        return
    current = site.text(site.statement)
    for donor, near in _donors(site):
        weight = near * (0.1 + similarity(donor, current[:80]))
        yield site.raw(site.statement.start_byte, site.statement.end_byte, donor, weight, 0)


def leave(site: Site) -> Iterator[Change]:
    """Insert a plain `break`, `continue` or `return` after a statement, or turn one into another."""
    kinds = {"break_statement": "break", "continue_statement": "continue", "pass_statement": "pass"}
    current = kinds.get(site.statement.type)
    if current is not None:
        for other in ("break", "continue", "return", "pass"):
            if other != current:
                yield site.raw(site.statement.start_byte, site.statement.end_byte, other, 1.0, 0)
    elif site.is_movable and site.function is not None and site.statement.type == "expression_statement":
        for other in ("break", "continue", "return"):
            yield site.insert_after([other], 0.5, 1)


def nest(site: Site) -> Iterator[Change]:
    """Indent a statement into the block before it, or dedent it out of its own."""
    if not site.is_movable or not site.is_simple:
        return
    start, end = site.line_start(site.full), site.line_end(site.full)
    text, indent = site.syntax.source[site.full.start_byte : end], site.indent or b""
    if b"\n" in text[:-2]:
        return
    before = site.full.prev_named_sibling
    body = _last_block(before) if before is not None else None
    if body is not None and body.children:
        deeper = site.syntax.indent_of(body.children[0])
        if deeper is not None:
            yield Change(((start, end, deeper + text),), 1.0, 0)
    outer = _owner(site.full)
    after = site.full.next_named_sibling
    if outer is not None and after is None and len(_block(site.full)) > 1:
        shallower = site.syntax.indent_of(outer)
        if shallower is not None and len(shallower) < len(indent):
            yield Change(((start, end, shallower + text),), 1.0, 0)


def _block(node: Node) -> list[Node]:
    parent = node.parent
    if parent is None:
        return [node]
    return [child for child in parent.named_children if child.type in SIMPLE | COMPOUND]


def _after(node: Node) -> Node | None:
    after = node.next_named_sibling
    while after is not None and after.type == "comment":
        after = after.next_named_sibling
    return after if after is not None and after.type in SIMPLE | COMPOUND else None


def _has_lines(site: Site, node: Node) -> bool:
    rest = site.syntax.source[node.end_byte :].split(b"\n", 1)[0].split(b"#", 1)[0]
    return site.syntax.indent_of(node) is not None and not rest.strip()


def _closed(site: Site, lines: bytes) -> bytes:
    return lines if lines.endswith(b"\n") else lines + site.syntax.newline


def _places(site: Site) -> Iterator[tuple[int, bytes, float]]:
    """Yield (offset, indentation, likelihood) of line starts in the same function."""
    if site.function is None:
        return
    row = site.full.start_point.row
    for node in site.syntax.statements:
        inside = (
            site.function.node.start_byte < node.start_byte and node.end_byte <= site.function.node.end_byte
        )
        far = abs(node.start_point.row - row)
        if not inside or node.id == site.full.id or far > _NEAR or not _has_lines(site, node):
            continue
        if node.type not in SIMPLE | COMPOUND:
            continue
        indent = site.syntax.indent_of(node) or b""
        yield site.line_start(node), indent, 1.0 / (1 + far)
        yield site.line_end(node), indent, 0.8 / (1 + far)


def _donors(site: Site) -> Iterator[tuple[str, float]]:
    """Yield one-line statements of the file over names that are defined here, the nearest first."""
    start, own = site.statement.start_byte, site.text(site.statement)
    fitting = (one for one in site.ingredients.statements if one.names <= site.visible and one.text != own)
    near = sorted((abs(one.start - start), one.start, one.text) for one in fitting)
    yield from ((text, 1.0 / (1.0 + far / 300)) for far, _, text in near[:30])


def _last_block(node: Node) -> Node | None:
    found = None
    for child in node.named_children:
        if child.type == "block":
            found = child
        elif child.type in ("else_clause", "elif_clause", "finally_clause", "except_clause"):
            found = _last_block(child) or found
    return found if node.type not in ("function_definition", "class_definition") else None


def _owner(node: Node) -> Node | None:
    block = node.parent
    if block is None or block.type != "block" or block.parent is None:
        return None
    owner = block.parent
    return owner if owner.type not in ("function_definition", "class_definition", "case_clause") else None
