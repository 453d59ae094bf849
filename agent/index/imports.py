"""Imports of a file from the captures of its query."""

import re
from collections.abc import Iterator, Sequence

from agent.index.headers import Captures

ImportRow = tuple[str, str, str, int]
"""The fields of `Import` in their order."""
Pieces = Sequence[tuple[str, str]]
"""Role and text of each part of a statement, in order."""

_ROLES = ("module", "name", "alias", "default", "namespace", "before", "prefix", "tree")
_QUOTES = "\"'`<>"
_LAST = re.compile(r"(?:::|[.\\])(?=[^.:\\]*$)")
_VERSION = re.compile(r"v[0-9]+")
_QUALIFIED = frozenset({"java", "php", "cpp"})
"""Languages whose import names one thing by its whole path."""
_OPENED = frozenset({"csharp"})


def imports(language: str, source: bytes, captures: Captures) -> list[ImportRow]:
    """Return one row for each name that an import statement binds, or for the module when it binds none."""
    if "import" not in captures:
        return []
    pieces = [
        (node.start_byte, node.end_byte, role)
        for role in _ROLES
        for node in captures.get(f"import.{role}", ())
    ]
    pieces.sort()
    rows: list[ImportRow] = []
    place = 0
    statements = sorted((node.start_byte, node.end_byte, node.start_point[0]) for node in captures["import"])
    for start, end, row in statements:
        own = []
        while place < len(pieces) and pieces[place][0] < end:
            first, last, role = pieces[place]
            if first >= start:
                own.append((role, source[first:last].decode("utf-8", "replace").strip(_QUOTES)))
            place += 1
        keyword = source[start : start + 6]
        rows += [(*bound, row + 1) for bound in _bound(language, own, keyword)]
    return rows


def _bound(language: str, pieces: Pieces, keyword: bytes) -> Iterator[tuple[str, str, str]]:
    """Yield module, name and alias of everything that one statement binds."""
    texts = dict(pieces)
    module = texts.get("module", "__future__" if keyword == b"from _" and language == "python" else "")
    if "tree" in texts:
        yield from _use("", texts["tree"])
    elif "default" in texts or "namespace" in texts or "name" in texts:
        if "default" in texts:
            yield module, "default", texts["default"]
        if "namespace" in texts:
            yield module, "", texts["namespace"]
        for name, alias in _aliased(pieces, "name"):
            yield module, name, "" if name == "*" else alias or name
    elif keyword == b"export":
        yield module, "*", ""
    elif "before" in texts:
        yield module, "", texts["before"]
    else:
        for name, alias in _aliased(pieces, "module"):
            if keyword.startswith(b"#"):
                yield name, "", ""
            else:
                yield _whole(language, _prefixed(texts.get("prefix", ""), name), alias)


def _prefixed(prefix: str, name: str) -> str:
    return f"{prefix}\\{name}" if prefix else name


def _whole(language: str, module: str, alias: str) -> tuple[str, str, str]:
    if language in _QUALIFIED and not module.endswith(".php"):
        parts = _LAST.split(module.lstrip("\\"), maxsplit=1)
        return (parts[0], parts[1], alias or parts[1]) if len(parts) == 2 else ("", module, alias or module)
    if language in _OPENED:
        return module, "*", alias
    if language == "python":
        return module, "", alias or module.partition(".")[0]
    if language == "go":
        parts = module.split("/")
        last = parts[-2] if len(parts) > 1 and _VERSION.fullmatch(parts[-1]) else parts[-1]
        return module, "", alias or last
    return module, "", alias


def _aliased(pieces: Pieces, role: str) -> Iterator[tuple[str, str]]:
    """Yield the texts of a role, each with the alias that comes next to it."""
    waiting, before = "", ""
    for kind, text in pieces:
        if kind == role:
            if waiting:
                yield waiting, ""
            waiting = text
            if before:
                yield waiting, before
                waiting = before = ""
        elif kind == "alias" and waiting:
            yield waiting, text
            waiting = ""
        elif kind == "alias":
            before = text
    if waiting:
        yield waiting, ""


def _use(prefix: str, tree: str) -> Iterator[tuple[str, str, str]]:
    """Yield what a use tree of Rust binds."""
    tree = " ".join(tree.split())
    if tree.endswith("}"):
        head, _, inner = tree[:-1].partition("{")
        for part in _split(inner):
            yield from _use(_joined(prefix, head.strip().removesuffix("::")), part)
        return
    path, _, alias = tree.partition(" as ")
    module, _, name = _joined(prefix, path.strip()).rpartition("::")
    if name == "self":
        module, _, name = module.rpartition("::")
    yield module, name, "" if name == "*" else alias.strip() or name


def _joined(prefix: str, rest: str) -> str:
    return f"{prefix}::{rest}" if prefix and rest else prefix or rest


def _split(inner: str) -> Iterator[str]:
    depth, start = 0, 0
    for place, sign in enumerate(inner):
        depth += (sign == "{") - (sign == "}")
        if sign == "," and depth == 0:
            yield inner[start:place]
            start = place + 1
    if inner[start:].strip():
        yield inner[start:]
