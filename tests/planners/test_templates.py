"""Every template family on small sources: exact bytes, in every kind of file and construct."""

# ruff: noqa: E501 - a table reads best with one case a line

from itertools import pairwise

import pytest

from agent.index.syntax import SIMPLE
from agent.planners.search.order import SourceFile
from agent.planners.search.templates.table import FAMILIES
from agent.planners.search.validity import apply

BY_NAME = {family.name: family.template for family in FAMILIES}


def results(source: bytes, line: int, *families: str) -> list[bytes]:
    """Return the edited files that templates make of one line."""
    file = SourceFile("m.py", source)
    statement = file.syntax.statement_at(line)
    assert statement is not None
    site = file.site(statement)
    return [apply(source, change.replacements) for name in families for change in BY_NAME[name](site)]


CASES = [
    ("operators.binary", "x = a + b\n", 1, "x = a - b\n"),
    ("operators.binary", "x = a - b\n", 1, "x = b - a\n"),
    ("operators.binary", "x = (a - b) // c\n", 1, "x = c // (a - b)\n"),
    ("operators.binary", "x = a & b\n", 1, "x = a | b\n"),
    ("operators.augmented", "x += 1\n", 1, "x -= 1\n"),
    ("operators.augmented", "x += 1\n", 1, "x = 1\n"),
    ("operators.augmented", "x = 1\n", 1, "x += 1\n"),
    ("operators.comparison", "if a<b: pass\n", 1, "if a in b: pass\n"),
    ("operators.comparison", "if a is not b: pass\n", 1, "if a != b: pass\n"),
    ("operators.comparison", "assert a not in b\n", 1, "assert a in b\n"),
    ("operators.comparison", "if a < b <= c: pass\n", 1, "if a < b < c: pass\n"),
    ("operators.boolean", "x = a and b\n", 1, "x = a or b\n"),
    ("operators.unary", "x = -a\n", 1, "x = a\n"),
    ("operators.unary", "return_ = f(a)\n", 1, "return_ = f(-a)\n"),
    ("conditions.negate", "if a: pass\n", 1, "if not a: pass\n"),
    ("conditions.negate", "while not a: pass\n", 1, "while a: pass\n"),
    ("conditions.negate", "if a or b: pass\n", 1, "if not (a or b): pass\n"),
    ("conditions.negate", "def f(a):\n    return a()\n", 2, "def f(a):\n    return not a()\n"),
    ("conditions.drop_part", "if a and b == 1: pass\n", 1, "if b == 1: pass\n"),
    ("conditions.strengthen", "def f(a, b):\n    if a: pass\n", 2, "def f(a, b):\n    if a and b is not None: pass\n"),
    ("conditions.strengthen", "def f(a, b):\n    if a or c: pass\n", 2, "def f(a, b):\n    if (a or c) and b: pass\n"),
    ("conditions.weaken", "def f(a, b):\n    if a: pass\n", 2, "def f(a, b):\n    if not b or a: pass\n"),
    ("conditions.replace", "def f(a, b):\n    while a: pass\n", 2, "def f(a, b):\n    while b is None: pass\n"),
    ("conditions.truth", "if a.b: pass\n", 1, "if a.b is not None: pass\n"),
    ("conditions.truth", "if not a and b: pass\n", 1, "if a is None and b: pass\n"),
    ("conditions.truth", "if a is None: pass\n", 1, "if not a: pass\n"),
    ("conditions.membership", "if a != 'b': 'c'\nf('c')\n", 1, "if a not in ('b', 'c'): 'c'\nf('c')\n"),
    ("conditions.bounds", "while i < n: pass\n", 1, "while i < n - 1: pass\n"),
    ("conditions.bounds", "for i in range(n): pass\n", 1, "for i in range(n + 1): pass\n"),
    ("conditions.bounds", "if a < b & c: pass\n", 1, "if a < (b & c) + 1: pass\n"),
    ("conditions.branches", "x = a if c else b\n", 1, "x = b if c else a\n"),
    ("constants.number", "x = 3\n", 1, "x = 4\n"),
    ("constants.number", "x = 0x10\n", 1, "x = 15\n"),
    ("constants.number", "x = -1.5\n", 1, "x = -2.5\n"),
    ("constants.boolean", "f(strict=True)\n", 1, "f(strict=False)\n"),
    ("constants.kind", "x = []\n", 1, "x = {}\n"),
    ("constants.kind", "x = ''\n", 1, "x = None\n"),
    ("constants.string", "x = 'a'\ny = 'b'\n", 1, "x = 'b'\ny = 'b'\n"),
    ("constants.to_name", "def f(n):\n    return 1\n", 2, "def f(n):\n    return n\n"),
    ("names.identifier", "def f(lo, hi):\n    return lo\n", 2, "def f(lo, hi):\n    return hi\n"),
    ("names.identifier", "def f(été, x):\n    return été\n", 2, "def f(été, x):\n    return x\n"),
    ("names.attribute", "def f(s):\n    s.left\n    return s.right\n", 3, "def f(s):\n    s.left\n    return s.left\n"),
    ("names.whole", "def f(b, s):\n    return s.bb\n", 2, "def f(b, s):\n    return b\n"),
    ("names.shorten", "def f(s):\n    return s.a\n", 2, "def f(s):\n    return s\n"),
    ("names.extend", "def f(s):\n    s.a\n    return s\n", 3, "def f(s):\n    s.a\n    return s.a\n"),
    ("calls.function", "x = min(a, b)\n", 1, "x = max(a, b)\n"),
    ("calls.method", "x.append(y)\n", 1, "x.extend(y)\n"),
    ("calls.receiver", "def f(a, b):\n    return a.get(1)\n", 2, "def f(a, b):\n    return b.get(1)\n"),
    ("calls.around", "def f(a):\n    return a\n", 2, "def f(a):\n    return len(a)\n"),
    ("calls.unwrap", "x = list(a)\n", 1, "x = a\n"),
    ("calls.unwrap", "x = a.strip()\n", 1, "x = a\n"),
    ("calls.add_method", "x = a\n", 1, "x = a.strip()\n"),
    ("arguments.swap", "f(a, b, c)\n", 1, "f(b, a, c)\n"),
    ("arguments.drop", "f(a, k=1)\n", 1, "f(a)\n"),
    ("arguments.drop", "f(a)\n", 1, "f()\n"),
    ("arguments.add", "def f(a, b):\n    g(a)\n", 2, "def f(a, b):\n    g(a, b)\n"),
    ("arguments.add", "def f(a, b):\n    g()\n", 2, "def f(a, b):\n    g(b)\n"),
    ("arguments.add", "def f(a, b):\n    g(a, k=1)\n", 2, "def f(a, b):\n    g(a, b, k=1)\n"),
    ("arguments.add", "g(1, k=2)\ng(1)\n", 2, "g(1, k=2)\ng(1, k=2)\n"),
    ("arguments.replace", "def f(a):\n    g(a[0])\n    h(a)\n", 3, "def f(a):\n    g(a[0])\n    h(a[0])\n"),
    ("arguments.keyword", "g(j=2)\ng(k=1)\n", 2, "g(j=2)\ng(j=1)\n"),
    ("arguments.double", "f(a)\n", 1, "f(*a)\n"),
    ("operands.operand", "def f(a, b):\n    return a + 2\n", 2, "def f(a, b):\n    return a + b\n"),
    ("operands.one_of_two", "x = a + b\n", 1, "x = a\n"),
    ("operands.off_by_one", "x = a\n", 1, "x = a + 1\n"),
    ("operands.off_by_one", "def f(a, b):\n    x += a\n", 2, "def f(a, b):\n    x += a + 1\n"),
    ("operands.combined", "def f(a, b):\n    x = a\n", 2, "def f(a, b):\n    x = a * b\n"),
    ("unused.use", "def f(a, b):\n    return g(a)\n", 2, "def f(a, b):\n    return g(a, b)\n"),
    ("unused.use", "def f(a, b):\n    x += a\n", 2, "def f(a, b):\n    x += a * b\n"),
    ("operands.either", "x = a\n", 1, "x = a or []\n"),
    ("operands.expression", "def f(a):\n    a.b\n    x = a\n", 3, "def f(a):\n    a.b\n    x = a.b\n"),
    ("subscripts.index", "x = a[i]\n", 1, "x = a[i + 1]\n"),
    ("subscripts.bounds", "x = a[1:n]\n", 1, "x = a[1:n - 1]\n"),
    ("subscripts.bounds", "x = a[1:]\n", 1, "x = a[2:]\n"),
    ("subscripts.between", "x = a[i]\n", 1, "x = a[i:]\n"),
    ("subscripts.around", "x = a\n", 1, "x = a[0]\n"),
    ("subscripts.around", "x = a[0]\n", 1, "x = a\n"),
    ("subscripts.lookup", "x = a[k]\n", 1, "x = a.get(k)\n"),
    ("subscripts.lookup", "x = a.get(k)\n", 1, "x = a[k]\n"),
    ("collections.element", "def f(a, b):\n    return [a]\n", 2, "def f(a, b):\n    return [a, b]\n"),
    ("collections.element", "x = [a, b]\n", 1, "x = [b]\n"),
    ("collections.enclose", "x = a\n", 1, "x = [a]\n"),
    ("collections.isinstance_types", "if isinstance(a, str): pass\n", 1, "if isinstance(a, (str, bytes)): pass\n"),
    ("collections.comprehension", "x = [i for i in y]\n", 1, "x = [i for i in y if i]\n"),
    ("collections.comprehension", "x = [i for i in y if i]\n", 1, "x = [i for i in y]\n"),
    (
        "guards.leave", "def f(a):\n    return a.b\n", 2,
        "def f(a):\n    if a is None:\n        return None\n    return a.b\n",
    ),
    (
        "guards.leave", "def f(a):\n\tfor b in a:\n\t\tb()\n", 3,
        "def f(a):\n\tfor b in a:\n\t\tif not b:\n\t\t\tcontinue\n\t\tb()\n",
    ),
    ("guards.only_if", "def f(a):\n    a.b()\n", 2, "def f(a):\n    if a is not None:\n        a.b()\n"),
    (
        "guards.only_if", "def f(d, k):\n    x = d[k]\n", 2,
        "def f(d, k):\n    if k in d:\n        x = d[k]\n",
    ),
    (
        "guards.default", "def f(a):\n    a.b()\n", 2,
        "def f(a):\n    if a is None:\n        a = []\n    a.b()\n",
    ),
    (
        "guards.raising", "def f(a):\n    a.b()\n", 2,
        "def f(a):\n    if a is None:\n        raise ValueError\n    a.b()\n",
    ),
    ("guards.unguard", "def f(a):\n    if a:\n        b()\n        c()\n", 2, "def f(a):\n    b()\n    c()\n"),
    ("statements.delete", "def f():\n    a()\n    b()\n", 2, "def f():\n    b()\n"),
    ("statements.delete", "def f():\n    a()\n", 2, "def f():\n    pass\n"),
    ("statements.swap", "def f():\n    a()\n    b()\n", 2, "def f():\n    b()\n    a()\n"),
    ("statements.swap", "def f():\n    a()\n    b()", 2, "def f():\n    b()\n    a()\n"),
    (
        "statements.move", "def f():\n    for x in y:\n        a()\n        b()\n", 3,
        "def f():\n    a()\n    for x in y:\n        b()\n",
    ),
    ("statements.copy", "def f(a, b):\n    a()\n    b()\n", 3, "def f(a, b):\n    a()\n    b()\n    a()\n"),
    ("statements.replace", "def f(a, b):\n    a()\n    b()\n", 3, "def f(a, b):\n    a()\n    a()\n"),
    ("statements.leave", "while x:\n    break\n", 2, "while x:\n    continue\n"),
    ("statements.nest", "def f():\n    if a:\n        b()\n    c()\n", 4, "def f():\n    if a:\n        b()\n        c()\n"),
    ("statements.nest", "def f():\n    if a:\n        b()\n        c()\n", 4, "def f():\n    if a:\n        b()\n    c()\n"),
    ("returns.value", "def f(a, b):\n    return a\n", 2, "def f(a, b):\n    return b\n"),
    ("returns.missing", "def f(a):\n    a.b()\n", 2, "def f(a):\n    return a.b()\n"),
    ("returns.missing", "def f(a):\n    x = a\n", 2, "def f(a):\n    return a\n"),
    ("returns.generator", "def f(a):\n    yield a\n", 2, "def f(a):\n    yield from a\n"),
    ("returns.generator", "def f(a):\n    yield from a\n", 2, "def f(a):\n    yield a\n"),
    ("returns.awaited", "async def f(a):\n    x = a()\n", 2, "async def f(a):\n    x = await a()\n"),
    ("assignments.target", "def f(a, b):\n    a = 1\n", 2, "def f(a, b):\n    b = 1\n"),
    ("assignments.order", "a, b = b, a + b\n", 1, "a, b = a + b, b\n"),
    ("assignments.parallel", "def f():\n    a = b\n    b = a\n", 2, "def f():\n    a, b = b, a\n"),
    ("assignments.parallel", "a, b = 1, 2\n", 1, "a = 1\nb = 2\n"),
    ("assignments.missing", "def f(a):\n    a.strip()\n", 2, "def f(a):\n    a = a.strip()\n"),
    ("assignments.update", "def f(a):\n    a + 1\n", 2, "def f(a):\n    a + 1\n    a += 1\n"),
    ("assignments.method", "x = max(a)\n", 1, "x = max(x, max(a))\n"),
    ("exceptions.caught", "try: a\nexcept KeyError: pass\n", 2, "try: a\nexcept (KeyError, ValueError): pass\n"),
    ("exceptions.caught", "try: a\nexcept (A, B) as e: pass\n", 2, "try: a\nexcept A as e: pass\n"),
    ("exceptions.raised", "raise KeyError(1)\n", 1, "raise ValueError(1)\n"),
    (
        "exceptions.handle", "def f(d):\n    x = d[0]\n", 2,
        "def f(d):\n    try:\n        x = d[0]\n    except KeyError:\n        x = None\n",
    ),
    ("defaults.value", "def f(a=1): pass\n", 1, "def f(a=None): pass\n"),
    ("defaults.value", "def f(a): pass\n", 1, "def f(a=None): pass\n"),
    (
        "defaults.fresh", "def f(a=[]):\n    'doc'\n    return a\n", 1,
        "def f(a=None):\n    'doc'\n    if a is None:\n        a = []\n    return a\n",
    ),
    ("defaults.parameter", "def f(a, b): pass\n", 1, "def f(b, a): pass\n"),
    ("defaults.decorator", "class C:\n    def f(): pass\n", 2, "class C:\n    @staticmethod\n    def f(): pass\n"),
    ("defaults.decorator", "@cache\ndef f(): pass\n", 2, "def f(): pass\n"),
    ("strings.literal", "x = 'A b '\n", 1, "x = 'A b'\n"),
    ("strings.prefix", "x = '{a}'\n", 1, "x = f'{a}'\n"),
    ("strings.conversion", "x = f'{a}'\n", 1, "x = f'{a!r}'\n"),
    ("strings.join", "x = a\n", 1, 'x = ", ".join(a)\n'),
]  # fmt: skip


