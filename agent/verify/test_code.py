"""The functions of a test file, read on its text alone: nothing of a repository is imported for it."""

import ast
import re
import warnings
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

Definition = ast.FunctionDef | ast.AsyncFunctionDef
_MAX_BYTES = 1_000_000
_ASSERTING = re.compile(r"assert|raises|warns|deprecated_call|(^|_)fail(_|$|[A-Z])|^(check|verify|expect)")


@dataclass(frozen=True)
class TestFunction:
    """A function of a file; `name` joins classes and functions by `::`, as pytest does."""

    __test__ = False

    name: str
    node: Definition
    owners: tuple[ast.ClassDef, ...]

    @property
    def line(self) -> int:
        """Return the line of its `def`."""
        return self.node.lineno

    @property
    def is_test(self) -> bool:
        """Say whether its name is one that runners collect."""
        return self.node.name.startswith("test") or self.node.name.endswith("_test")

    @property
    def decorators(self) -> tuple[ast.expr, ...]:
        """Return its decorators and those of its classes."""
        return (*self.node.decorator_list, *(one for owner in self.owners for one in owner.decorator_list))

    @cached_property
    def text(self) -> str:
        """Return what it says without layout, comments and name: equal for functions that do the same."""
        parts = [*self.node.decorator_list, self.node.args, *statements(self.node.body)]
        return "\n".join(ast.dump(part) for part in parts)


@dataclass(frozen=True)
class TestCode:
    """A parsed file."""

    __test__ = False

    module: ast.Module
    functions: Mapping[str, TestFunction]

    @cached_property
    def docstrings(self) -> dict[str, str]:
        """Return the docstrings that hold examples, by what they belong to, "" for the module."""
        return dict(_docstrings(self.module, ""))

    def asserts(self, function: TestFunction, *, depth: int = 3) -> bool:
        """Say whether a function asserts anything that could fail, itself or in a function of its file."""
        for node in ast.walk(function.node):
            if isinstance(node, ast.Assert) and not is_trivial(node.test):
                return True
            if isinstance(node, ast.Call) and self._call_asserts(node, function, depth):
                return True
        return False

    def _call_asserts(self, call: ast.Call, function: TestFunction, depth: int) -> bool:
        name = called(call)
        own = next((one for one in self.functions.values() if one.node.name == name), None)
        if own is None:
            return bool(_ASSERTING.search(name)) and not _is_trivial_call(call)
        return depth > 0 and own is not function and self.asserts(own, depth=depth - 1)


def read_test_code(source: bytes) -> TestCode | None:
    """Parse a file; None when it is no Python that we can read."""
    if len(source) > _MAX_BYTES:
        return None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            module = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    return TestCode(module, {function.name: function for function in _functions(module, "", ())})


def _functions(
    node: ast.Module | ast.ClassDef, prefix: str, owners: tuple[ast.ClassDef, ...]
) -> Iterator[TestFunction]:
    for child in _definitions(node.body):
        if isinstance(child, ast.ClassDef):
            yield from _functions(child, f"{prefix}{child.name}::", (*owners, child))
        else:
            yield TestFunction(f"{prefix}{child.name}", child, owners)


def _docstrings(node: ast.Module | ast.ClassDef | Definition, name: str) -> Iterator[tuple[str, str]]:
    text = ast.get_docstring(node, clean=False)
    if text and ">>>" in text:
        # As many empty lines before it as stand before it in the file, so that lines count in the file.
        yield name, "\n" * (node.body[0].lineno - 1) + text
    for child in _definitions(node.body):
        yield from _docstrings(child, f"{name}::{child.name}" if name else child.name)


def _definitions(body: list[ast.stmt]) -> Iterator[Definition | ast.ClassDef]:
    """Yield the definitions of a body, also those under `if` and `try`."""
    for statement in body:
        if isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            yield statement
        elif isinstance(statement, (ast.If, ast.Try, ast.With)):
            for name in ("body", "orelse", "finalbody"):
                yield from _definitions(getattr(statement, name, []))
            for handler in getattr(statement, "handlers", []):
                yield from _definitions(handler.body)


def statements(body: list[ast.stmt]) -> list[ast.stmt]:
    """Return the statements of a body without its docstring."""
    first = body[0] if body else None
    told = isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant)
    return body[1:] if told else body


def called(call: ast.Call) -> str:
    """Return the last name of what is called."""
    function = call.func
    if isinstance(function, ast.Attribute):
        return function.attr
    return function.id if isinstance(function, ast.Name) else ""


def is_trivial(test: ast.expr) -> bool:
    """Say whether an asserted expression cannot fail, whatever the code under test does."""
    if isinstance(test, ast.Compare) and len(test.comparators) == 1:
        return ast.dump(test.left) == ast.dump(test.comparators[0]) or _is_constant(test)
    if isinstance(test, ast.BoolOp):
        judge = any if isinstance(test.op, ast.Or) else all
        return judge(is_trivial(value) for value in test.values)
    # A tuple is true whatever is in it.
    return _is_constant(test) or (isinstance(test, ast.Tuple) and bool(test.elts))


def _is_constant(node: ast.expr) -> bool:
    varying = (ast.Name, ast.Attribute, ast.Call, ast.Await, ast.Yield, ast.YieldFrom)
    return not any(isinstance(part, varying) for part in ast.walk(node))


def _is_trivial_call(call: ast.Call) -> bool:
    """Say whether an assertion method is given nothing that could differ."""
    name, values = called(call), call.args
    if not name.startswith("assert") or not values:
        return False
    if len(values) >= 2 and ast.dump(values[0]) == ast.dump(values[1]):
        return True
    return all(_is_constant(value) for value in values)
