"""Gives live functions the code of an edited source, where that is the same as importing it anew."""

import __future__

import io
import re
import tokenize
from types import CodeType

OPTIMIZED = 0x1
# Flags below 0x100 name what every function now has, such as nested scopes.
FUTURE_FLAGS = 0
for _name in __future__.all_feature_names:
    FUTURE_FLAGS |= getattr(__future__, _name).compiler_flag & ~0xFF


class NotSwappable(Exception):
    """The edit needs more than new code for live functions; the text says why."""


def statements(tree):
    """Return the (first line, last line) of every top-level statement, decorators included."""
    spans = []
    for node in tree.body:
        decorators = getattr(node, "decorator_list", None) or [node]
        spans.append((min(decorators[0].lineno, node.lineno), node.end_lineno))
    return spans


class Module:
    """The unchanged source of one file and the code that each of its statements compiles to."""

    def __init__(self, filename, content, flags, parse):
        self._filename = filename
        self._content = content
        self._flags = flags
        self._encoding = tokenize.detect_encoding(io.BytesIO(content).readline)[0]
        self._starts = [0] + [found.end() for found in re.finditer(rb"\r\n|\r|\n", content)]
        self._spans = statements(parse(self._decoded(0, len(content))))
        self._compiled = {}

    def unchanged(self, splices):
        """Return the code of the statements that the splices touch, as it is now."""
        lines = self._touched(splices)
        if lines not in self._compiled:
            self._compiled[lines] = self._compile(lines, ())
        return self._compiled[lines]

    def edited(self, splices):
        """Return the code of the same statements with the splices applied; raises SyntaxError."""
        return self._compile(self._touched(splices), splices)

    def _touched(self, splices):
        first = self._line(min(start for start, _, _ in splices))
        last = self._line(max(end for _, end, _ in splices))
        inside = [span for span in self._spans if span[1] >= first and span[0] <= last]
        whole = (1, len(self._starts))
        if not inside or inside[0][0] > first or inside[-1][1] < last:
            return whole
        return (inside[0][0], inside[-1][1])

    def _line(self, offset):
        low, high = 0, len(self._starts)
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (middle, high) if self._starts[middle] <= offset else (low, middle)
        return low + 1

    def _compile(self, lines, splices):
        start = self._starts[lines[0] - 1]
        end = self._starts[lines[1]] if lines[1] < len(self._starts) else len(self._content)
        text = self._decoded(start, end, splices)
        # Blank lines keep the line numbers, which is how live functions are recognized.
        return compile("\n" * (lines[0] - 1) + text, self._filename, "exec", self._flags, dont_inherit=True)

    def _decoded(self, start, end, splices=()):
        content = self._content[start:end]
        for first, last, new in sorted(splices, reverse=True):
            content = content[: first - start] + new.encode("latin-1") + content[last - start :]
        return content.decode(self._encoding)


def own(code):
    """Return what a code object does by itself: equal values behave equally, wherever they stand."""
    return (
        code.co_name,
        code.co_argcount,
        code.co_posonlyargcount,
        code.co_kwonlyargcount,
        code.co_flags,
        code.co_code,
        code.co_names,
        code.co_varnames,
        code.co_freevars,
        code.co_cellvars,
        getattr(code, "co_exceptiontable", b""),
        tuple(map(_constant, code.co_consts)),
    )


def whole(code):
    """Return what a code object does together with the code nested in it."""
    return own(code), tuple(whole(inner) for inner in nested(code))


def nested(code):
    """Return the code objects among the constants, in order."""
    return [constant for constant in code.co_consts if isinstance(constant, CodeType)]


def _constant(value):
    if isinstance(value, CodeType):
        return "code", value.co_name
    if isinstance(value, tuple):
        return "tuple", tuple(map(_constant, value))
    if isinstance(value, frozenset):
        return "frozenset", tuple(sorted(map(repr, map(_constant, value))))
    return type(value).__name__, repr(value)


def differences(old, new, inside=False):
    """Yield (old, new, outermost, own code differs) for functions that differ; raises NotSwappable."""
    changed = own(old) != own(new)
    function = bool(old.co_flags & OPTIMIZED)
    if changed and not function and not inside:
        where = "module" if old.co_name == "<module>" else "class"
        raise NotSwappable("code at %s level changed" % where)
    if whole(old) == whole(new):
        return
    if function:
        yield old, new, not inside, changed
    for before, after in _paired(nested(old), nested(new)):
        for difference in differences(before, after, inside or function):
            yield difference


def _paired(old, new):
    """Pair nested code by name and place among its namesakes; what has no partner is left out."""
    places = {}
    for code in new:
        places.setdefault(code.co_name, []).append(code)
    for code in old:
        partners = places.get(code.co_name)
        if partners:
            yield code, partners.pop(0)
