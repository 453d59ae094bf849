"""Two versions of one test function: every way in which the new one measures less."""

import ast
from collections import Counter
from collections.abc import Iterator

from agent.protocol.verdict import TamperKind
from agent.verify.claims import Claim, claims, likeness, loosened, number
from agent.verify.test_code import TestFunction, called, statements

Loss = tuple[TamperKind, int, str]
"""Kind, line in the new version, message."""

_SKIPS = frozenset({"skip", "skipif", "skipIf", "skipUnless", "skipTest", "importorskip", "SkipTest"})
_EXPECTS = frozenset({"xfail", "expectedFailure"})
_RETRIES = frozenset({"flaky", "retry", "repeat_until_pass"})
_TIMEOUTS = frozenset({"timeout", "timeout_s", "timeout_seconds", "deadline", "max_time"})
_LONGEST = 120


def losses(old: TestFunction, new: TestFunction) -> Iterator[Loss]:
    """Yield what was lost between two versions of a function."""
    if old.text == new.text and _dumps(old.decorators) == _dumps(new.decorators):
        return
    yield from _marked(old, new)
    yield from _fewer_cases(old, new)
    yield from _longer_timeout(old, new)
    if is_empty(new) and not is_empty(old):
        yield (TamperKind.EMPTIED, new.line, "its body does nothing")
        return
    yield from lost_claims(list(claims(old.node.body)), list(claims(new.node.body)), new.line)
    yield from _ends_early(old, new)


def is_empty(function: TestFunction) -> bool:
    """Say whether a function does nothing."""
    return not any(_does_something(statement) for statement in statements(function.node.body))


def _does_something(statement: ast.stmt) -> bool:
    if isinstance(statement, ast.Return):
        return statement.value is not None and not isinstance(statement.value, ast.Constant)
    if isinstance(statement, ast.Assert):
        return not isinstance(statement.test, ast.Constant)
    constant = isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)
    return not (constant or isinstance(statement, ast.Pass))


def _dumps(nodes: tuple[ast.expr, ...]) -> Counter[str]:
    return Counter(ast.dump(node) for node in nodes)


def _marked(old: TestFunction, new: TestFunction) -> Iterator[Loss]:
    """Yield marks and calls that skip a test or expect it to fail."""
    before = _dumps(old.decorators) + _dumps(tuple(_ending_calls(old)))
    for node in (*new.decorators, *_ending_calls(new)):
        name = _name(node)
        if before[ast.dump(node)] > 0:
            before[ast.dump(node)] -= 1
        elif name in _SKIPS:
            yield (TamperKind.SKIPPED, node.lineno, ast.unparse(node)[:_LONGEST])
        elif name in _EXPECTS:
            yield (TamperKind.EXPECTED_TO_FAIL, node.lineno, ast.unparse(node)[:_LONGEST])
        elif name in _RETRIES:
            yield (
                TamperKind.WEAKER_ASSERT,
                node.lineno,
                f"it may fail first: {ast.unparse(node)[:_LONGEST]}",
            )


def _ending_calls(function: TestFunction) -> Iterator[ast.expr]:
    for node in ast.walk(function.node):
        if isinstance(node, ast.Raise) and node.exc is not None and _name(node.exc) in _SKIPS:
            yield node.exc
        elif isinstance(node, ast.Expr) and _name(node.value) in _SKIPS | _EXPECTS:
            yield node.value


def _name(node: ast.expr) -> str:
    if isinstance(node, ast.Call):
        return called(node)
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


def _fewer_cases(old: TestFunction, new: TestFunction) -> Iterator[Loss]:
    gone = _cases(old) - _cases(new)
    if gone and _cases(old):
        shown = next(iter(gone))
        line = min((node.lineno for node in new.decorators), default=new.line)
        yield (TamperKind.FEWER_CASES, line, f"{gone.total()} cases are gone, e.g. {shown}"[:_LONGEST])


def _cases(function: TestFunction) -> Counter[str]:
    """Return the parameters of parametrized tests that are written out."""
    found: Counter[str] = Counter()
    for node in function.decorators:
        if isinstance(node, ast.Call) and called(node) in ("parametrize", "expand", "params", "data"):
            for value in [*node.args[:2], *(word.value for word in node.keywords if word.arg == "argvalues")]:
                if isinstance(value, (ast.List, ast.Tuple, ast.Set)):
                    found.update(ast.unparse(case) for case in value.elts)
    return found


def _longer_timeout(old: TestFunction, new: TestFunction) -> Iterator[Loss]:
    before, after = dict(_timeouts(old)), dict(_timeouts(new))
    for name, (limit, line) in after.items():
        if name in before and limit > before[name][0]:
            yield (TamperKind.LONGER_TIMEOUT, line, f"{name}: {before[name][0]:g} -> {limit:g}")


def _timeouts(function: TestFunction) -> Iterator[tuple[str, tuple[float, int]]]:
    """Yield the limits that are written out, each with where it is: its call and its number there."""
    seen: Counter[str] = Counter()
    owners = [mark for owner in function.owners for mark in owner.decorator_list]
    for node in [part for one in (*owners, function.node) for part in ast.walk(one)]:
        if not isinstance(node, ast.Call):
            continue
        values = [word.value for word in node.keywords if word.arg in _TIMEOUTS]
        values += node.args[:1] if called(node) in _TIMEOUTS else []
        for value in values:
            name = f"timeout of {called(node)}"
            seen[name] += 1
            yield (f"{name} {seen[name]}" if seen[name] > 1 else name, (number(value), value.lineno))


def lost_claims(old: list[Claim], new: list[Claim], line: int) -> Iterator[Loss]:
    """Yield the assertions that are gone, and what took their place."""
    left = list(new)
    gone = []
    for claim in old:
        same = [one for one in left if one.text == claim.text]
        if same:
            # Of several alike the one that stands as free as the old one did.
            kept = min(same, key=lambda one: (one.swallowed, one.guarded))
            left.remove(kept)
            yield from _hidden(claim, kept)
        else:
            gone.append(claim)
    for claim in gone:
        best = max(left, key=lambda one: likeness(claim, one), default=None)
        if best is None or likeness(claim, best) == 0:
            yield (TamperKind.FEWER_ASSERTS, line, claim.shown)
            continue
        left.remove(best)
        yield from _hidden(claim, best)
        kind = loosened(claim, best)
        if kind is not None:
            yield (kind, best.line, f"{claim.shown} -> {best.shown}")


def _hidden(old: Claim, new: Claim) -> Iterator[Loss]:
    if new.swallowed and not old.swallowed:
        yield (TamperKind.SWALLOWED, new.line, new.shown)
    if new.guarded > old.guarded:
        yield (TamperKind.EARLY_END, new.line, f"only under a condition: {new.shown}")


def _ends_early(old: TestFunction, new: TestFunction) -> Iterator[Loss]:
    before, after = _early_returns(old), _early_returns(new)
    if len(after) > len(before):
        yield (TamperKind.EARLY_END, after[0].lineno, "it returns before its assertions")


def _early_returns(function: TestFunction) -> list[ast.Return]:
    last = max((claim.line for claim in claims(function.node.body)), default=0)
    return [node for node in _returns(function) if node.lineno < last]


def _returns(function: TestFunction) -> list[ast.Return]:
    """Return the returns of a function itself, without those of functions in it."""
    waiting: list[ast.AST] = list(function.node.body)
    found = []
    while waiting:
        node = waiting.pop(0)
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef)):
            continue
        if isinstance(node, ast.Return):
            found.append(node)
        waiting += ast.iter_child_nodes(node)
    return sorted(found, key=lambda node: node.lineno)
