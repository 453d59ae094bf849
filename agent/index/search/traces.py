"""Stack traces in a text: the frames that Python, pytest, JavaScript, Java, Go, Rust and Ruby print."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

_PYTHON = re.compile(r'File "([^"\n]{1,300})", line (\d{1,7})(?:, in ([\w<>.]+))?')
_FORMS = (
    # Java: at a.b.Class.method(File.java:12); the package is the folder
    re.compile(r"\bat (?P<function>[\w.$<>]{1,200})\((?P<path>[\w$]{1,99}\.\w{1,6}):(?P<line>\d{1,7})\)"),
    # JavaScript: at function (path:12:3)
    re.compile(r"\bat (?P<function>[\w.$<>]{1,200}) \((?P<path>[^()\s:]{1,250}\.\w{1,5}):(?P<line>\d{1,7})"),
    # Ruby, PHP: path:12:in `function'
    re.compile(
        r"(?<![\w./\-])(?P<path>[\w./\-]{1,250}\.rb):(?P<line>\d{1,7}):in [`'](?P<function>[^'\n]{1,80})'"
    ),
    # pytest: path:12: in function
    re.compile(r"(?<![\w./\-])(?P<path>[\w./\-]{1,250}\.py):(?P<line>\d{1,7}): in (?P<function>\w+)"),
    # C#: at A.B.Method(…) in path:line 12
    re.compile(
        r"\bat (?P<function>[\w.`<>]{1,200})\([^)\n]{0,200}\) in (?P<path>[^\n:]{1,200}):line (?P<line>\d+)"
    ),
    # anything else that names a place: path:12
    re.compile(r"(?<![\w/.\-])(?P<path>[\w./\-]{1,250}\.[A-Za-z]{1,4}):(?P<line>\d{1,7})\b(?P<function>)"),
)


@dataclass(frozen=True, slots=True)
class Frame:
    """One place of a trace; `path` as printed, `function` "" when the trace does not say."""

    path: str
    line: int
    function: str


def read_frames(text: str) -> tuple[Frame, ...]:
    """Return the frames of all traces in a text, the innermost call first; each place once."""
    found = [*reversed(list(_python(text))), *_others(text)]
    return tuple(dict.fromkeys(found))


def _python(text: str) -> Iterator[Frame]:
    for match in _PYTHON.finditer(text):
        yield Frame(_slashed(match[1]), int(match[2]), (match[3] or "").rpartition(".")[2])


def _others(text: str) -> Iterator[Frame]:
    seen: set[tuple[str, int]] = set()
    for form in _FORMS:
        for match in form.finditer(text):
            path, line = _slashed(match["path"]), int(match["line"])
            if (path, line) not in seen:
                seen.add((path, line))
                *parents, function = re.split(r"[.#$]|::", match["function"])
                package = parents[:-1] if path.endswith(".java") else []
                yield Frame("/".join([*package, path]), line, function)


def _slashed(path: str) -> str:
    return path.replace("\\", "/")
