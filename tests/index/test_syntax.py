"""The syntax tree keeps bytes exact, names functions as Python does, and never trips over broken code."""

import ast
from pathlib import Path

import pytest

from agent.index.syntax import has_errors, is_value, own_nodes, parse, walk

NESTED = b"""\
class Stack:
    def push(self, x):
        def inner(y):
            class Deep:
                async def go(self): pass
            return lambda z: z
        return inner

@property
@other
def free(a, b=1):
    return a


async def waits(): await x
"""


def test_functions_are_named_as_python_names_them():
    found = {function.name: (function.first_line, function.last_line) for function in parse(NESTED).functions}
    assert found == {
        "Stack.push": (2, 7),
        "Stack.push.<locals>.inner": (3, 6),
        "Stack.push.<locals>.inner.<locals>.Deep.go": (5, 5),
        "free": (9, 12),
        "waits": (15, 15),
    }


def test_a_method_knows_its_class_and_a_function_inside_it_has_none():
    by_name = {function.name: function for function in parse(NESTED).functions}
    assert by_name["Stack.push"].owner is not None
    assert by_name["Stack.push.<locals>.inner"].owner is None


def test_functions_at_a_line_come_outermost_first():
    assert [function.name for function in parse(NESTED).functions_at(3)] == [
        "Stack.push",
        "Stack.push.<locals>.inner",
    ]


@pytest.mark.parametrize(
    "source",
    [
        b"def f(:\n  return\n",
        b"class\n",
        b"if x\n  y = (\n",
        b"'''never closed\n",
        b"\x00\xff\xfe",
        b"\xff = 1\n",
        b"(" * 5000,
        b"x = [" + b"[" * 3000 + b"]" * 3000 + b"]",
        b"\tif a:\n    b\n",
        b"",
        b"\r\r\n\n",
    ],
)
def test_broken_code_gives_a_tree_and_never_an_exception(source):
    syntax = parse(source)
    for node in syntax.statements:
        syntax.text(node)
        list(own_nodes(node))
    assert [syntax.statement_at(line) for line in range(5)]
    assert isinstance(syntax.functions, tuple)


def test_errors_are_seen():
    assert has_errors(b"def f(:\n")
    assert not has_errors(b"def f(): pass\n")


def test_text_of_any_bytes_can_be_written_back():
    source = "name = 'é'\n".encode("latin-1")
    syntax = parse(source)
    assert syntax.text(syntax.root).encode("utf-8", "surrogateescape") == source


@pytest.mark.parametrize(
    ("source", "newline"), [(b"a\r\nb\r\n", b"\r\n"), (b"a\nb\r\n", b"\n"), (b"a", b"\n")]
)
def test_the_line_end_of_the_first_line_counts(source, newline):
    assert parse(source).newline == newline


def test_a_byte_order_mark_is_not_indentation():
    syntax = parse(b"\xef\xbb\xbfx = 1\r\ny = 2\r\n")
    assert [syntax.indent_of(node) for node in syntax.statements] == [b"", b""]


def test_indentation_is_measured_as_the_file_writes_it():
    assert parse(b"def f():\n\tif x:\n\t\treturn\n").indent_unit == b"\t"
    assert parse(b"def f():\n  return\n").indent_unit == b"  "
    assert parse(b"x = 1\n").indent_unit == b"    "


def test_a_statement_that_shares_its_line_has_no_indentation_of_its_own():
    syntax = parse(b"if a: b = 1; c = 2\n")
    assert [syntax.indent_of(node) for node in syntax.statements] == [b"", None, None]


def test_a_line_belongs_to_the_innermost_statement_that_spans_it():
    syntax = parse(b"if (a and\n    b):\n    call(\n        1,\n    )\n")
    kinds = [(node := syntax.statement_at(line)) and node.type for line in range(1, 7)]
    assert kinds == ["if_statement", "if_statement", *["expression_statement"] * 3, None]


def test_own_nodes_leave_out_blocks_annotations_and_other_clauses():
    syntax = parse(b"if a:\n    b\nelif c:\n    d\nelse:\n    e\n")
    names = {
        node.start_point.row: [syntax.text(one) for one in own_nodes(node)] for node in syntax.statements
    }
    assert names == {0: ["a"], 1: ["b"], 2: ["c"], 3: ["d"], 5: ["e"]}


VALUES = b"""\
def f(p, q=d, *r, **s) -> t:
    a.b = c[i] = g(k=v)
    for l in m: pass
    with n as o: pass
    x: y = z
    del w
    return [u for u in e if u]
"""


def test_only_names_that_are_read_are_values():
    syntax = parse(VALUES)
    read = {syntax.text(node) for node in walk(syntax.root) if node.type == "identifier" and is_value(node)}
    assert read == {"d", "a", "c", "i", "g", "v", "m", "n", "z", "u", "e"}


def test_python_and_the_tree_agree_on_functions_of_a_real_file():
    data = Path(ast.__file__).read_bytes()
    found = {function.name.rpartition(".")[2] for function in parse(data).functions}
    assert found == {
        node.name
        for node in ast.walk(ast.parse(data))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    }
