"""Expressions of workflow files, `${{ … }}`: evaluated when everything in them is known, else refused.

Source: "Evaluate expressions in workflows and actions" of GitHub's documentation.
"""

import json
import math
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from agent.verify.workflows.document import NO_TEXT, Plain, shown

_TOKEN = re.compile(
    r"\s*(?:(?P<text>'(?:[^']|'')*')|(?P<number>-?(?:0x[0-9a-fA-F]{1,13}|[0-9]{1,15}(?:\.[0-9]{1,15})?))"
    r"|(?P<name>[A-Za-z_][\w-]*)|(?P<sign>==|!=|<=|>=|&&|\|\||[<>!().,\[\]*]))"
)
_HOLE = re.compile(r"\$\{\{(.*?)\}\}", re.DOTALL)
_MAX_EXPRESSION = 2000
_MAX_TEXT = 20_000
_HUGE = 10**300
_MAX_DEPTH = 30
_PLAIN = re.compile(r"[A-Za-z0-9_./:@+=-]*")
"""What cannot be taken for more than a word by a shell."""


class Unknown(Exception):
    """An expression needs what is not known here; `what` names it."""

    def __init__(self, what: str) -> None:
        super().__init__(what)
        self.what = what


@dataclass(frozen=True, slots=True)
class Scope:
    """What expressions may refer to.

    `complete` are contexts in which what is missing is null; missing elsewhere means unknown.
    `outside` are dotted paths of values that somebody from outside chose, such as names of branches.
    """

    contexts: Mapping[str, Mapping[str, Plain]]
    complete: frozenset[str] = frozenset()
    outside: frozenset[str] = frozenset()

    def with_context(self, name: str, values: Mapping[str, Plain]) -> "Scope":
        """Return it with one context replaced."""
        return Scope({**self.contexts, name: values}, self.complete, self.outside)


def fill(text: str, scope: Scope, *, script: bool = False) -> str:
    """Return a text with its expressions replaced by their values; raises Unknown.

    In a script a value from outside must be a plain word: anything else could be taken for commands.
    """

    def value(match: re.Match[str]) -> str:
        reading = _reading(match[1], scope)
        found = shown(reading.whole())
        if NO_TEXT.search(found):
            raise Unknown(reading.text)
        if script and reading.outside and not _PLAIN.fullmatch(found):
            raise Unknown(f"{match[1].strip()[:100]} (its value could be taken for commands)")
        return found

    return _HOLE.sub(value, text)


def evaluate(text: str, scope: Scope) -> Plain:
    """Return the value of an expression without its braces; raises Unknown."""
    return _reading(text, scope).whole()


def holes(text: str) -> Iterator[str | None]:
    """Yield the pieces of a text between its expressions, None for each expression."""
    at = 0
    for match in _HOLE.finditer(text):
        yield text[at : match.start()]
        yield None
        at = match.end()
    yield text[at:]


def _reading(text: str, scope: Scope) -> "_Reading":
    if len(text) > _MAX_EXPRESSION:
        raise Unknown("a very long expression")
    tokens: list[tuple[str, str]] = []
    at = 0
    while text[at:].strip():
        match = _TOKEN.match(text, at)
        if match is None:
            raise Unknown(text.strip()[:100])
        tokens.append((str(match.lastgroup), match[str(match.lastgroup)]))
        at = match.end()
    return _Reading(tokens, scope, text.strip()[:100])


