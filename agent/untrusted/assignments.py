"""Secrets that are known by the name they are assigned to: `DB_PASSWORD=…`, `"api_key": "…"`."""

import math
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import PurePosixPath

from agent.untrusted.tokens import places

_SETTINGS = {".env", ".ini", ".cfg", ".conf", ".yaml", ".yml", ".properties", ".toml", ".tfvars"}
_SETTINGS_NAMES = ("env", "netrc", "npmrc", "pgpass", "credentials")
_STEMS = ("password", "passwd", "passphrase", "pwd", "secret", "token", "credential")
_KEY = "key"
_KEY_OF = re.compile(r"(?:api|access|auth|account|private|signing|shared|encryption)[_ -]?$")
_LONGEST_KEY_OF = 12
_REST = re.compile(
    r"(?:[_-]?(?i:access|key|value|base64|b64|hash)){0,3}[\"'\]]{0,2}[ \t]{0,16}(?::=|=>|[:=])[ \t]{0,16}"
    r"(?:(?P<prefix>[rbfu]?)(?P<quote>[\"'])(?P<quoted>[^\"'\n]{4,512})(?P=quote)|(?P<bare>[^\s\"'`(){}\[\],;<>]{4,512}))"
)
_LINE_START = re.compile(
    r"^[ \t]{0,64}(?:-[ \t])?(?:export[ \t]{1,4}|ENV[ \t]{1,4}|set[ \t]{1,4})?[A-Za-z0-9_.-]{0,64}$"
)
_PLACEHOLDER = re.compile(
    r"[$%<{*]|x+$|X+$|\.+$|(?i:none|null|true|false|change.?me|your|example|dummy|test|todo|secret|password|passwd|redacted)"
    r"[\w-]*$"
)
_WORDS = re.compile(r"[A-Za-z_][A-Za-z_.]*$")
_TYPICAL_OF_KEYS = 3.0
"""Bits a character: random hexadecimal has nearly 4, base64 nearly 6; words repeat their letters."""


def assigned(text: str, path: str = "") -> Iterator[tuple[int, int, str]]:
    """Yield start, end and kind of values that a name says are secret."""
    strict = is_settings(path)
    before, reached = 0, 0
    for start, end in _names(text):
        # Each kind of name goes through the text once; what is inside a value is gone with it.
        reached, before = (reached if start >= before else 0), start
        found = _REST.match(text, end) if start >= reached else None
        if found is None:
            continue
        part = "bare" if found["bare"] is not None else "quoted"
        if _is_secret(found[part], part, strict, _starts_line(text, start), found["prefix"] or ""):
            reached = found.end()
            yield (*found.span(part), "assigned")


def _names(text: str) -> Iterator[tuple[int, int]]:
    """Yield start and end of what makes a name that of a secret, whatever its case."""
    small = text.lower()
    if len(small) != len(text):
        # Some capitals are two characters when small, which would move every place after them.
        small = "".join(one.lower() if one.isascii() else "-" for one in text)
    for stem in _STEMS:
        yield from ((place, place + len(stem)) for place in places(small, stem))
    for place in places(small, _KEY):
        kind = _KEY_OF.search(small[max(0, place - _LONGEST_KEY_OF) : place])
        if kind is not None:
            yield place - len(kind.group()), place + len(_KEY)


def is_settings(path: str) -> bool:
    """Say whether a file holds settings, where a value needs no quotes."""
    name = PurePosixPath(path).name.lower()
    return bool(name) and (
        PurePosixPath(name).suffix in _SETTINGS
        or name.startswith(".env")
        or name.lstrip(".") in _SETTINGS_NAMES
    )


def _starts_line(text: str, place: int) -> str:
    """Return what stands before a name on its line when that is no more than the name's own beginning."""
    before = text[max(0, place - 160) : place].rpartition("\n")[2]
    return before if _LINE_START.match(before) else "?"


def _is_secret(value: str, part: str, strict: bool, before: str, prefix: str) -> bool:
    if _PLACEHOLDER.match(value) or (prefix == "f" and "{" in value):
        return False
    if strict:
        return not value.isdecimal() or len(value) > 5
    if part == "quoted":
        return " " not in value and looks_random(value)
    # Outside of settings a bare value is a name or an expression, unless its shape says otherwise.
    if before == "?":
        return len(value) >= 20 and looks_random(value)
    shouted = before.upper() == before and any(map(str.isalpha, before)) and not _WORDS.match(value)
    return shouted or looks_random(value)


def looks_random(value: str) -> bool:
    """Say whether a value is no word: letters and digits, of which few come twice."""
    if len(value) < 8 or _WORDS.match(value) or "(" in value:
        return False
    mixed = any(map(str.isdigit, value)) and any(map(str.isalpha, value))
    return mixed and _bits(value) >= min(_TYPICAL_OF_KEYS, 0.8 * math.log2(len(value)))


def _bits(value: str) -> float:
    counts = Counter(value).values()
    return -sum(count / len(value) * math.log2(count / len(value)) for count in counts)
