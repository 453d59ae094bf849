"""Names of tox environments that settings write in short: braces, factors, and what a Python stands for."""

import configparser
import re
from collections.abc import Iterator

_BRACES = re.compile(r"\{([^{}]{0,300})\}")
_RANGE = re.compile(r"(\d{1,3})-(\d{1,3})")
_MOST = 300


def expanded(text: str) -> tuple[str, ...]:
    """Return the names that a list with braces stands for, at most _MOST."""
    found: list[str] = []
    for part in _parts(text):
        found += _one(part, _MOST - len(found))
        if len(found) >= _MOST:
            break
    return tuple(dict.fromkeys(name for name in found if name))


def _parts(text: str) -> Iterator[str]:
    """Yield what commas and line ends outside of braces divide."""
    depth, begin = 0, 0
    for at, character in enumerate(text):
        depth += {"{": 1, "}": -1}.get(character, 0)
        if character in ",\n" and depth <= 0:
            yield text[begin:at].strip()
            begin = at + 1
    yield text[begin:].strip()


def _one(name: str, most: int) -> list[str]:
    waiting: list[str] = [name]
    done: list[str] = []
    while waiting and len(done) + len(waiting) <= max(most, 1):
        text = waiting.pop(0)
        match = _BRACES.search(text)
        if match is None:
            done.append(text)
        else:
            waiting += [text[: match.start()] + one + text[match.end() :] for one in _choices(match[1])]
    return done


def _choices(inside: str) -> list[str]:
    found: list[str] = []
    for part in inside.split(","):
        ends = _RANGE.fullmatch(part.strip())
        found += [str(n) for n in range(int(ends[1]), int(ends[2]) + 1)][:_MOST] if ends else [part.strip()]
    return found


def section_of(parser: configparser.ConfigParser, name: str) -> str:
    """Return the section of an environment, "" when it has none of its own."""
    own = f"testenv:{name}"
    if parser.has_section(own):
        return own
    for section in parser.sections()[:_MOST]:
        if section.startswith("testenv:") and "{" in section and name in expanded(section[len("testenv:") :]):
            return section
    return ""


def with_factors(parser: configparser.ConfigParser, factors: tuple[str, ...]) -> tuple[str, ...]:
    """Return the listed environments that have all of some factors."""
    listed = parser.get("tox", "env_list", fallback="") or parser.get("tox", "envlist", fallback="")
    return tuple(name for name in expanded(listed) if set(factors) <= {*name.split("-"), name})


def for_python(parser: configparser.ConfigParser, python: str) -> tuple[str, ...]:
    """Return the environments that the plugins tox-gh and tox-gh-actions run with a version of Python."""
    for section in ("gh", "gh-actions"):
        for line in parser.get(section, "python", fallback="").splitlines():
            version, sign, names = line.partition("=") if "=" in line else line.partition(":")
            if sign and version.strip() == python:
                return expanded(names)
    return ()