@pytest.mark.parametrize(("family", "before", "line", "after"), CASES)
def test_a_family_makes_the_edit_it_is_named_for(family, before, line, after):
    assert after.encode() in results(before.encode(), line, family)


def test_every_family_has_a_case():
    assert {case[0] for case in CASES} == set(BY_NAME)


@pytest.mark.parametrize(("family", "before", "line", "after"), CASES)
def test_windows_line_ends_stay_on_every_line(family, before, line, after):
    edited = results(before.replace("\n", "\r\n").encode(), line, family)
    assert after.replace("\n", "\r\n").encode() in edited
    assert not [text for text in edited if b"\n" in text.replace(b"\r\n", b"")]


def test_bytes_outside_the_edit_survive():
    head = b"\xef\xbb\xbf# -*- coding: utf-8 -*-\r\n# \xe2\x80\xa8 odd \x0c\r\n"
    source = head + b"def f(a):\r\n\treturn a + 1  # caf\xc3\xa9\t \r\n\r\n\r\nlast"
    for family in BY_NAME:
        for edited in results(source, 4, family):
            assert edited.startswith(head) and edited.endswith(b"last")


def test_latin_1_text_survives_a_copied_statement():
    source = b"# coding: latin-1\ndef f(a, b):\n    a('\xe9')\n    b()\n"
    assert b"# coding: latin-1\ndef f(a, b):\n    a('\xe9')\n    a('\xe9')\n    b()\n" in results(
        source, 4, "statements.copy"
    )


