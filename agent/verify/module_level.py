"""What stands in a test file outside its functions: marks for all of it and expected values."""

import ast
from collections.abc import Iterator

from agent.protocol.verdict import TamperKind
from agent.verify.loosened import Loss
from agent.verify.test_code import TestCode, called

_SKIPS = frozenset({"skip", "importorskip", "SkipTest"})
_MARKS = {
    "skip": TamperKind.SKIPPED,
    "skipif": TamperKind.SKIPPED,
    "xfail": TamperKind.EXPECTED_TO_FAIL,
}
_SWITCHES = frozenset({"__test__", "collect_ignore", "collect_ignore_glob", "load_tests"})
_LONGEST = 120


def module_losses(old: TestCode, new: TestCode, values: bool = True) -> Iterator[Loss]:
    """Yield what a file loses outside its functions; `values` looks at what it assigns, too."""
    before = {ast.dump(statement) for statement in _outside(old.module.body)}
    assigned = dict(_assigned(old))
    for statement in _outside(new.module.body):
        if ast.dump(statement) in before:
            continue
        yield from _ends(statement)
        for name, value in _assignments(statement):
            yield from _set(name, value, assigned, old, values)
        if isinstance(statement, ast.Delete):
            yield (TamperKind.REMOVED, statement.lineno, ast.unparse(statement)[:_LONGEST])


def _outside(body: list[ast.stmt]) -> Iterator[ast.stmt]:
    """Yield the statements of a module and of its classes that define nothing."""
    for statement in body:
        if isinstance(statement, ast.ClassDef):
            yield from _outside(statement.body)
        elif isinstance(statement, (ast.If, ast.Try, ast.With, ast.For)):
            for name in ("body", "orelse", "finalbody"):
                yield from _outside(getattr(statement, name, []))
        elif not isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef)):
            yield statement


def _ends(statement: ast.stmt) -> Iterator[Loss]:
    if not isinstance(statement, (ast.Raise, ast.Expr)):
        return
    node = statement.exc if isinstance(statement, ast.Raise) else statement.value
    name = called(node) if isinstance(node, ast.Call) else getattr(node, "id", getattr(node, "attr", ""))
    if name in _SKIPS:
        yield (TamperKind.SKIPPED, statement.lineno, ast.unparse(statement)[:_LONGEST])


def _assigned(code: TestCode) -> Iterator[tuple[str, ast.expr]]:
    for statement in _outside(code.module.body):
        yield from _assignments(statement)


def _assignments(statement: ast.stmt) -> Iterator[tuple[str, ast.expr]]:
    if isinstance(statement, ast.AnnAssign) and statement.value is not None:
        yield ast.unparse(statement.target), statement.value
    elif isinstance(statement, ast.Assign):
        for target in statement.targets:
            yield ast.unparse(target), statement.value


def _set(
    name: str, value: ast.expr, before: dict[str, ast.expr], old: TestCode, values: bool
) -> Iterator[Loss]:
    shown = f"{name} = {ast.unparse(value)}"[:_LONGEST]
    if name == "pytestmark":
        yield from _marks(before.get(name), value, shown)
    elif name in _SWITCHES:
        yield (TamperKind.SKIPPED, value.lineno, shown)
    elif name.partition(".")[0] in {function.partition("::")[0] for function in old.functions}:
        yield (TamperKind.REMOVED, value.lineno, f"it is replaced: {shown}")
    elif values and name in before and not _extends(before[name], value):
        yield (TamperKind.CHANGED_EXPECTATION, value.lineno, shown)


def _marks(old: ast.expr | None, new: ast.expr, shown: str) -> Iterator[Loss]:
    had = {node.attr for node in ast.walk(old) if isinstance(node, ast.Attribute)} if old else set()
    for node in ast.walk(new):
        if isinstance(node, ast.Attribute) and node.attr in _MARKS and node.attr not in had:
            yield (_MARKS[node.attr], node.lineno, shown)


def _extends(old: ast.expr, new: ast.expr) -> bool:
    """Say whether a written-out collection still has all it had; other values must stay as they are."""
    if isinstance(old, ast.Dict) and isinstance(new, ast.Dict):
        return _pairs(old) <= _pairs(new)
    kinds = (ast.List, ast.Tuple, ast.Set)
    if isinstance(old, kinds) and type(old) is type(new):
        assert isinstance(new, kinds)
        return {ast.dump(one) for one in old.elts} <= {ast.dump(one) for one in new.elts}
    return ast.dump(old) == ast.dump(new)


def _pairs(node: ast.Dict) -> set[tuple[str, str]]:
    keys = (ast.dump(key) if key is not None else "" for key in node.keys)
    return set(zip(keys, (ast.dump(value) for value in node.values), strict=True))
