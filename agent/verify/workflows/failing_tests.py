"""Which tests a printed log says failed: pytest (also under tox, nox and xdist) and unittest."""

import re
from collections.abc import Iterable, Iterator

MOST = 2000
_LONGEST = 2000
_WORDS = ("FAILED ", "ERROR ", "SUBFAILED")
# What docker compose and parallel runners put before a line; xdist says who ran it and how far all are.
_BEFORE = re.compile(r"(?:[\w.@-]{1,60} {0,4}[:|] {1,4})?(?:\[gw\d{1,4}\] \[ *\d{1,3}%\] )?")
_PERCENT = re.compile(r" *\[ *\d{1,3}%\]$")
_SUBTEST = re.compile(r" ?(?:\[[^\]]{0,200}\] |\([^)]{0,200}\) )| ")
_COLLECTING = re.compile(r"_{2,60} ERROR collecting (\S{1,500}\.py) _{2,60}")
_UNITTEST = re.compile(r"(?:FAIL|ERROR): (?P<method>[\w.]{1,300}) \((?P<where>[\w.]{1,600})\)(?: .*)?")
_LOADER = "unittest.loader._FailedTest"
_AS_A_WHOLE = ("setUpClass", "tearDownClass", "setUpModule", "tearDownModule")


def failing_tests(lines: Iterable[str]) -> tuple[str, ...]:
    """Return the tests that lines of a log name as failed, each once, at most MOST.

    pytest's as node ids, unittest's as dotted names.
    """
    found: dict[str, None] = {}
    for line in lines:
        if len(line) <= _LONGEST and ("FAIL" in line or "ERROR" in line):
            name = _of_pytest(line.rstrip()) or _of_unittest(line.rstrip())
            if name:
                found[name] = None
        if len(found) >= MOST:
            break
    return tuple(found)


def _of_pytest(line: str) -> str:
    before = _BEFORE.match(line)
    text = line[before.end() :] if before else line
    for word in _WORDS:
        if text.startswith(word):
            rest = text[len(word) :]
            subtest = _SUBTEST.match(rest) if word == "SUBFAILED" else None
            return _node_id(rest[subtest.end() :] if subtest else rest)
    percent = _PERCENT.search(text, max(0, len(text) - 20))
    told = text[: percent.start()].rstrip() if percent else text
    for word in (" FAILED", " ERROR"):
        if told.endswith(word) and "::" in told:
            return _node_id(told[: -len(word)])
    collecting = _COLLECTING.fullmatch(text)
    return collecting[1] if collecting else ""


def _node_id(text: str) -> str:
    """Return the node id that a text begins with, "" when there is none."""
    path, colons, rest = text.partition("::")
    if not colons or not path.endswith(".py"):
        path = text.partition(" - ")[0].strip()
        return path if path.endswith(".py") and not any(c in path for c in " :") else ""
    name, bracket, parameters = rest.partition("[")
    if " " in path or (not bracket and not name):
        return ""
    if not bracket or " " in name:
        return f"{path}::{name.partition(' ')[0]}"
    end = parameters.find("] - ")
    shown = parameters[:end] if end >= 0 else parameters.rpartition("]")[0]
    return f"{path}::{name}[{shown}]"


def _of_unittest(text: str) -> str:
    match = _UNITTEST.fullmatch(text)
    if match is None:
        return ""
    method, where = match["method"], match["where"]
    if where.startswith(_LOADER):
        return where[len(_LOADER) :].strip(".") or method
    # Python 3.11 says the method after the class, too.
    return where if method in _AS_A_WHOLE or where.endswith(f".{method}") else f"{where}.{method}"


def dotted(name: str) -> str:
    """Return the name that a test has in every runner: dotted, without parameters."""
    path, _, rest = name.replace("\\", "/").partition("::")
    rest = rest.partition("[")[0]
    module = path.removesuffix(".py")
    parts = [part for part in module.split("/") if part not in ("", ".", "..")]
    return ".".join([*parts, *(part for part in rest.split("::") if part)]).removeprefix("__main__.")


def named_again(names: Iterable[str], others: Iterable[str]) -> tuple[str, ...]:
    """Return those names that may be of the same test as one of the others, seen from another folder."""
    known = {dotted(other) for other in others} - {""}
    ends = {end for other in known for end in _ends(other)}
    return tuple(
        name
        for name in names
        if (own := dotted(name)) in ends or any(end in known for end in _ends(own) if own)
    )


def _ends(name: str) -> Iterator[str]:
    """Yield a dotted name with ever more of its beginning gone."""
    while name:
        yield name
        name = name.partition(".")[2]
