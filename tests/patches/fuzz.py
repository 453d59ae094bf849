"""Feed broken edits to a parser and to the files they are for; nothing may surprise or get out."""

import posixpath
import random
from collections import Counter

from agent.patches.formats import read_edits
from agent.patches.paths import is_git_alias
from agent.patches.refusal import Refusal
from agent.patches.resolve import resolve
from agent.protocol.errors import PatchRefused
from agent.protocol.model import EditFormat
from tests.patches.applying import files_after, python_spans
from tests.patches.mutations import mutated, valid_edits

INSIDE = "/tree/of/the/repository"


def fuzz(case: tuple[EditFormat, int, int]) -> Counter[str]:
    """Try (format, seed, count) inputs; return how many were unreadable, refused and applied."""
    format, seed, count = case
    rng = random.Random(f"{format.value} {seed}")
    cases = valid_edits(format)
    seen: Counter[str] = Counter()
    for _ in range(count):
        before, text = rng.choice(cases)
        seen[_tried(format, before, mutated(rng, text))] += 1
    return seen


def _tried(format: EditFormat, before: dict[str, bytes], text: str) -> str:
    try:
        intents = read_edits(format, text)
    except PatchRefused:
        return "unreadable"
    edits = resolve(intents, before.get, python_spans)
    if isinstance(edits, Refusal):
        assert edits.text and edits.misses and all(miss.message for miss in edits.misses)
        return "refused"
    # Raises when a splice does not fit or two overlap.
    files_after(before, edits)
    for edit in edits:
        _check_inside(edit.path)
    return "applied"


def _check_inside(path: str) -> None:
    """Fail when a path is outside of the tree or within git's own directory, however it is joined."""
    joined = posixpath.normpath(posixpath.join(INSIDE, path))
    assert joined == f"{INSIDE}/{path}", path
    assert not any(is_git_alias(part) for part in path.split("/")), path
    assert "\\" not in path and "\0" not in path, path