def test_a_guard_does_not_indent_the_inside_of_a_string():
    source = b"def f(a):\n    a('''x\n  y\n''')\n"
    assert b"def f(a):\n    if a:\n        a('''x\n  y\n''')\n" in results(source, 2, "guards.only_if")


def test_statements_on_a_shared_line_are_not_moved():
    movers = [name for name in BY_NAME if name.startswith(("guards", "statements.move", "statements.delete"))]
    assert results(b"def f(a):\n    if a: b(); c()\n", 2, *movers)
    file = SourceFile("m.py", b"def f(a):\n    if a: b(); c()\n")
    inner = [node for node in file.syntax.statements if node.type in SIMPLE]
    assert [file.site(node).is_movable for node in inner] == [False, False]


def test_names_of_a_star_import_may_be_reused():
    source = b"from m import *\ndef f(b):\n    helper(b)\n    b()\n"
    assert source + b"    helper(b)\n" in results(source, 4, "statements.copy")


def test_names_defined_later_are_not_used_before():
    source = b"def f(a):\n    x = a\n    later = 1\n"
    assert not [text for text in results(source, 2, "names.identifier") if b"x = later" in text]


def test_names_a_loop_defines_later_may_be_used_in_its_next_turn():
    source = b"def f(a):\n    last = 0\n    for x in a:\n        y = x\n        previous = y\n"
    assert [text for text in results(source, 4, "names.identifier") if b"y = previous" in text]


