"""Nothing in tui reads markup out of a text, or has a way of its own to the terminal."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
SOURCES = sorted((ROOT / "tui").rglob("*.py"))
# What would otherwise take a text for markup.
_READING = frozenset({"Static", "Label", "RichLog", "OptionList", "notify"})
_TITLES = frozenset({"border_title", "border_subtitle", "tooltip"})
_MAKING_CONTENT = frozenset({"content", "Content", "Text"})
_FORBIDDEN = {
    "from_markup": "it reads markup",
    "render_str": "it reads markup",
    "from_ansi": "it lets links and styles of others through",
    "open_url": "the address is one that others chose",
    "_driver": "`RatchetApp.tell_terminal` is the way past the painted lines",
}
_MARKUP = frozenset({"rich.markup", "textual.markup"})
# By file: what it may do although it is forbidden.
_ALLOWED = {
    "tui/app.py": {"_driver"},
    # Every part of its markup is a constant of that file.
    "tui/approvals/scope_line.py": {"from_markup"},
}


def _tree(path: Path) -> ast.AST:
    return ast.parse(path.read_text(encoding="utf-8"))


def _name(node: ast.AST) -> str:
    match node:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
        case ast.Subscript(value=value):
            return _name(value)
        case _:
            return ""


def _keywords(call: ast.Call) -> dict[str | None, object]:
    return {one.arg: getattr(one.value, "value", ...) for one in call.keywords}


def _calls(tree: ast.AST) -> Iterator[tuple[str, ast.Call]]:
    """Yield the calls with the name of what is called; within a class, `super().__init__` is its base."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            yield _name(node.func), node
        elif isinstance(node, ast.ClassDef):
            yield from ((base, call) for base in map(_name, node.bases) for call in _inits(node))


def _inits(node: ast.ClassDef) -> Iterator[ast.Call]:
    for one in ast.walk(node):
        match one:
            case ast.Call(func=ast.Attribute(attr="__init__", value=ast.Call(func=ast.Name(id="super")))):
                yield one


def _misread(tree: ast.AST) -> Iterator[str]:
    for name, call in _calls(tree):
        if name in _READING and _keywords(call).get("markup") is not False:
            yield f"line {call.lineno}: {name} without markup=False"
        if name == "Markdown" and not {"open_links", "hyperlinks"} & set(_keywords(call)):
            yield f"line {call.lineno}: Markdown whose links can be followed"
        if "link" in _keywords(call):
            yield f"line {call.lineno}: a link of the terminal"


def _plain_titles(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign):
            titles = [
                one.attr for one in node.targets if isinstance(one, ast.Attribute) and one.attr in _TITLES
            ]
            if titles and not _is_content(node.value):
                yield f"line {node.lineno}: {titles[0]} is read as markup; give it content()"


def _is_content(value: ast.AST) -> bool:
    match value:
        case ast.Constant():
            return "[" not in str(value.value)
        case ast.IfExp(body=one, orelse=other):
            return _is_content(one) and _is_content(other)
        case ast.Call(func=function):
            return _name(function) in _MAKING_CONTENT or _name(function).startswith("_")
        case _:
            return False


def _forbidden(tree: ast.AST, allowed: set[str]) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module in _MARKUP:
            yield f"line {node.lineno}: what is escaped for markup is not always read back as it was"
        name = _name(node)
        if name in _FORBIDDEN and name not in allowed:
            yield f"line {node.lineno}: {name}: {_FORBIDDEN[name]}"  # type: ignore[attr-defined]


def _faults(tree: ast.AST, allowed: set[str]) -> list[str]:
    return [*_misread(tree), *_plain_titles(tree), *_forbidden(tree, allowed)]


@pytest.mark.parametrize(
    "source",
    [
        "Static(text)",
        "Label(text, markup=True)",
        "self.app.notify(text, title=title)",
        "class A(Static):\n    def __init__(self):\n        super().__init__(text)",
        "OptionList(Option(text))",
        "one.border_title = f'{text}'",
        "one.border_title = '[b]x[/b]'",
        "Content.from_markup(text)",
        "self.app._driver.write(text)",
        "Style(link=text)",
        "Markdown(text)",
        "from textual.markup import escape",
    ],
)
def test_what_would_read_markup_is_noticed(source: str) -> None:
    assert len(_faults(ast.parse(source), set())) == 1


def test_no_text_is_read_as_markup_and_nothing_is_written_past_the_painted_lines() -> None:
    found = {}
    for path in SOURCES:
        name = str(path.relative_to(ROOT))
        if faults := _faults(_tree(path), _ALLOWED.get(name, set())):
            found[name] = faults
    assert not found, "\n".join(f"{name}: {one}" for name, faults in found.items() for one in faults)
