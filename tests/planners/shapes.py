"""A project with one fault in every shape of code, the fix of each, and how fast it can be tried."""

from dataclasses import dataclass

SHAPES = {
    "shapes.py": """\
import dataclasses
import functools


def plain(a, b):
    return a - b


def outer(values):
    def inner(value):
        return value - 1
    return [inner(value) for value in values]


def closing_over(n, other=5):
    def add(value):
        return value + 1
    return add


adder = closing_over(3)


def logged(function):
    @functools.wraps(function)
    def wrapper(*args):
        return function(*args)
    return wrapper


def doubled(function):
    def wrapper(value):
        return function(value)
    return wrapper


@doubled
def number(value):
    return value


class Stack:
    size = 1

    def __init__(self, *items):
        self.items = list(items)

    def last(self):
        return self.items[0]

    @property
    def first(self):
        return self.items[-1]

    @classmethod
    def of(cls, items):
        return cls(items)

    @staticmethod
    def join(a, b):
        return b + a

    @logged
    def count(self):
        return len(self.items) + 1

    def __mangled(self):
        return "wrong"

    def show(self):
        return self.__mangled()


class Child(Stack):
    def last(self):
        return super().first


square = lambda value: value + value
LIMIT = 3


def limited(value, limit=3):
    return value < limit


def countdown(n):
    while n > 0:
        yield n + 1
        n -= 1


async def fetch():
    return 1


@dataclasses.dataclass
class Point:
    x: int = 1


def ran_during_import():
    return 1


TABLE = [ran_during_import()]


def suspended():
    yield 0
    yield 1


running = suspended()
next(running)


def with_comprehension(values):
    return [value for value in values if value > 1]


half = functools.partial(plain, 10)


def unicode_text():
    return "h\\u00e9, \\u20ac" + "ü"


def raises():
    raise ValueError("wrong")
""",
    "test_shapes.py": """\
import asyncio
import pytest
from shapes import (LIMIT, TABLE, Child, Point, Stack, adder, countdown, fetch, half, limited, number, outer,
                    plain, raises, running, square, unicode_text, with_comprehension)


@pytest.mark.parametrize("a", [1, 2], ids=["one::[x]", "two words"])
def test_plain(a):
    assert plain(a, 1) == a + 1
def test_outer():
    assert outer([1, 2]) == [2, 3]
def test_adder():
    assert adder(1) == 4
def test_number():
    assert number(2) == 4
def test_last():
    assert Stack(1, 2).last() == 2
def test_first():
    assert Stack(1, 2).first == 1
def test_of():
    assert Stack.of([1, 2]).items == [1, 2]
def test_join():
    assert Stack.join("a", "b") == "ab"
def test_count():
    assert Stack(1, 2).count() == 2
def test_show():
    assert Stack().show() == "right"
def test_child():
    assert Child(1, 2).last() == [1, 2]
def test_square():
    assert square(3) == 9
def test_limit():
    assert LIMIT == 4
def test_limited():
    assert limited(3)
def test_countdown():
    assert list(countdown(2)) == [2, 1]
def test_fetch():
    assert asyncio.run(fetch()) == 2
def test_point():
    assert Point().x == 2
def test_table():
    assert TABLE == [2]
def test_running():
    assert next(running) == 2
def test_comprehension():
    assert with_comprehension([1, 2]) == [1, 2]
def test_half():
    assert half(5) == 15
def test_unicode():
    assert unicode_text() == "ö"
def test_size():
    assert Stack.size == 2
def test_raises():
    with pytest.raises(KeyError):
        raises()
def test_fine():
    assert Stack().items == []
""",
}


@dataclass(frozen=True, slots=True)
class Shape:
    """The fix of one fault: the tier that tries it, and the test that then passes."""

    name: str
    old: str
    new: str
    test: str
    tier: int = 1


FIXES = (
    Shape("function", "return a - b", "return a + b", "test_plain[two words]"),
    Shape("nested", "return value - 1", "return value + 1", "test_outer"),
    Shape("free variable", "return value + 1", "return value + n", "test_adder", 2),
    Shape("decorator's wrapper", "return function(value)", "return function(value) * 2", "test_number"),
    Shape("method", "return self.items[0]", "return self.items[-1]", "test_last"),
    Shape("property", "return self.items[-1]\n\n    @c", "return self.items[0]\n\n    @c", "test_first"),
    Shape("classmethod", "return cls(items)", "return cls(*items)", "test_of"),
    Shape("staticmethod", "return b + a", "return a + b", "test_join"),
    Shape("wrapped", "len(self.items) + 1", "len(self.items)", "test_count"),
    Shape("mangled name", '"wrong"', '"right"', "test_show"),
    Shape(
        "super",
        "return super().first",
        "x = 1\n        return super().items if 0 else self.items",
        "test_child",
    ),
    Shape("lambda", "value + value", "value * value", "test_square"),
    Shape("module constant", "LIMIT = 3", "LIMIT = 4", "test_limit", 2),
    Shape("default", "limit=3", "limit=4", "test_limited", 2),
    Shape("generator", "yield n + 1", "yield n", "test_countdown"),
    Shape("coroutine", "async def fetch():\n    return 1", "async def fetch():\n    return 2", "test_fetch"),
    Shape("dataclass field", "x: int = 1", "x: int = 2", "test_point", 2),
    Shape(
        "ran during import",
        "import():\n    return 1",
        "import():\n    return 2",
        "test_table",
        2,
    ),
    Shape("live generator", "yield 1", "yield 2", "test_running", 2),
    Shape("comprehension", "if value > 1", "if value > 0", "test_comprehension"),
    Shape("partial", "return a - b", "return a + b", "test_half"),
    Shape("non-ASCII text", '"h\\u00e9, \\u20ac" + "ü"', '"ö"', "test_unicode"),
    Shape("class attribute", "size = 1", "size = 2", "test_size", 2),
    Shape("exception", "raise ValueError", "raise KeyError", "test_raises"),
)
