"""What a test claims: its assertions as text, with what stands around them, and how one loosens another."""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from agent.protocol.verdict import TamperKind
from agent.verify.test_code import called, is_trivial

_ASSERTING = re.compile(r"^assert|^(raises|warns|deprecated_call|fail|match_lines|fnmatch_lines)$")
_TOLERANCES = frozenset({"abs", "rel", "atol", "rtol", "delta", "tol", "tolerance", "decimal", "significant"})
_MORE_IS_TIGHTER = frozenset({"places", "decimal", "significant"})
_CATCHING = frozenset({"AssertionError", "Exception", "BaseException"})
_LONGEST = 120


@dataclass(frozen=True)
class Claim:
    """One assertion; `guarded` inside a condition, `swallowed` where its failure is caught."""

    node: ast.expr
    line: int
    guarded: int = 0
    swallowed: bool = False

    @property
    def text(self) -> str:
        """Return the claim as it would be written today."""
        return ast.unparse(self.node)

    @property
    def shown(self) -> str:
        """Return the claim for a message."""
        return self.text[:_LONGEST]


def claims(body: list[ast.stmt], guarded: int = 0, swallowed: bool = False) -> Iterator[Claim]:
    """Yield the assertions of a body in the order of the file, nested functions included."""
    for statement in body:
        yield from _own_claims(statement, guarded, swallowed)
        inner = guarded + isinstance(statement, (ast.If, ast.While, ast.Match))
        catching = swallowed or _catches(statement)
        for block in _blocks(statement):
            # What a handler or an else says is not inside the try.
            inside = catching if block is getattr(statement, "body", None) else swallowed
            yield from claims(block, inner, inside)


def _blocks(statement: ast.stmt) -> Iterator[list[ast.stmt]]:
    for name in ("body", "orelse", "finalbody"):
        yield getattr(statement, name, [])
    for part in (*getattr(statement, "handlers", []), *getattr(statement, "cases", [])):
        yield part.body


def _own_claims(statement: ast.stmt, guarded: int, swallowed: bool) -> Iterator[Claim]:
    if isinstance(statement, ast.Assert):
        for part in _conjuncts(statement.test):
            if not is_trivial(part):
                yield Claim(part, statement.lineno, guarded, swallowed)
        return
    for call in _calls(statement):
        if _ASSERTING.match(called(call)):
            yield Claim(call, statement.lineno, guarded, swallowed)


def _conjuncts(test: ast.expr) -> list[ast.expr]:
    if isinstance(test, ast.BoolOp) and isinstance(test.op, ast.And):
        return [part for value in test.values for part in _conjuncts(value)]
    return [test]


def _calls(statement: ast.stmt) -> Iterator[ast.Call]:
    """Yield the calls in a statement's own expressions."""
    waiting: list[ast.AST] = [statement]
    while waiting:
        node = waiting.pop(0)
        if isinstance(node, ast.Call):
            yield node
        waiting += [
            child
            for child in ast.iter_child_nodes(node)
            if not isinstance(child, (ast.stmt, ast.ExceptHandler, ast.match_case))
        ]


def _catches(statement: ast.stmt) -> bool:
    if isinstance(statement, ast.With):
        contexts = [item.context_expr for item in statement.items]
        return any(isinstance(one, ast.Call) and called(one) == "suppress" for one in contexts)
    if not isinstance(statement, ast.Try):
        return False
    return any(_is_wide(handler) and not _raises(handler) for handler in statement.handlers)


def _is_wide(handler: ast.ExceptHandler) -> bool:
    if handler.type is None:
        return True
    names = {node.id for node in ast.walk(handler.type) if isinstance(node, ast.Name)}
    return bool(names & _CATCHING)


def _raises(handler: ast.ExceptHandler) -> bool:
    failing = [node for node in ast.walk(handler) if isinstance(node, ast.Call) and called(node) == "fail"]
    return bool(failing) or any(isinstance(node, ast.Raise) for node in ast.walk(handler))


def loosened(old: Claim, new: Claim) -> TamperKind | None:
    """Return how a claim that took the place of another is looser; None when it is tighter."""
    if _without_tolerance(old.node) == _without_tolerance(new.node):
        return TamperKind.WIDER_TOLERANCE if _is_wider(old.node, new.node) else None
    if _is_weaker(old.node, new.node):
        return TamperKind.WEAKER_ASSERT
    return TamperKind.CHANGED_EXPECTATION


def likeness(old: Claim, new: Claim) -> int:
    """Return how likely a claim took the place of another: 0 for not at all."""
    if _skeleton(old.node) == _skeleton(new.node):
        return 3
    if isinstance(new.node, ast.BoolOp):
        return max(likeness(old, replace(new, node=part)) for part in new.node.values)
    if ast.dump(_subject(old.node)) == ast.dump(_subject(new.node)):
        return 2
    return 1 if type(old.node) is type(new.node) else 0


def _skeleton(node: ast.expr) -> str:
    return re.sub(
        r"Constant\(value=(?:'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\"|[^()'\"]*)\)", "_", ast.dump(node)
    )


def _subject(node: ast.expr) -> ast.expr:
    """Return what a claim is about: the left of a comparison, the first argument of a call."""
    if isinstance(node, ast.Compare):
        return node.left
    if isinstance(node, ast.Call) and called(node).startswith("assert") and node.args:
        return node.args[0]
    return node.operand if isinstance(node, ast.UnaryOp) else node


def _is_weaker(old: ast.expr, new: ast.expr) -> bool:
    """Say whether an equality gave way to something that more values fulfil."""
    if isinstance(new, ast.BoolOp) and isinstance(new.op, ast.Or):
        return True
    return _is_equality(old) and not _is_equality(new)


def _is_equality(node: ast.expr) -> bool:
    if isinstance(node, ast.Compare):
        return all(isinstance(op, (ast.Eq, ast.Is)) for op in node.ops) and not _is_none(node.comparators[-1])
    return isinstance(node, ast.Call) and "Equal" in called(node) and "NotEqual" not in called(node)


def _is_none(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is None


def _tolerances(node: ast.expr) -> dict[str, float]:
    found: dict[str, float] = {}
    for keyword in (part for part in ast.walk(node) if isinstance(part, ast.keyword)):
        if keyword.arg in _TOLERANCES | {"places"}:
            found[keyword.arg or ""] = number(keyword.value)
    return found


def number(node: ast.expr) -> float:
    """Return a number that is written out, infinity for any other expression."""
    try:
        value = ast.literal_eval(node)
    except (ValueError, TypeError, SyntaxError, RecursionError):
        return float("inf")
    return float(value) if isinstance(value, (int, float)) else float("inf")


def _without_tolerance(node: ast.expr) -> str:
    text = ast.unparse(node)
    for name in _TOLERANCES | {"places"}:
        text = re.sub(rf",? *\b{name}=[^,()]+", "", text)
    return text


def _is_wider(old: ast.expr, new: ast.expr) -> bool:
    before, after = _tolerances(old), _tolerances(new)
    for name in before.keys() | after.keys():
        first, second = before.get(name, 0.0), after.get(name, 0.0)
        if name in _MORE_IS_TIGHTER:
            if name not in after or (name in before and second < first):
                return True
            if name not in before and second < 7:
                return True
        elif second > first:
            return True
    return False
