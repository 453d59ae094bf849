"""A shell script as commands that can be taken out or replaced one by one, without being run."""

import re
from collections.abc import Callable
from dataclasses import dataclass

_HEREDOC = re.compile(r"<<-?\s*(['\"]?)([A-Za-z_]\w*)\1")
_ASSIGNMENT = re.compile(r"[A-Za-z_]\w*=")
_KEYWORDS = re.compile(r"\s*(?:(?:then|do|else|if|elif|while|until|!|\{|\()(?=[\s(]))+\s*")
NOTHING = ":"
MAX_SCRIPT = 21_000
"""Characters that GitHub lets a script with expressions have."""
_MOST_LINES = 300
"""Of one command; what is never closed is left as it is."""


@dataclass(frozen=True, slots=True)
class Word:
    """A word of a command and where it stands there."""

    text: str
    start: int
    end: int


def replace_commands(script: str, change: Callable[[str], str | None]) -> str:
    """Return a script with each simple command given to `change`, which returns another or None to keep it.

    A command is what stands between `&&`, `||`, `;` and the ends of lines, with the pipes in it; what is
    inside quotes, substitutions and here-documents stays as it is. A script of more than MAX_SCRIPT
    characters stays as it is, too.
    """
    if len(script) > MAX_SCRIPT:
        return script
    lines: list[str] = []
    waiting = ""
    ends: list[str] = []
    for line in script.split("\n"):
        if ends:
            lines.append(line)
            ends = ends[1:] if line.strip() == ends[0] else ends
            continue
        waiting = f"{waiting}\n{line}" if waiting else line
        if _is_open(waiting):
            if waiting.count("\n") > _MOST_LINES:
                lines.append(waiting)
                waiting = ""
            continue
        ends = [match[2] for match in _HEREDOC.finditer(waiting)]
        lines.append(waiting if ends else _line(waiting, change))
        waiting = ""
    return "\n".join([*lines, waiting] if waiting else lines)


def _line(line: str, change: Callable[[str], str | None]) -> str:
    told: list[str] = []
    for piece, sign in _pieces(line):
        keyword = _KEYWORDS.match(piece)
        start = keyword.end() if keyword else len(piece) - len(piece.lstrip())
        command = piece[start:].strip()
        changed = change(command) if command and not command.startswith("#") else None
        after = piece[len(piece.rstrip()) :]
        kept = piece if changed is None else f"{piece[:start]}{changed}{after}"
        told.append(kept + sign)
    return "".join(told)


def _pieces(line: str) -> list[tuple[str, str]]:
    """Return commands with the sign that ends each."""
    found: list[tuple[str, str]] = []
    begin = at = 0
    while at < len(line):
        skipped = _skip(line, at)
        if skipped > at:
            at = skipped
            continue
        sign = next((one for one in ("&&", "||", ";;", ";") if line.startswith(one, at)), "")
        if sign:
            found.append((line[begin:at], sign))
            begin = at + len(sign)
        at += len(sign) or 1
    return [*found, (line[begin:], "")]


def _skip(text: str, at: int) -> int:
    """Return the end of what is quoted, substituted, escaped or a comment here, else `at`."""
    one = text[at]
    if one == "\\":
        return at + 2
    if one in "'`":
        return _after(text, one, at + 1)
    if one == '"':
        return _double(text, at + 1)
    if text.startswith("$(", at):
        return _parenthesis(text, at + 2)
    if one == "#" and (at == 0 or text[at - 1].isspace()):
        end = text.find("\n", at)
        return len(text) if end < 0 else end
    return at


def _after(text: str, sign: str, at: int) -> int:
    found = text.find(sign, at)
    return len(text) + 1 if found < 0 else found + 1


def _double(text: str, at: int) -> int:
    while at < len(text) and text[at] != '"':
        at += 2 if text[at] == "\\" else 1
    return at + 1


def _parenthesis(text: str, at: int) -> int:
    depth = 1
    while at < len(text):
        if text[at] in "'\"`\\":
            at = _skip(text, at)
            continue
        depth += {"(": 1, ")": -1}.get(text[at], 0)
        at += 1
        if not depth:
            return at
    return len(text) + 1


def _is_open(line: str) -> bool:
    """Say whether a line goes on on the next one."""
    at = 0
    while at < len(line):
        at = max(_skip(line, at), at + 1)
    return at > len(line) or line.rstrip(" ").endswith("\\")


def words(command: str) -> tuple[Word, ...]:
    """Return the words of a simple command without their quotes, up to a pipe."""
    found: list[Word] = []
    at = 0
    while at < len(command):
        if command[at].isspace():
            at += 1
            continue
        if command[at] == "|":
            break
        end = at
        while end < len(command) and not command[end].isspace():
            end = max(_skip(command, end), end + 1)
        found.append(Word(_bare(command[at:end]), at, min(end, len(command))))
        at = end
    return tuple(found)


def _bare(text: str) -> str:
    return re.sub(r"\\\n|\\(?=.)|['\"]", "", text)


def is_assignment(word: Word) -> bool:
    """Say whether a word sets a variable for the command after it."""
    return bool(_ASSIGNMENT.match(word.text))