def test_annotations_and_docstrings_are_left_alone():
    source = b'def f(a: int, b: str) -> bool:\n    "text"\n    x: int = a\n'
    for family in ("names.identifier", "constants.string", "constants.kind", "strings.literal"):
        for line in (1, 2, 3):
            for edited in results(source, line, family):
                assert b"a: int, b: str) -> bool" in edited and b'"text"' in edited and b"x: int" in edited


@pytest.mark.parametrize(
    "source",
    [
        b"match x:\n    case [1, y] if y > 2:\n        z = y\n    case _:\n        z = 0\n",
        b"async def f():\n    async with a as b:\n        async for c in d:\n            await e\n",
        b"@a.b(1)\nclass C(D, k=1):\n    x = [i for i in y if i]\n",
        b"def f(:\n    return a +\n",
        b"x = lambda a, *b, c=1, **d: (yield)\n",
        b"try:\n    pass\nexcept* E as e:\n    raise\nfinally:\n    del x, y[0]\n",
        b"global_ = f'{a!r:>{w}}' 'b' rb''\nprint(*a, **b)\n",
        b"def f():\n    global g\n    g = 1; return\n\n    x[1:2, ...] = y = z\n",
        b"with (open(a) as b, c):\n  if (n := 1) and (yield): pass\n  else: pass\n",
    ],
)
def test_no_construct_trips_a_template(source):
    file = SourceFile("m.py", source)
    for statement in file.syntax.statements:
        for template in BY_NAME.values():
            for change in template(file.site(statement)):
                ordered = sorted(change.replacements)
                assert all(start <= end for start, end, _ in ordered)
                assert all(one[1] <= other[0] for one, other in pairwise(ordered))
