"""Cuts secrets out of a text before it gets into a prompt, a log or a post."""

import codecs
import re
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from functools import cache
from urllib.parse import quote

from agent.untrusted.assignments import assigned
from agent.untrusted.tokens import places, tokens

KNOWN, PRIVATE_KEY, ASSIGNED = "known", "private_key", "assigned"
_SHORTEST_KNOWN = 6
_SHORTEST_CODED = 10
_BEGIN = re.compile(r"-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----|PuTTY-User-Key-File-\d")
# Base64 with what a source file puts around its lines: quotes, plus signs, escaped line ends.
_BODY = re.compile(
    r"(?:(?:\\[nr]|[\s\"'+,:\\#>]){0,16}(?:[A-Z][A-Za-z-]{1,24}: [^\n]{0,120}\n|[A-Za-z0-9+/]{16,}+={0,2}))*+"
)
_END = re.compile(
    r"[^-]{0,80}-----END [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----|[^-]{0,80}Private-MAC: *[0-9a-f]{1,128}"
)

Span = tuple[int, int, str]


@dataclass(frozen=True, slots=True)
class Redacted:
    """A text with `[redacted: kind]` where secrets were, and the kinds."""

    text: str
    kinds: tuple[str, ...] = ()


def redact(text: str, known: Collection[str] = (), path: str = "") -> Redacted:
    """Cut out secrets; the number of lines stays the same.

    `known` are exact values (the key of a model), found as they are, reversed, in rot13, hexadecimal and
    base64 (also within a longer text, on one line), and in URL and JSON escapes. `path` is the file the
    text comes from: in a settings file (.env, .ini, .yaml, …) every value of a name such as `password`
    is one; elsewhere only a value that looks like one.
    """
    spans: list[Span] = []
    for find in (_known(known), _blocks, tokens, lambda found: assigned(found, path)):
        spans += find(text)
    return _cut(text, spans) if spans else Redacted(text)


def _cut(text: str, spans: list[Span]) -> Redacted:
    pieces: list[str] = []
    place, kinds = 0, set()
    # What overlaps is one cut, so that no tail of the longer one is left over.
    for start, end, kind in sorted(spans, key=lambda span: (span[0], span[2] == ASSIGNED, -span[1])):
        if end <= place:
            continue
        kinds.add(kind)
        if start >= place:
            pieces += [text[place:start], f"[redacted: {kind}]"]
        pieces.append("\n" * text.count("\n", max(start, place), end))
        place = end
    return Redacted("".join([*pieces, text[place:]]), tuple(sorted(kinds)))


def _known(values: Collection[str]) -> "Callable[[str], Iterator[Span]]":
    forms = {form for value in values if len(value) >= _SHORTEST_KNOWN for form in _forms(value)}

    def find(text: str) -> Iterator[Span]:
        for form in forms:
            yield from ((place, place + len(form), KNOWN) for place in places(text, form))

    return find


@cache
def _forms(value: str) -> tuple[str, ...]:
    data = value.encode("utf-8", "surrogatepass")
    plain = (value, quote(value), quote(value, safe=""), data.hex(), data.hex().upper())
    escaped = value.encode("unicode_escape").decode("ascii").replace('"', '\\"')
    whole = (b64encode(data).decode().rstrip("="), urlsafe_b64encode(data).decode().rstrip("="))
    if len(value) < _SHORTEST_CODED:
        return tuple(dict.fromkeys((*plain, escaped, *whole)))
    turned = (value[::-1], codecs.encode(value, "rot13"))
    return tuple(dict.fromkeys((*plain, escaped, *whole, *turned, *_within_base64(data))))


def _within_base64(data: bytes) -> Iterator[str]:
    """Yield how bytes look inside of a longer text in base64, at each place that they may begin at."""
    for before in range(3):
        coded = b64encode(bytes(before) + data).decode().rstrip("=")
        # The characters at both ends also depend on what stands around.
        first, partial = (0, 2, 3)[before], (before + len(data)) % 3 != 0
        inside = coded[first : len(coded) - partial]
        yield from (inside, inside.replace("+", "-").replace("/", "_"))


def _blocks(text: str) -> Iterator[Span]:
    yield from ((start, end, PRIVATE_KEY) for start, end in private_keys(text))


def private_keys(text: str) -> Iterator[tuple[int, int]]:
    """Yield the blocks of private keys, also those that were cut off; a mere mention is none."""
    if "PRIVATE KEY" not in text and "PuTTY" not in text:
        return
    for begin in _BEGIN.finditer(text):
        body = _BODY.match(text, begin.end())
        if body is not None and body.group():
            end = _END.match(text, body.end())
            yield begin.start(), (end or body).end()
