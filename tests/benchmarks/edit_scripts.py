"""Cases of a TypeScript test file: the files it writes, the patch it gives, what it expects."""

import ast
import re
import tempfile
from dataclasses import dataclass
from pathlib import Path

from agent.protocol.model import EditFormat
from tests.benchmarks.edit_peers import Outcome, Refused, apply_text

_CASE = re.compile(r'^\tit\("([^"]+)"', re.MULTILINE)
_STRING = r"\"(?:[^\"\\]|\\.)*\"|'(?:[^'\\]|\\.)*'"
_VALUE = rf'(?:\[(?:\s*(?:{_STRING}),?)*\s*\]\.join\("\\n"\)|{_STRING}|original)'


@dataclass(frozen=True, slots=True)
class Script:
    """One test: `expected` is the whole text or a part of it; None where it must be refused."""

    name: str
    file: str
    before: str | None
    text: str
    expected: str | None
    is_part: bool


def read_scripts(source: str) -> list[Script]:
    """Return the cases of a file, in order; raises ValueError for one that is written otherwise."""
    starts = [*_CASE.finditer(source)]
    ends = [*(found.start() for found in starts[1:]), len(source)]
    return [_script(found[1], source[found.start() : end]) for found, end in zip(starts, ends, strict=True)]


def run_script(script: Script) -> tuple[Outcome, str]:
    """Make the edits of a case in an empty directory and compare."""
    with tempfile.TemporaryDirectory() as directory:
        file = Path(directory, script.file)
        if script.before is not None:
            file.write_bytes(script.before.encode())
        try:
            apply_text(EditFormat.V4A, script.text, Path(directory), bare_new_files=True)
        except Refused as refusal:
            return (Outcome.SAME if script.expected is None else Outcome.REFUSED), str(refusal.said)
        after = file.read_bytes().decode() if file.exists() else None
    if script.expected is None or after is None:
        return Outcome.WRONG, f"applied: {after!r}"
    is_same = script.expected in after if script.is_part else script.expected == after
    return (Outcome.SAME if is_same else Outcome.WRONG), f"{after!r} is not {script.expected!r}"


def _script(name: str, body: str) -> Script:
    original = re.search(rf"const original = ({_VALUE})", body)
    known = _value(original[1], "") if original else ""
    written = re.search(rf"writeFile\(\s*filePath,\s*({_VALUE})", body)
    text = re.search(rf"input:\s*({_VALUE})", body)
    exact = re.search(rf"resolves\.toBe\(\s*({_VALUE})", body)
    part = re.search(rf"resolves\.toContain\(\s*({_VALUE})", body)
    file = re.search(r'path\.join\(tempDir, "([^"]+)"\)', body)
    if text is None or not (exact or part or "rejects.toThrow" in body):
        raise ValueError(f"the test {name!r} is not of the form that is read here")
    expected = None if "rejects.toThrow" in body else exact or part
    return Script(
        name,
        file[1] if file else "note.txt",
        _value(written[1], known) if written else None,
        _value(text[1], known),
        _value(expected[1], known) if expected else None,
        is_part=exact is None,
    )


def _value(expression: str, original: str) -> str:
    """Return the string that a TypeScript literal, or a joined list of them, stands for."""
    if expression == "original":
        return original
    strings = re.findall(_STRING, expression.removesuffix('.join("\\n")'))
    return "\n".join(ast.literal_eval(string) for string in strings)