@dataclass(slots=True)
class _Reading:
    """One expression, read from left to right by descent; `outside` once it met a value from outside."""

    tokens: list[tuple[str, str]]
    scope: Scope
    text: str
    at: int = 0
    depth: int = 0
    outside: bool = field(default=False)

    def whole(self) -> Plain:
        found = self._either()
        if self.at < len(self.tokens):
            raise Unknown(self.text)
        return found

    def _either(self) -> Plain:
        self.depth += 1
        if self.depth > _MAX_DEPTH:
            raise Unknown(self.text)
        found = self._both()
        while self._took("||"):
            other = self._both()
            found = found if truth(found) else other
        self.depth -= 1
        return found

    def _both(self) -> Plain:
        found = self._compared()
        while self._took("&&"):
            other = self._compared()
            found = other if truth(found) else found
        return found

    def _compared(self) -> Plain:
        found = self._single()
        for sign, holds in _COMPARE.items():
            if self._took(sign):
                return holds(found, self._single())
        return found

    def _single(self) -> Plain:
        negated = 0
        while self._took("!"):
            negated += 1
        found = self._value()
        return found if not negated else truth(found) == (negated % 2 == 0)

    def _value(self) -> Plain:
        kind, text = self._next()
        if kind == "text":
            return text[1:-1].replace("''", "'")
        if kind == "number":
            return int(text, 16) if "0x" in text else float(text) if "." in text else int(text)
        if text == "(":
            found = self._either()
            self._must(")")
            return found
        if kind != "name":
            raise Unknown(self.text)
        if text in _WORDS:
            return _WORDS[text]
        return self._call(text.lower()) if self._took("(") else self._reference(text)

    def _call(self, name: str) -> Plain:
        arguments: list[Plain] = []
        if not self._took(")"):
            arguments.append(self._either())
            while self._took(","):
                arguments.append(self._either())
            self._must(")")
        if name not in _FUNCTIONS:
            raise Unknown(self.text)
        try:
            found = _FUNCTIONS[name](*arguments)
        except (TypeError, ValueError, IndexError, RecursionError):
            raise Unknown(self.text) from None
        if isinstance(found, str) and len(found) > _MAX_TEXT:
            raise Unknown(self.text)
        return found

    def _reference(self, name: str) -> Plain:
        path = [name.lower()]
        while True:
            if self._took("."):
                path.append(self._next()[1])
            elif self._took("["):
                path.append(shown(self._either()))
                self._must("]")
            else:
                return self._looked_up(path)

    def _looked_up(self, path: list[str]) -> Plain:
        found: Plain = self.scope.contexts
        for number, part in enumerate(path):
            if not isinstance(found, Mapping) or part not in found:
                if number and path[0] in self.scope.complete:
                    return None
                raise Unknown(".".join(path)[:100])
            found = found[part]
        self.outside = self.outside or ".".join(path) in self.scope.outside
        return found

    def _next(self) -> tuple[str, str]:
        if self.at >= len(self.tokens):
            raise Unknown(self.text)
        self.at += 1
        return self.tokens[self.at - 1]

    def _took(self, sign: str) -> bool:
        here = self.at < len(self.tokens) and self.tokens[self.at] == ("sign", sign)
        self.at += here
        return here

    def _must(self, sign: str) -> None:
        if not self._took(sign):
            raise Unknown(self.text)


_WORDS: Mapping[str, Plain] = {"true": True, "false": False, "null": None}


def truth(value: Plain) -> bool:
    """Say what a value counts as in a condition."""
    return not (value is None or value is False or value == "" or value == 0)


def _number(value: Plain) -> float:
    if value is None or value == "":
        return 0.0
    if isinstance(value, bool | int | float):
        # JSON may hold whole numbers of any size.
        return float(value) if abs(value) < _HUGE else math.inf
    try:
        return float(value) if isinstance(value, str) else math.nan
    except ValueError:
        return math.nan


def _equal(one: Plain, other: Plain) -> bool:
    if isinstance(one, str) and isinstance(other, str):
        return one.lower() == other.lower()
    return one is other if isinstance(one, Mapping | list | tuple) else _number(one) == _number(other)


_COMPARE: Mapping[str, Callable[[Plain, Plain], bool]] = {
    "==": _equal,
    "!=": lambda one, other: not _equal(one, other),
    "<=": lambda one, other: _number(one) <= _number(other),
    ">=": lambda one, other: _number(one) >= _number(other),
    "<": lambda one, other: _number(one) < _number(other),
    ">": lambda one, other: _number(one) > _number(other),
}


def _contains(where: Plain, what: Plain) -> bool:
    if isinstance(where, Sequence) and not isinstance(where, str):
        return any(_equal(one, what) for one in where)
    return shown(what).lower() in shown(where).lower()


def _format(template: Plain, *values: Plain) -> str:
    def put(match: re.Match[str]) -> str:
        return match[0][0] if match[1] is None else shown(values[int(match[1])])

    return re.sub(r"\{\{|\}\}|\{(\d{1,3})\}", put, shown(template))


def _join(values: Plain, by: Plain = ",") -> str:
    listed = values if isinstance(values, list | tuple) else (values,)
    return shown(by).join(shown(one) for one in listed)


_FUNCTIONS: Mapping[str, Callable[..., Plain]] = {
    "contains": _contains,
    "startswith": lambda text, start: shown(text).lower().startswith(shown(start).lower()),
    "endswith": lambda text, end: shown(text).lower().endswith(shown(end).lower()),
    "format": _format,
    "join": _join,
    "tojson": lambda value: json.dumps(value, indent=2),
    "fromjson": lambda text: json.loads(shown(text)),
}
